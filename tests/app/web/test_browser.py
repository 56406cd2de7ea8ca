"""What a person meets, in a real Chromium."""

from collections.abc import Iterator
from typing import Any

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.select import Select

from app.tenants.tenant import Scope
from tests.app.web.conftest import AXE, Browser, Site

TEXT = (
    "Bom dia, onde fica a estação?\nThe meeting is on Friday.\n"
    "Szeretnék egy kávét kérni, mert ma nagyon fáradt vagyok."
)
PHONE, NARROW, DESK = 360, 320, 1280


def translate(browser: Browser, text: str, target: str = "en") -> None:
    browser.open("/")
    Select(browser.find("#text-target")).select_by_value(target)
    browser.find("#text").send_keys(text)
    browser.submit("#text-form .primary")


def width(browser: Browser, pixels: int, *, scheme: str = "light") -> None:
    browser.driver.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": pixels, "height": 800, "deviceScaleFactor": 1, "mobile": pixels < DESK},
    )
    # Without motion: colours half way from one scheme to the other have no contrast to speak of.
    features = {"prefers-color-scheme": scheme, "prefers-reduced-motion": "reduce"}
    browser.driver.execute_cdp_cmd(
        "Emulation.setEmulatedMedia",
        {"features": [{"name": name, "value": value} for name, value in features.items()]},
    )


def findings(browser: Browser) -> list[str]:
    """What axe-core finds against WCAG 2.2 A and AA and its own good practice."""
    browser.driver.execute_script(AXE.read_text(encoding="utf-8"))
    found: dict[str, Any] = browser.driver.execute_async_script(
        "const done = arguments[arguments.length - 1]; axe.run(document).then(done);"
    )
    return [
        f"{each['impact']} {each['id']}: {node['html'][:120]}"
        for each in found["violations"]
        for node in each["nodes"]
    ]


@pytest.fixture
def plain(browser: Browser) -> Iterator[Browser]:
    """Without JavaScript."""
    browser.driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    yield browser
    browser.driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})


def test_a_pasted_text_comes_back_side_by_side(browser: Browser, site: Site) -> None:
    browser.sign_in(site.key())
    translate(browser, TEXT)

    assert "Portuguese" in browser.find(".facts").text
    assert "%" in browser.find(".facts").text
    sources, translations = browser.texts("td.source p[lang]"), browser.texts("td.translation")
    assert sources[0] == "Bom dia, onde fica a estação?"
    assert "station" in translations[0]
    assert [row.get_attribute("class") for row in browser.all(".pairs tbody tr")] == [
        "sure",
        "sure",
        "doubtful",
    ]
    assert "no model for its language" in translations[2]
    assert browser.find("td.source p").get_attribute("lang") == "pt"
    assert browser.find("td.translation p").get_attribute("lang") == "en"


def test_only_the_doubtful_are_shown_without_javascript(plain: Browser, site: Site) -> None:
    plain.sign_in(site.key())
    translate(plain, TEXT)
    plain.find("#show-doubtful").click()

    shown = [row.get_attribute("class") for row in plain.all(".pairs tbody tr") if row.is_displayed()]
    assert shown == ["doubtful"]


def test_a_text_is_charged_once_however_often_the_page_is_loaded_again(browser: Browser, site: Site) -> None:
    site.directory.create_tenant("reloading")
    browser.sign_in(site.key("reloading"))
    translate(browser, "Bom dia.")
    browser.driver.refresh()
    assert "0 of them charged" in browser.find(".facts").text

    browser.open("/usage")
    assert browser.texts(".tiles dd")[:2] == ["8", "1"]


def test_what_is_wrong_is_said_beside_the_text(browser: Browser, site: Site) -> None:
    browser.sign_in(site.key("north", Scope.TRANSLATE))
    browser.open("/")
    browser.driver.execute_script("document.getElementById('text').required = false")
    browser.submit("#text-form .primary")

    assert "no text yet" in browser.find("#text-fault").text
    assert browser.find("#text").get_attribute("aria-invalid") == "true"


def test_a_wrong_key(browser: Browser) -> None:
    browser.sign_in("dgm_" + "A" * 43)

    assert browser.find(".fault").text == "This is not a key of this server."
    assert browser.find("#key").get_attribute("value") == ""


def test_a_session_that_has_ended_leads_to_the_sign_in_page(browser: Browser, site: Site) -> None:
    secret = site.key()
    browser.sign_in(secret)
    browser.driver.add_cookie({"name": "dragoman_visit", "value": "s_of_another_time", "path": "/"})
    browser.open("/")

    assert "session has ended" in browser.find(".note").text
    browser.find("#key").send_keys(secret)
    browser.submit("button.primary")
    assert browser.find("h1").text == "What would you like to read?"


def test_signing_out(browser: Browser, site: Site) -> None:
    browser.sign_in(site.key())
    browser.submit(".out button")

    assert "signed out" in browser.find(".note").text
    browser.open("/usage")
    assert browser.driver.current_url.endswith("/sign-in")


def test_two_tenants_see_their_own_and_an_admin_all(browser: Browser, site: Site) -> None:
    for name in ("alder", "birch"):
        site.directory.create_tenant(name)
    browser.sign_in(site.key("alder", Scope.TRANSLATE, Scope.USAGE))
    translate(browser, "Bom dia a todos.")
    browser.submit(".out button")
    browser.sign_in(site.key("birch", Scope.TRANSLATE, Scope.USAGE))
    browser.open("/usage")
    assert browser.texts(".tiles dd")[0] == "0"
    assert "alder" not in browser.find("body").text
    browser.open("/usage?tenant=*")
    assert "does not allow" in browser.find(".fault").text
    browser.open("/usage/report?tenant=*")
    assert "does not allow" in browser.find(".fault").text

    browser.submit(".brand")
    browser.submit(".out button")
    browser.sign_in(site.key("birch"))
    browser.open("/usage?tenant=*")
    assert "alder" in browser.find("main").text


def test_the_full_report_is_styled_under_its_strict_policy(browser: Browser, site: Site) -> None:
    browser.sign_in(site.key())
    browser.open("/usage/report")

    assert browser.find("body").value_of_css_property("max-width") == "1088px"


def test_in_portuguese(browser: Browser, site: Site) -> None:
    browser.sign_in(site.key())
    browser.open("/?lang=pt")
    assert browser.find("html").get_attribute("lang") == "pt"
    translate(browser, "Szeretnék egy kávét kérni, mert ma nagyon fáradt vagyok.")

    assert "Não há nenhum modelo instalado" in browser.find(".fault").text


def test_with_the_keyboard_alone(browser: Browser, site: Site) -> None:
    browser.open("/sign-in")
    browser.find("input:focus").send_keys(site.key() + Keys.ENTER)
    browser.find("#text")
    body = browser.find("body")
    body.send_keys(Keys.TAB)
    assert browser.driver.switch_to.active_element.get_attribute("class") == "skip"
    for _ in range(30):
        focused = browser.driver.switch_to.active_element
        if focused.get_attribute("id") == "text":
            break
        assert focused.value_of_css_property("outline-style") != "none"
        focused.send_keys(Keys.TAB)
    focused.send_keys("Bom dia.")
    focused.send_keys(Keys.TAB)
    browser.driver.switch_to.active_element.send_keys(Keys.ENTER)

    assert "Good" in str(browser.find("#translation").get_attribute("value"))


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("pixels", [DESK, NARROW])
def test_every_page_is_accessible(browser: Browser, site: Site, pixels: int, scheme: str) -> None:
    """320 px is also 1,280 px at 400 %, twice what is asked for."""
    width(browser, pixels, scheme=scheme)
    browser.open("/sign-in")
    found = {"/sign-in": findings(browser)}
    browser.sign_in(site.key())
    for path in ("/", "/usage", "/assets/nothing"):
        browser.open(path)
        found[path] = findings(browser)
        assert _wide(browser) <= pixels, path
    translate(browser, TEXT)
    found["result"] = findings(browser)

    assert _wide(browser) <= pixels
    assert found == {path: [] for path in found}


def test_the_console_stays_quiet(browser: Browser, site: Site) -> None:
    """Nothing of ours goes against our own policy."""
    said(browser)
    browser.sign_in(site.key())
    translate(browser, TEXT)
    browser.open("/usage")

    assert [message for message in said(browser) if "401" not in message] == []


def said(browser: Browser) -> list[str]:
    """By the console since it was last asked."""
    log: list[dict[str, str]] = browser.driver.get_log("browser")  # type: ignore[no-untyped-call]
    return [entry["message"] for entry in log]


def _wide(browser: Browser) -> int:
    found: int = browser.driver.execute_script("return document.documentElement.scrollWidth")
    return found


def test_the_main_buttons_are_large_enough_to_touch(browser: Browser, site: Site) -> None:
    width(browser, PHONE)
    browser.sign_in(site.key())
    for button in browser.driver.find_elements(By.CSS_SELECTOR, "button, select, nav a, .brand"):
        assert button.size["height"] >= 40, button.text
