"""A person works through the queue, in a real Chromium."""

import re
from pathlib import Path

import httpx

from tests.app.serving import PATIENCE
from tests.app.web.conftest import Browser, Site
from tests.app.web.test_access import sign_in
from tests.app.web.test_browser import findings
from tests.app.web.test_documents import upload

TEXT = "Szeretnék egy kávét kérni, mert ma nagyon fáradt vagyok.\n\nA tegnapi levelet még nem olvastam el.\n"


def test_correct_and_accept_until_nothing_waits(browser: Browser, site: Site, tmp_path: Path) -> None:
    file = tmp_path / "levél.txt"
    file.write_text(TEXT, encoding="utf-8")
    site.directory.create_tenant("reviewers")
    browser.sign_in(site.key("reviewers"))
    upload(browser, file)
    browser.find(".state.succeeded")
    browser.open("/review")
    assert browser.texts("p.source") == TEXT.strip().split("\n\n")
    browser.find("summary").click()
    assert findings(browser) == []

    area = browser.find("#t1")
    area.clear()
    area.send_keys("I would like a coffee.")
    browser.submit("details button")
    assert len(browser.all("p.source")) == 1
    browser.submit("button[value=escalated]")
    assert browser.find(".note").text == "Nothing is waiting here."
    browser.submit("a[href='/review?state=escalated']")
    browser.submit("button[value=accepted]")
    assert browser.find(".note").text == "Nothing is waiting here."

    job = next(iter(site.service.runtime.reviews.memory.every("reviewers"))).place or ""
    browser.open(f"/jobs/{job.partition('.')[0]}")
    link = browser.find("a[href$='corrected=true']")
    assert link.text == "Download with corrections (1)"
    assert findings(browser) == []

    (entry,) = site.service.runtime.reviews.memory.every("reviewers")
    assert entry.target_text == "I would like a coffee."
    (row,) = site.service.runtime.reviews.agreement("reviewers")
    assert (row.accepted, row.corrected) == (1, 1)


def test_the_list_that_is_asked_for_is_shown(site: Site) -> None:
    with httpx.Client(base_url=site.url, timeout=PATIENCE, trust_env=False) as visitor:
        sign_in(visitor, site.key())
        left = visitor.get("/review", params={"state": "escalated"})
        assert re.search(r'href="/review\?state=escalated" aria-current="true"', left.text)
        unknown = visitor.get("/review", params={"state": "closed"})
        assert unknown.status_code == 422
        assert "closed" not in unknown.text
