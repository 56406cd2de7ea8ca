"""Answers have the fields of DeepL's, and no others but `dragoman`: tests/app/api/deepl/contract.json."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import jsonschema_rs
import pytest

from app.settings import Settings
from app.tenants.directory import Directory
from app.tenants.tenant import Budget
from tests.app.serving import PATIENCE, Service, serving

CONTRACT = json.loads(Path(__file__).with_name("contract.json").read_text(encoding="utf-8"))
TODAY = datetime.now(UTC).date()
HUNGARIAN = "A vonat holnap délben indul a pályaudvarról, és este érkezik meg."


def valid(answer: httpx.Response, name: str, status: int = 200) -> Any:
    """The body, which is held against the contract."""
    assert answer.status_code == status, answer.text
    assert answer.headers["X-Trace-ID"]
    body = answer.json()
    schema = {**CONTRACT, "$ref": f"#/$defs/{name}"}
    faults = [fault.message for fault in jsonschema_rs.validator_for(schema).iter_errors(body)]
    assert not faults, faults
    return body


def invalid(body: object, name: str) -> bool:
    return not jsonschema_rs.validator_for({**CONTRACT, "$ref": f"#/$defs/{name}"}).is_valid(body)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, identity_models: Path) -> Iterator[Service]:
    settings = Settings(
        data_dir=tmp_path_factory.mktemp("data"),
        model_dir=identity_models,
        preload=False,
        cache="off",
        auth="required",
        replay_window=0,
    )
    with serving(settings) as service:
        directory = Directory(service.runtime.database)
        directory.create_tenant("north")
        secret = directory.create_key("north", name="plug-in").secret
        service.client.headers["Authorization"] = f"DeepL-Auth-Key {secret}"
        yield service


def test_the_contract_refuses_what_it_should() -> None:
    assert invalid({"message": "a", "code": "b"}, "error")
    assert invalid({"character_count": 1.5, "character_limit": 2}, "usage")
    assert invalid({"document_id": "0" * 32, "status": "done"}, "document_status")


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"show_billed_characters": True, "model_type": "latency_optimized", "context": "Um cais."},
        {"text": ["Bom dia.", HUNGARIAN, "12:30"], "show_billed_characters": "1"},
        {"text": ["Bom <x>dia</x>."], "tag_handling": "xml", "ignore_tags": ["x"]},
        {"text": "<p>Bom dia.</p>", "tag_handling": "html"},
    ],
)
def test_translations(served: Service, more: dict[str, Any]) -> None:
    sent = {"text": ["Bom dia a todos."], "target_lang": "EN-GB", **more}
    body = valid(served.client.post("/v2/translate", json=sent), "translations")
    asked = bool(more.get("show_billed_characters"))
    assert all(("billed_characters" in each) == asked for each in body["translations"])


def test_what_is_asked_about(served: Service) -> None:
    valid(served.client.get("/v2/usage"), "usage")
    valid(served.client.get("/v2/languages"), "source_languages")
    valid(served.client.get("/v2/languages", params={"type": "target"}), "target_languages")


def test_documents(served: Service) -> None:
    sent = valid(
        served.client.post(
            "/v2/document", files={"file": ("a.txt", b"Bom dia.")}, data={"target_lang": "EN-GB"}
        ),
        "document",
    )
    shown = {"document_key": sent["document_key"]}
    path = f"/v2/document/{sent['document_id']}"
    valid(served.client.post(path, json=shown), "document_status")
    served.client.get(f"/v1/jobs/job_{sent['document_id'].lower()}/events", timeout=PATIENCE)
    assert valid(served.client.post(path, json=shown), "document_status")["status"] == "done"


def test_refusals(served: Service) -> None:
    client = served.client
    directory = Directory(served.runtime.database)
    directory.create_tenant("poor", budget=Budget(characters=1))
    poor = {"Authorization": f"DeepL-Auth-Key {directory.create_key('poor').secret}"}
    sent = {"text": ["Bom dia."], "target_lang": "EN-GB"}
    valid(client.post("/v2/translate", json={}), "error", 400)
    valid(
        client.post("/v2/translate", json=sent, headers={"Authorization": "DeepL-Auth-Key x"}), "error", 403
    )
    valid(client.post(f"/v2/document/{32 * '0'}", json={"document_key": "0"}), "error", 404)
    valid(client.post("/v2/translate", json=sent, headers=poor), "error", 456)
    files = {"file": ("a.txt", b"Bom dia.")}
    valid(client.post("/v2/document", files=files, data={"target_lang": "EN"}, headers=poor), "error", 456)


def test_analytics(served: Service) -> None:
    client = served.client

    def report(**query: object) -> dict[str, Any]:
        asked = {"start_date": TODAY, "end_date": TODAY + timedelta(days=1), **query}
        answer = client.get("/v2/admin/analytics", params={name: str(value) for name, value in asked.items()})
        body: dict[str, Any] = valid(answer, "analytics")["usage_report"]
        return body

    before = report()["total_usage"]
    client.post("/v2/translate", json={"text": ["Boa tarde."], "source_lang": "PT", "target_lang": "EN-GB"})
    form = {"source": "pt", "target": "en"}
    job = client.post("/v1/documents", files={"file": ("a.txt", b"Boa noite!")}, data=form).json()["id"]
    client.get(f"/v1/jobs/{job}/events", timeout=PATIENCE)
    after = report()["total_usage"]
    grown = {name: after[name] - before[name] for name in after}
    assert grown["text_translation_characters"] == grown["document_translation_characters"] == 10
    assert grown["total_characters"] == 20
    assert client.get("/v2/usage").json()["character_count"] == after["total_characters"]
    (key,) = report(group_by="key")["key_usages"]
    assert key["api_key_label"] == "plug-in"
    assert key["api_key"].startswith("dgm_")
    assert key["api_key"].endswith("****")
    assert key["usage"] == after
    (day,) = report(group_by="key_and_day")["key_and_day_usages"]
    assert (day["usage_date"], day["usage"]) == (f"{TODAY}T00:00:00Z", after)
    earlier = report(start_date=TODAY - timedelta(days=8), end_date=TODAY - timedelta(days=7))
    assert set(earlier["total_usage"].values()) == {0}


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"start_date": "2026-01-01"},
        {"start_date": "yesterday", "end_date": "2026-01-01"},
        {"start_date": "2026-02-01", "end_date": "2026-01-01"},
        {"start_date": "2026-01-01", "end_date": "2027-03-01"},
        {"start_date": "2026-01-01", "end_date": "2026-02-01", "group_by": "day"},
    ],
)
def test_analytics_refuse(served: Service, query: dict[str, str]) -> None:
    valid(served.client.get("/v2/admin/analytics", params=query), "error", 400)


def test_analytics_are_the_tenants_own(served: Service) -> None:
    directory = Directory(served.runtime.database)
    directory.create_tenant("south")
    headers = {"Authorization": f"DeepL-Auth-Key {directory.create_key('south').secret}"}
    query = {"start_date": str(TODAY), "end_date": str(TODAY), "group_by": "key"}
    body = valid(served.client.get("/v2/admin/analytics", params=query, headers=headers), "analytics")
    assert body["usage_report"]["key_usages"] == []
    assert body["usage_report"]["total_usage"]["total_characters"] == 0
