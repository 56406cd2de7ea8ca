"""GET /v1/quality, and the counts that charges leave."""

from typing import Any

import pytest

from app.tenants.directory import Directory
from app.tenants.tenant import Scope
from tests.app.conftest import Start
from tests.app.serving import Service

TEXT = "Bom dia a todos os colegas. A reunião é na sexta-feira. 12345"


@pytest.fixture
def counted(start: Start) -> Service:
    """The identity model copies, which is flagged."""
    return start(auth="required")


def key(service: Service, tenant: str, *scopes: Scope) -> dict[str, str]:
    directory = Directory(service.runtime.database)
    if tenant not in {each.name for each in directory.tenants()}:
        directory.create_tenant(tenant)
    return {"X-API-Key": directory.create_key(tenant, scopes=frozenset(scopes)).secret}


def report(service: Service, headers: dict[str, str], **query: str) -> dict[str, Any]:
    answer = service.client.get("/v1/quality", headers=headers, params=query)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


def translate(service: Service, headers: dict[str, str], **more: Any) -> None:
    body = {"text": TEXT, "target": "en", "source": "pt", **more}
    named = {**headers, "Idempotency-Key": "once"}
    assert service.client.post("/v1/translate", headers=named, json=body).status_code == 200


def test_charged_segments_are_counted_once_and_for_their_tenant(counted: Service) -> None:
    scopes = (Scope.TRANSLATE, Scope.USAGE)
    north, south = key(counted, "north", *scopes), key(counted, "south", *scopes)
    translate(counted, north)
    translate(counted, north)
    (group,) = report(counted, north)["groups"]
    assert (group["key"], group["segments"], group["verdict"]) == ("pt-en identity-pt-en", 2, "too few")
    flags = {each["flag"]: each["now"]["count"] for each in group["flags"]}
    assert flags["any_doubt"] == 2
    assert flags["source_copied"] == 2
    (pair,) = report(counted, north, group_by="pair")["groups"]
    assert pair["segments"] == 3
    assert {each["flag"]: each["now"]["count"] for each in pair["flags"]}["no_language"] == 1
    assert report(counted, south)["groups"] == []

    assert counted.client.get("/v1/quality", headers=south, params={"tenant": "north"}).status_code == 403
    operator = key(counted, "operators", Scope.ADMIN)
    assert report(counted, operator, tenant="*", group_by="tenant")["groups"][0]["key"] == "north"
    assert report(counted, operator, tenant="north", pair="pt-en")["groups"]
    metrics = counted.client.get("/metrics", headers=operator).text
    assert 'dragoman_checked_segments_total{model="identity-pt-en",pair="pt-en"} 2.0' in metrics
    assert 'dragoman_flagged_segments_total{flag="no_language",model="none",pair="none"} 1.0' in metrics


def test_documents_are_counted_too(counted: Service) -> None:
    north = key(counted, "north", Scope.DOCUMENTS, Scope.USAGE)
    sent = counted.client.post(
        "/v1/documents",
        headers=north,
        files={"file": ("a.txt", TEXT.encode())},
        data={"source": "pt", "target": "en"},
    )
    counted.client.get(f"/v1/jobs/{sent.json()['id']}/events", headers=north)
    assert report(counted, north)["groups"][0]["segments"] == 2


SLANTED = "<p>Prenderam o <b>condutor</b> do <b>camião</b>.</p><p>Saiu às 14:35 da <i>garagem</i> velha.</p>"
APPROXIMATE = (
    'dragoman_flagged_segments_total{flag="formatting_approximate",model="starter-pt-en",pair="pt-en"}'
)


def test_formatting_in_doubt_is_counted_in_markup_and_documents(service: Service) -> None:
    before = service.metric(APPROXIMATE)
    body = service.translate(SLANTED, source="pt", format="html", detail=True)
    (text,) = body["translations"]
    told = sum("formatting_approximate" in each["flags"] for each in text["segments"])
    assert told >= 1
    assert "formatting_approximate" in text["flags"]
    assert service.metric(APPROXIMATE) == before + told

    form = {"source": "pt", "target": "en"}
    sent = service.client.post("/v1/documents", files={"file": ("a.html", SLANTED.encode())}, data=form)
    service.client.get(f"/v1/jobs/{sent.json()['id']}/events")
    job = service.client.get(f"/v1/jobs/{sent.json()['id']}").json()
    assert job["flags"]["formatting_approximate"] == told
    assert service.metric(APPROXIMATE) == before + 2 * told


def test_a_sample_is_drawn_rated_and_reported(counted: Service) -> None:
    north = key(counted, "north", Scope.DOCUMENTS, Scope.USAGE, Scope.REVIEW)
    empty = counted.client.post("/v1/quality/samples", headers=north, json={"size": 5})
    assert empty.status_code == 422
    sent = counted.client.post(
        "/v1/documents",
        headers=north,
        files={"file": ("a.txt", TEXT.encode())},
        data={"source": "pt", "target": "en"},
    )
    counted.client.get(f"/v1/jobs/{sent.json()['id']}/events", headers=north)
    asked = {"size": 5, "pair": "pt-en", "seed": "2026"}
    made = counted.client.post("/v1/quality/samples", headers=north, json=asked)
    assert made.status_code == 201
    assert (made.json()["population"], made.json()["drawn"], made.json()["seed"]) == (2, 2, "2026")

    where = f"/v1/quality/samples/{made.json()['id']}"
    first, second = counted.client.get(where, headers=north).json()["segments"]
    assert {first["source"], second["source"]} == {
        "Bom dia a todos os colegas.", "A reunião é na sexta-feira.",
    }  # fmt: skip
    assert "flags" not in first
    said = {"segment": first["id"], "rating": "minor"}
    assert counted.client.post(f"{where}/ratings", headers=north, json=said).json()["rated"] == 1
    wrong = {"segment": first["id"], "rating": "excellent"}
    assert counted.client.post(f"{where}/ratings", headers=north, json=wrong).status_code == 422
    sender = key(counted, "north", Scope.DOCUMENTS)
    assert counted.client.get(where, headers=sender).status_code == 403
    south = key(counted, "south", Scope.REVIEW)
    assert counted.client.get(where, headers=south).status_code == 404
    assert counted.client.post(f"{where}/ratings", headers=south, json=said).status_code == 404
    (row,) = report(counted, north)["ratings"]
    assert (row["rated"], row["minor"], row["good_share"]["share"]) == (1, 1, 0)

    counted.client.delete(f"/v1/jobs/{sent.json()['id']}", headers=north)
    (left,) = counted.client.get("/v1/quality/samples", headers=north).json()["samples"]
    assert (left["rated"], left["waiting"], left["lost"]) == (1, 0, 1)


def test_a_page_and_what_cannot_be_asked(counted: Service) -> None:
    north = key(counted, "north", Scope.TRANSLATE, Scope.USAGE)
    translate(counted, north)
    page = counted.client.get("/v1/quality", headers=north, params={"format": "html"})
    assert page.headers["Content-Type"].startswith("text/html")
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    assert "pt-en identity-pt-en" in page.text
    assert "Too few segments or days" in page.text
    for query in ({"pair": "pt"}, {"since": "2026-02-02", "until": "2026-02-01"}, {"baseline": "0"}):
        assert counted.client.get("/v1/quality", headers=north, params=query).status_code in (400, 422)
    lacking = key(counted, "north", Scope.TRANSLATE)
    assert counted.client.get("/v1/quality", headers=lacking).status_code == 403


def test_confidence_is_counted_where_it_is_asked_for(service: Service) -> None:
    service.translate("O comboio parte às seis.", source="pt", confidence=True)
    groups = service.client.get("/v1/quality").json()["groups"]
    mine = next(each for each in groups if each["key"] == "pt-en starter-pt-en")
    assert mine["confidence"]["now"]["segments"] >= 1
    assert 0 < mine["confidence"]["now"]["mean"] <= 1
    assert sum(mine["confidence_histogram"]) == mine["confidence"]["now"]["segments"]
