"""A person rates a sample, in a real Chromium."""

from datetime import UTC, datetime

from app.quality.rating import Rating
from tests.app.quality.documents import keep
from tests.app.web.conftest import Browser, Site
from tests.app.web.test_browser import findings


def test_rate_until_nothing_waits(browser: Browser, site: Site) -> None:
    site.directory.create_tenant("raters")
    keep(site.service.runtime.database, "job_rated", 2, tenant="raters", flagged=1)
    samples = site.service.runtime.quality.samples
    samples.draw("raters", 5)
    browser.sign_in(site.key("raters"))
    browser.open("/review")
    browser.submit("a[href='/review/sample']")
    assert len(browser.all("p.source")) == 2
    assert browser.all(".flags") == []
    assert findings(browser) == []
    browser.submit("button[value=good]")
    browser.submit("button[value=major]")
    assert browser.find(".note").text.startswith("There is nothing to rate.")
    found = samples.ratings(tenant="raters", since=datetime(1970, 1, 1, tzinfo=UTC))
    assert {each.rating for each in found} == {Rating.GOOD, Rating.MAJOR}
