"""A service that wants keys, two tenants, and a real browser."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from selenium import webdriver
from selenium.common.exceptions import WebDriverException
from selenium.webdriver.chrome.service import Service as Driver
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.wait import WebDriverWait

from app.settings import Settings
from app.tenants.directory import Directory
from app.tenants.tenant import Scope
from tests.app.serving import PATIENCE, Service, serving

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
CHROMEDRIVER = shutil.which("chromedriver")


@dataclass(frozen=True, slots=True)
class Site:
    """With tenants `north` and `south`."""

    service: Service

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.service.address[1]}"

    @property
    def directory(self) -> Directory:
        return Directory(self.service.runtime.database)

    def key(self, tenant: str = "north", *scopes: Scope) -> str:
        return self.directory.create_key(tenant, scopes=frozenset(scopes or Scope)).secret


@dataclass(frozen=True, slots=True)
class Browser:
    driver: webdriver.Chrome
    site: Site

    def open(self, path: str) -> None:
        self.driver.get(self.site.url + path)

    def find(self, selector: str) -> WebElement:
        """Waits for it."""
        return WebDriverWait(self.driver, PATIENCE).until(
            lambda driver: driver.find_element(By.CSS_SELECTOR, selector)
        )

    def all(self, selector: str) -> list[WebElement]:
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def submit(self, selector: str) -> None:
        """Presses a button and waits for the page that it leads to."""
        before = self.driver.find_element(By.TAG_NAME, "html")
        self.find(selector).click()
        WebDriverWait(self.driver, PATIENCE).until(lambda _: gone(before))

    def sign_in(self, key: str) -> None:
        self.open("/sign-in")
        self.find("#key").send_keys(key)
        self.submit("button.primary")

    def texts(self, selector: str) -> list[str]:
        return [element.text for element in self.all(selector)]


def gone(element: WebElement) -> bool:
    try:
        element.is_enabled()
    except WebDriverException:
        return True
    return False


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    data = tmp_path_factory.mktemp("data")
    with serving(Settings(data_dir=data, auth="required", cache="off")) as service:
        made = Site(service)
        for name in ("north", "south"):
            made.directory.create_tenant(name)
        yield made


@pytest.fixture(scope="session")
def driver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[webdriver.Chrome]:
    if CHROMIUM is None or CHROMEDRIVER is None:
        pytest.skip("needs chromium and chromium-driver: apt-get install chromium chromium-driver")
    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    downloads = tmp_path_factory.mktemp("downloads")
    options.add_experimental_option("prefs", {"download.default_directory": str(downloads)})
    for argument in (
        "--headless=new",
        # CI runs as root in a container, where Chromium's own sandbox and /dev/shm are not to be had.
        "--no-sandbox",
        "--disable-dev-shm-usage",
        "--disable-gpu",
        "--window-size=1280,900",
        "--no-proxy-server",
        f"--user-data-dir={tmp_path_factory.mktemp('profile')}",
    ):
        options.add_argument(argument)
    started = webdriver.Chrome(options=options, service=Driver(CHROMEDRIVER))
    started.set_page_load_timeout(PATIENCE)
    yield started
    started.quit()


@pytest.fixture
def browser(driver: webdriver.Chrome, site: Site) -> Browser:
    """Nobody has signed in, nothing is left of the test before."""
    driver.execute_cdp_cmd("Network.clearBrowserCookies", {})
    driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    return Browser(driver, site)


AXE = Path(__file__).with_name("axe.min.js")
