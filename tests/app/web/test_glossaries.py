"""The choice of a glossary: on the form of a tenant that has one, with the keyboard and without JavaScript."""

import re
from collections.abc import Iterator

import httpx
import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select

from app.glossary.terms import Dictionary, Term, Terms
from tests.app.serving import PATIENCE
from tests.app.web.conftest import Browser, Site
from tests.app.web.test_access import csrf, sign_in

TERMS = Terms.made([Dictionary("pt", "en", (Term.made("carrinha", "station wagon"),))])
TEXT = "A carrinha chegou."


@pytest.fixture(scope="module")
def glossary(site: Site) -> str:
    """Of `north`."""
    return site.service.runtime.glossaries.create("north", "Veículos <b>", TERMS).id


@pytest.fixture
def north(site: Site) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=site.url, timeout=PATIENCE, trust_env=False) as client:
        sign_in(client, site.key("north"))
        yield client


def post(client: httpx.Client, glossary: str) -> httpx.Response:
    sent = {"csrf": csrf(client.get("/").text), "text": TEXT, "source": "pt", "target": "en"}
    return client.post("/", data={**sent, "glossary": glossary})


def answered(page: str) -> str:
    found = re.search(r'<textarea id="translation"[^>]*>\s*(.*?)</textarea>', page, re.DOTALL)
    assert found, page
    return found[1]


def test_a_text_without_javascript(north: httpx.Client, glossary: str) -> None:
    page = north.get("/").text
    assert page.count('name="glossary"') == 2
    assert "Veículos &lt;b&gt; (pt-en)" in page
    assert "station wagon" in answered(post(north, glossary).text)
    assert "station wagon" not in answered(post(north, "").text)


def test_a_document(site: Site, north: httpx.Client, glossary: str) -> None:
    data = {"csrf": csrf(north.get("/").text), "source": "pt", "target": "en", "glossary": glossary}
    sent = north.post("/documents", data=data, files={"file": ("a.txt", TEXT.encode())})
    assert sent.status_code == 303, sent.text
    job = sent.headers["location"].rpartition("/")[2]
    key = {"X-API-Key": site.key("north")}
    north.get(f"/v1/jobs/{job}/events", headers=key)
    assert "station wagon" in north.get(f"/jobs/{job}/result").text


def test_one_that_is_not_theirs(site: Site, north: httpx.Client, glossary: str) -> None:
    with httpx.Client(base_url=site.url, timeout=PATIENCE, trust_env=False) as south:
        sign_in(south, site.key("south"))
        assert 'name="glossary"' not in south.get("/").text
        assert post(south, glossary).status_code == 404
        data = {"csrf": csrf(south.get("/").text), "target": "en", "glossary": glossary}
        refused = south.post("/documents", data=data, files={"file": ("a.txt", TEXT.encode())})
        assert refused.status_code == 404
        assert 'id="file-fault"' in refused.text
        assert "a.txt" not in south.get("/jobs").text


def test_in_portuguese(north: httpx.Client, glossary: str) -> None:
    page = north.get("/?lang=pt").text
    assert "Glossário" in page
    assert "Sem glossário" in page


def test_with_the_keyboard(browser: Browser, site: Site, glossary: str) -> None:
    browser.sign_in(site.key("north"))
    Select(browser.find("#text-source")).select_by_value("pt")
    Select(browser.find("#text-target")).select_by_value("en")
    browser.find("#text-target").send_keys(Keys.TAB)
    chosen = browser.driver.switch_to.active_element
    assert chosen.get_attribute("id") == "text-glossary"
    chosen.send_keys(Keys.ARROW_DOWN)
    chosen.send_keys(Keys.TAB)
    browser.driver.switch_to.active_element.send_keys(TEXT)
    browser.submit("#text-form .primary")
    found = browser.find("#translation").get_attribute("value")
    assert "station wagon" in str(found)
    assert browser.driver.find_elements(By.CSS_SELECTOR, ".glossary_missed") == []
