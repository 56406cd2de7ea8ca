"""GET /v1/usage in its forms."""

import csv
import io

import pytest

from app.api.negotiation import preferred
from app.tenants.directory import Directory
from app.tenants.tenant import Scope
from tests.app.conftest import Start
from tests.app.serving import Service

OFFERED = ["application/json", "text/csv", "text/html"]


@pytest.mark.parametrize(
    ("accept", "wanted"),
    [
        (None, "application/json"),
        ("*/*", "application/json"),
        ("text/csv", "text/csv"),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "text/html"),
        ("application/json;q=0.5, text/*", "text/csv"),
        ("text/html;q=0, text/*;q=0.3", "text/csv"),
        ("text/html;q=nonsense", "application/json"),
        ("image/png", "application/json"),
    ],
)
def test_the_form_a_caller_likes_best(accept: str | None, wanted: str) -> None:
    assert preferred(accept, OFFERED) == wanted


@pytest.fixture
def used(start: Start) -> Service:
    service = start(price_per_million=20, exchange_rates="USD=0.79@2026-11-20")
    service.translate(["Bom dia, onde fica a estação?", "The van left at 14:35."], "en", source="pt")
    return service


def test_json_says_what_it_would_have_cost_elsewhere(used: Service) -> None:
    body = used.usage(group_by="month")
    assert body["statement"] == body["headline"].partition(" in measured compute")[0]
    found = {bill["vendor"]: bill for bill in body["elsewhere"]}
    assert found["amazon"]["units"] == body["totals"]["characters"] == 51
    assert (found["amazon"]["amount"], found["amazon"]["currency"]) == ("0.000765000", "USD")
    assert (found["amazon"]["converted"], found["amazon"]["rate_day"]) == ("0.000604350", "2026-11-20")
    assert found["deepl"]["converted"] is None
    assert not found["azure"]["confirmed"]
    assert [row["characters"] for row in body["rows"]] == [51]


@pytest.mark.parametrize("group_by", ["tenant", "key", "cost_centre", "job", "pair", "model", "day", "month"])
def test_rows_sum_to_the_totals_by_whatever(used: Service, group_by: str) -> None:
    body = used.usage(group_by=group_by)
    for name in ("characters", "billed_characters", "translated_characters", "segments"):
        assert sum(row[name] for row in body["rows"]) == body["totals"][name]


@pytest.mark.parametrize("query", [{"format": "csv"}, {}])
def test_csv_by_query_or_header(used: Service, query: dict[str, str]) -> None:
    accept = {} if query else {"Accept": "text/csv"}
    answer = used.client.get("/v1/usage", params={**query, "group_by": "pair"}, headers=accept)
    assert answer.headers["content-type"].startswith("text/csv")
    assert "usage.csv" in answer.headers["content-disposition"]
    head, *rows = list(csv.reader(io.StringIO(answer.text)))
    assert head[0] == "pair"
    assert [row[0] for row in rows] == ["pt-en"]


def test_html_by_query_or_header_runs_nothing(used: Service) -> None:
    for params, headers in (({"format": "html"}, {}), ({}, {"Accept": "text/html,*/*;q=0.8"})):
        answer = used.client.get("/v1/usage", params=params, headers=headers)
        assert answer.headers["content-type"].startswith("text/html")
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert answer.headers["vary"] == "Accept"
        assert "By language pair" in answer.text
        assert "By cost centre" not in answer.text


def test_one_grouping_makes_a_page_of_it(used: Service) -> None:
    text = used.client.get("/v1/usage", params={"format": "html", "group_by": "model"}).text
    assert "By model" in text
    assert "By language pair" not in text


def test_an_unknown_form_is_refused(used: Service) -> None:
    assert used.client.get("/v1/usage", params={"format": "xml"}).status_code == 422


@pytest.fixture
def shared(start: Start) -> tuple[Service, dict[str, str]]:
    """With two tenants that both translated, and a key each; `boss` is an admin of the first."""
    service = start(auth="required")
    directory = Directory(service.runtime.database)
    keys = {}
    for name in ("north", "south"):
        directory.create_tenant(name)
        keys[name] = directory.create_key(name, scopes=frozenset({Scope.TRANSLATE, Scope.USAGE})).secret
        for path in ("/v1/translate", "/v1/estimate"):
            body = {"text": f"Bom dia de {name}.", "source": "pt", "target": "en"}
            answer = service.client.post(path, json=body, headers={"X-API-Key": keys[name]})
            assert answer.status_code == 200
    keys["boss"] = directory.create_key("north", scopes=frozenset({Scope.ADMIN})).secret
    return service, keys


def test_no_form_shows_another_tenant(shared: tuple[Service, dict[str, str]]) -> None:
    service, keys = shared
    for form in ("json", "csv", "html"):
        query = {"format": form, "group_by": "tenant"}
        mine = service.client.get("/v1/usage", params=query, headers={"X-API-Key": keys["south"]})
        assert mine.status_code == 200
        assert "south" in mine.text
        assert "north" not in mine.text
        everyones = {**query, "tenant": "*"}
        refused = service.client.get("/v1/usage", params=everyones, headers={"X-API-Key": keys["south"]})
        assert refused.status_code == 403
        found = service.client.get("/v1/usage", params=everyones, headers={"X-API-Key": keys["boss"]})
        assert "south" in found.text
        assert "north" in found.text


def test_an_estimate_needs_a_key_that_may_translate(shared: tuple[Service, dict[str, str]]) -> None:
    service, keys = shared
    refused = service.client.post(
        "/v1/estimate", json={"text": "x", "target": "en"}, headers={"X-API-Key": keys["boss"]}
    )
    assert refused.status_code == 403
