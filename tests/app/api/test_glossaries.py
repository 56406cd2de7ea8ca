"""/v1/glossaries, and translations that name one."""

import json
import re
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from app.ledger.tables import entries
from app.tenants.directory import Directory
from app.tenants.tenant import Scope
from tests.app.api.test_documents import over, send
from tests.app.conftest import Start
from tests.app.serving import Service

VAN = {"source": "en", "target": "pt", "terms": [{"source": "van", "target": "carrinha"}]}


def create(service: Service, *dictionaries: dict[str, Any], **more: Any) -> dict[str, Any]:
    body = {"name": "Statements", "dictionaries": dictionaries or [VAN], **more}
    answer = service.client.post("/v1/glossaries", json=body)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


def translate(service: Service, glossary: str, text: str = "The van left.", **more: Any) -> httpx.Response:
    body = {"text": text, "target": "pt", "source": "en", "glossary": glossary, **more}
    return service.client.post("/v1/translate", json=body)


def test_from_creation_to_deletion(identity_service: Service) -> None:
    client = identity_service.client
    made = create(identity_service, protected=["ACME"], patterns=[r"REP-\d+"])
    path = f"/v1/glossaries/{made['id']}"
    assert (made["version"], made["size"], made["dictionaries"]) == (1, 3, [VAN])
    assert made["id"] in [each["id"] for each in client.get("/v1/glossaries").json()["glossaries"]]
    bus = {"source": "en", "target": "pt", "entries": "bus,autocarro\n", "format": "csv"}
    assert client.put(f"{path}/dictionaries", json=bus).json()["version"] == 2
    assert client.put(path, json={"name": "New", "dictionaries": [VAN]}).json()["version"] == 3
    assert client.get(path).json()["protected"] == []
    assert client.get(path, params={"version": 1}).json() == made
    assert [each["version"] for each in client.get(f"{path}/versions").json()["versions"]] == [3, 2, 1]
    assert client.delete(path).json()["version"] == 3
    assert client.get(path).status_code == 404
    assert translate(identity_service, made["id"]).json()["code"] == "not_found"


@pytest.mark.parametrize(
    ("format", "kind", "holds"),
    [
        ("tsv", "text/tab-separated-values", "van\tcarrinha\n"),
        ("csv", "text/csv", "van,carrinha,en,pt\n"),
        ("json", "application/json", '"target": "carrinha"'),
        ("tbx", "application/x-tbx", "<term>carrinha</term>"),
    ],
)
def test_export(identity_service: Service, format: str, kind: str, holds: str) -> None:  # noqa: A002
    made = create(identity_service)
    query = {"source": "en-GB", "target": "pt", "format": format}
    answer = identity_service.client.get(f"/v1/glossaries/{made['id']}/entries", params=query)
    assert answer.headers["content-type"].partition(";")[0] == kind
    assert holds in answer.text
    query["target"] = "fr"
    assert (
        identity_service.client.get(f"/v1/glossaries/{made['id']}/entries", params=query).status_code == 404
    )


@pytest.mark.parametrize(
    "dictionary",
    [
        {"source": "en", "target": "en", "terms": []},
        {"source": "en", "target": "pt"},
        {"source": "en", "target": "pt", "terms": [], "entries": ""},
        {
            "source": "en",
            "target": "pt",
            "terms": [{"source": "a", "target": "b"}, {"source": "a", "target": "c"}],
        },
        {"source": "en", "target": "pt", "entries": "no tab"},
    ],
)
def test_what_is_no_dictionary(identity_service: Service, dictionary: dict[str, Any]) -> None:
    body = {"name": "x", "dictionaries": [dictionary]}
    answer = identity_service.client.post("/v1/glossaries", json=body)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")


def test_the_answer_names_the_version(identity_service: Service) -> None:
    made = create(identity_service)
    body = translate(identity_service, made["id"]).json()
    assert body["glossary"] == {"id": made["id"], "name": "Statements", "version": 1}
    assert body["translations"][0]["text"] == "The carrinha left."


def test_the_ledger_records_glossary_and_version(identity_service: Service) -> None:
    made = create(identity_service)
    van = {**VAN, "terms": [{"source": "van", "target": "furgão"}]}
    identity_service.client.put(f"/v1/glossaries/{made['id']}/dictionaries", json=van)
    named = translate(identity_service, made["id"]).json()["id"]
    sent = [
        identity_service.translate("The van left.", "pt", source="en", **more)["id"]
        for more in (
            {"glossary": {"van": "carro", "bus": "autocarro"}},
            {"glossary": {"bus": "autocarro", "van": "carro"}},
            {"glossary": {"van": "carroça"}},
            {"protect": {"names": ["ACME"]}},
            {},
        )
    ]
    job = over(
        identity_service,
        send(identity_service, b"The van left.\n", "a.txt", target="pt", source="en", glossary=made["id"]),
    )
    with identity_service.runtime.database.read() as connection:
        rows = {row.id: row for row in connection.execute(select(entries))}
        (chunk,) = [row for row in rows.values() if row.job == job["id"]]
    assert [(row.glossary, row.glossary_version) for row in (rows[named], chunk)] == [(made["id"], 2)] * 2
    terms, same, other, *none = ((rows[name].glossary, rows[name].glossary_version) for name in sent)
    assert terms == same != other
    assert re.fullmatch("sha256:[0-9a-f]{64}", str(terms[0]))
    assert {terms[1], other[1]} == {None}
    assert set(none) == {(None, None)}


def test_requests_with_other_terms_share_no_answer(start: Start) -> None:
    """Blind repeats are answered from memory; a glossary that changed in between makes another request of it."""
    running = start(replay_window=300, cache="tenant")
    one, two = create(running), create(running)
    path = f"/v1/glossaries/{one['id']}/dictionaries"
    first, again = translate(running, one["id"]), translate(running, one["id"])
    assert again.headers["Idempotency-Replayed"] == "true"
    assert again.content == first.content
    other = translate(running, two["id"])
    assert "Idempotency-Replayed" not in other.headers
    running.client.put(path, json={**VAN, "terms": [{"source": "van", "target": "furgão"}]})
    changed = translate(running, one["id"])
    assert "Idempotency-Replayed" not in changed.headers
    assert changed.json()["translations"][0]["text"] == "The furgão left."
    assert changed.json()["glossary"]["version"] == 2
    plain = running.translate("The van left.", "pt", source="en")["translations"][0]["text"]
    assert plain == "The van left."
    inline = running.translate("The van left.", "pt", source="en", glossary={"van": "carroça"})
    assert inline["translations"][0]["text"] == "The carroça left."


def test_a_glossary_and_protected_text_together(identity_service: Service) -> None:
    made = create(identity_service)
    answer = translate(
        identity_service, made["id"], "The van of ACME.", protect={"names": ["ACME"]}, detail=True
    )
    (segment,) = answer.json()["translations"][0]["segments"]
    assert [(term["wanted"], term["applied"]) for term in segment["terms"]] == [
        ("carrinha", True),
        ("ACME", True),
    ]


def test_documents_keep_the_version_they_were_handed_in_with(identity_service: Service) -> None:
    made = create(identity_service)
    sent = send(identity_service, b"The van left.\n", "a.txt", target="pt", source="en", glossary=made["id"])
    assert sent.json()["glossary"] == {"id": made["id"], "name": "Statements", "version": 1}
    identity_service.client.delete(f"/v1/glossaries/{made['id']}")
    job = over(identity_service, sent)
    result = identity_service.client.get(f"/v1/jobs/{job['id']}/result")
    assert result.text == "The carrinha left.\n"
    assert job["glossary"]["version"] == 1


def test_documents_with_terms_of_their_own(identity_service: Service) -> None:
    more = {"glossary": json.dumps({"van": "carroça"}), "protect": json.dumps({"names": ["ACME"]})}
    sent = send(identity_service, b"The van of ACME left.\n", "a.txt", target="pt", source="en", **more)
    job = over(identity_service, sent)
    assert identity_service.client.get(f"/v1/jobs/{job['id']}/result").text == "The carroça of ACME left.\n"
    for wrong in ({"glossary": "{"}, {"glossary": '{"a": 1}'}, {"protect": "[]"}, {"protect": '{"x": 1}'}):
        assert send(identity_service, b"a", "a.txt", target="pt", **wrong).status_code == 422


def test_uploads_with_other_terms_are_other_jobs(start: Start) -> None:
    running = start(replay_window=300)
    made = create(running)
    jobs = [
        send(running, b"The van left.\n", "a.txt", target="pt", source="en", **more).json()["id"]
        for more in (
            {},
            {},
            {"glossary": made["id"]},
            {"glossary": made["id"]},
            {"glossary": '{"van": "carro"}'},
        )
    ]
    assert jobs[0] == jobs[1]
    assert jobs[2] == jobs[3]
    assert len(set(jobs)) == 3


def test_a_tenant_has_glossaries_of_its_own_and_a_key_needs_the_scope(start: Start) -> None:
    running = start(auth="required")
    directory = Directory(running.runtime.database)
    directory.create_tenant("north")
    directory.create_tenant("south")
    north = directory.create_key("north").secret
    south = directory.create_key("south").secret
    reader = directory.create_key("north", scopes=frozenset({Scope.TRANSLATE})).secret

    def ask(key: str, method: str, path: str, **more: Any) -> httpx.Response:
        return running.client.request(method, path, headers={"Authorization": f"Bearer {key}"}, **more)

    body = {"name": "Statements", "dictionaries": [VAN]}
    assert ask(reader, "POST", "/v1/glossaries", json=body).json()["code"] == "scope_missing"
    made = ask(north, "POST", "/v1/glossaries", json=body).json()
    path = f"/v1/glossaries/{made['id']}"
    wanted = {"text": "The van left.", "target": "pt", "source": "en", "glossary": made["id"]}
    assert ask(reader, "GET", path).status_code == 200
    assert ask(reader, "POST", "/v1/translate", json=wanted).status_code == 200
    assert ask(south, "GET", path).status_code == 404
    assert ask(south, "DELETE", path).status_code == 404
    assert ask(south, "POST", "/v1/translate", json=wanted).status_code == 404
    assert ask(south, "GET", "/v1/glossaries").json() == {"glossaries": []}
