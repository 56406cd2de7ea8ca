"""Who may see which page: every page is tried, as it stands in the router."""

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from fastapi.routing import APIRoute

from app.api.access import is_page, needs
from app.audit.log import listed
from app.errors import ConfigurationError
from app.settings import Settings, load_settings
from app.tenants.directory import Directory
from app.tenants.tenant import Scope
from app.web import assets, documents, home, rating, review, signing, usage
from app.web.visitor import PageNeeds
from tests.app.conftest import Start
from tests.app.serving import PATIENCE, serving
from tests.app.web.conftest import Site

PARTS = (home, documents, rating, review, signing, usage, assets)
ROUTES = [route for part in PARTS for route in part.router.routes if isinstance(route, APIRoute)]
CASES = [(method, route) for route in ROUTES for method in sorted(route.methods or ())]


def rule(route: APIRoute) -> PageNeeds:
    found = needs(route)
    assert isinstance(found, PageNeeds), route.path
    return found


def name(case: tuple[str, APIRoute]) -> str:
    return f"{case[0]} {case[1].path}"


@pytest.fixture
def visitor(site: Site) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=site.url, timeout=PATIENCE, trust_env=False) as client:
        yield client


def csrf(page: str) -> str:
    found = re.search(r'name="csrf" value="([0-9a-f]+)"', page)
    assert found is not None, page
    return found[1]


def sign_in(visitor: httpx.Client, key: str) -> None:
    answer = visitor.post("/sign-in", data={"key": key, "csrf": csrf(visitor.get("/sign-in").text)})
    assert (answer.status_code, answer.headers["location"]) == (303, "/")


def ask(visitor: httpx.Client, case: tuple[str, APIRoute], **form: str) -> httpx.Response:
    method, route = case
    path = re.sub(r"{.*?}", "nothing", route.path)
    return visitor.request(method, path, data=form if method == "POST" else None)


@pytest.mark.parametrize("case", CASES, ids=name)
def test_every_page_says_whom_it_serves(case: tuple[str, APIRoute]) -> None:
    assert isinstance(needs(case[1]), PageNeeds)
    assert is_page(case[1].path)


@pytest.mark.parametrize("case", CASES, ids=name)
def test_a_stranger_is_led_to_the_sign_in_page_or_sees_what_everybody_may(
    visitor: httpx.Client, case: tuple[str, APIRoute]
) -> None:
    answer = ask(visitor, case)

    if rule(case[1]).strangers:
        assert answer.status_code in {401, 403, 404, 415}
    else:
        assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")


@pytest.mark.parametrize("case", CASES, ids=name)
def test_a_key_without_the_scope_is_refused(
    site: Site, visitor: httpx.Client, case: tuple[str, APIRoute]
) -> None:
    scopes = rule(case[1]).scopes
    if not scopes:
        pytest.skip("any key will do")
    sign_in(visitor, site.key("north", *(frozenset(Scope) - frozenset(scopes))))

    assert ask(visitor, case).status_code == 403


@pytest.mark.parametrize("case", [case for case in CASES if case[0] == "POST"], ids=name)
@pytest.mark.parametrize("token", ["", "0" * 64, "é"])
def test_a_form_without_its_token_is_refused(
    site: Site, visitor: httpx.Client, case: tuple[str, APIRoute], token: str
) -> None:
    sign_in(visitor, site.key())

    assert ask(visitor, case, csrf=token, text="Bom dia.", target="en").status_code == 403


def test_a_form_of_another_browser_or_site_is_refused(site: Site, visitor: httpx.Client) -> None:
    with httpx.Client(base_url=site.url, timeout=PATIENCE, trust_env=False) as other:
        sign_in(other, site.key())
        stolen = csrf(other.get("/").text)
    sign_in(visitor, site.key())
    mine = csrf(visitor.get("/").text)
    sent = {"text": "Bom dia.", "target": "en"}

    assert visitor.post("/", data={**sent, "csrf": stolen}).status_code == 403
    foreign = visitor.post("/", data={**sent, "csrf": mine}, headers={"Sec-Fetch-Site": "cross-site"})
    assert foreign.status_code == 403
    assert visitor.post("/", data={**sent, "csrf": mine}).status_code == 200


def test_a_key_in_a_header_opens_no_page(site: Site, visitor: httpx.Client) -> None:
    assert visitor.get("/", headers={"Authorization": f"Bearer {site.key()}"}).status_code == 303


def test_the_cookie_is_new_with_every_sign_in_and_worthless_after_signing_out(
    site: Site, visitor: httpx.Client
) -> None:
    before = visitor.get("/sign-in").cookies["dragoman_visit"]
    sign_in(visitor, site.key())
    during = visitor.cookies["dragoman_visit"]
    assert before != during
    noted = listed(site.service.runtime.database)[0]
    assert (noted.action, noted.tenant, noted.actor[:4]) == ("session.begun", "north", "key:")
    left = visitor.post("/sign-out", data={"csrf": csrf(visitor.get("/").text)})
    assert left.headers["location"] == "/sign-in?out=1"
    assert visitor.cookies["dragoman_visit"] != during

    visitor.cookies.set("dragoman_visit", during)
    assert visitor.get("/").headers["location"] == "/sign-in?expired=1"


def test_the_cookie_is_out_of_reach(site: Site, visitor: httpx.Client) -> None:
    plain = visitor.get("/sign-in").headers["set-cookie"]
    visitor.cookies.clear()
    behind = visitor.get("/sign-in", headers={"X-Forwarded-Proto": "https"}).headers["set-cookie"]

    assert "HttpOnly" in plain
    assert "SameSite=strict" in plain
    assert "Secure" not in plain
    assert "Secure" in behind


def test_every_page_forbids_what_is_not_ours(visitor: httpx.Client) -> None:
    headers = visitor.get("/sign-in").headers

    policy = headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'")
    assert "unsafe" not in policy
    assert headers["x-frame-options"] == "DENY"
    assert headers["cache-control"] == "no-store"


def test_too_many_wrong_keys_are_answered_with_429(visitor: httpx.Client, site: Site) -> None:
    wrong = {"key": "dgm_" + "A" * 43, "csrf": csrf(visitor.get("/sign-in").text)}

    before = len(listed(site.service.runtime.database))
    answers = [visitor.post("/sign-in", data=wrong).status_code for _ in range(21)]
    site.service.runtime.authenticator._attempts.__init__()  # type: ignore[misc]

    assert answers == [401] * 20 + [429]
    noted = listed(site.service.runtime.database)
    assert len(noted) - before == 20
    assert (noted[0].action, noted[0].details) == ("session.refused", {"error": "invalid_key"})


def test_the_proxy_header_is_believed_of_the_proxy_alone(tmp_path: Path) -> None:
    named = {"X-Forwarded-Tenant": "north"}
    for proxies, status in (("127.0.0.0/8", 200), ("10.0.0.0/8", 303)):
        settings = Settings(
            data_dir=tmp_path,
            auth="required",
            preload=False,
            web_user_header="X-Forwarded-Tenant",
            web_proxies=proxies,
        )
        with serving(settings) as service:
            directory = Directory(service.runtime.database)
            if not any(each.name == "north" for each in directory.tenants()):
                directory.create_tenant("north")

            assert service.client.get("/", headers=named).status_code == status
            assert service.client.get("/").status_code == 303
            unknown = service.client.get("/", headers={"X-Forwarded-Tenant": "nobody"})
            assert unknown.status_code == (404 if status == 200 else 303)


def test_a_header_that_anybody_could_send_is_a_mistake() -> None:
    with pytest.raises(ConfigurationError, match="believed of anybody"):
        load_settings(web_user_header="X-Forwarded-Tenant")
    load_settings(web_user_header="X-Forwarded-Tenant", auth="open")


def test_the_form_can_be_left_out(start: Start) -> None:
    assert start(web=False).client.get("/").status_code == 404
