"""/v1/review and /v1/memory, from a flagged document to TMX."""

import json
import re
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from app.tenants.directory import Directory
from app.tenants.tenant import Scope
from tests.app.conftest import Start
from tests.app.serving import Service

TEXT = "Bom dia a todos os colegas.\n\nA reunião é na sexta-feira.\n"
LIKE = "Bom dia a todas as colegas.\n"
CORRECT = {"verdict": "corrected", "text": "Good <morning> & welcome.", "reason": "meaning"}


@pytest.fixture
def reviewed(start: Start) -> Service:
    """Of two tenants. The identity model copies, which is flagged."""
    return start(auth="required", cache="off")


def signed(service: Service, tenant: str) -> dict[str, str]:
    directory = Directory(service.runtime.database)
    if tenant not in {each.name for each in directory.tenants()}:
        directory.create_tenant(tenant)
    return {
        "X-API-Key": directory.create_key(tenant, scopes=frozenset({Scope.DOCUMENTS, Scope.REVIEW})).secret
    }


def queue(service: Service, key: dict[str, str], **query: str) -> list[dict[str, Any]]:
    answer = service.client.get("/v1/review", headers=key, params=query)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["segments"]
    return found


def document(service: Service, key: dict[str, str], text: str = TEXT) -> str:
    sent = service.client.post(
        "/v1/documents",
        headers=key,
        files={"file": ("a.txt", text.encode())},
        data={"source": "pt", "target": "en"},
    )
    made = str(sent.json()["id"])
    service.client.get(f"/v1/jobs/{made}/events", headers=key)
    return made


def test_from_doubt_to_memory(reviewed: Service) -> None:
    north = signed(reviewed, "north")
    job = document(reviewed, north)
    first, second = queue(reviewed, north)
    assert (first["source"], first["job"], first["document"]) == ("Bom dia a todos os colegas.", job, "a.txt")
    assert first["flags"]
    assert first["models"]

    def decide(item: dict[str, Any], **body: str) -> int:
        return reviewed.client.post(f"/v1/review/{item['id']}", headers=north, json=body).status_code

    assert decide(first, verdict="corrected") == 422
    assert decide(first, verdict="accepted", text="Good day.") == 422
    assert decide(first, **CORRECT) == 200
    assert decide(second, verdict="escalated") == 200
    assert queue(reviewed, north) == []
    assert [each["id"] for each in queue(reviewed, north, state="escalated")] == [second["id"]]
    assert decide(second, verdict="accepted") == 200
    assert queue(reviewed, north, state="escalated") == []

    rows = reviewed.client.get("/v1/review/agreement", headers=north).json()["agreement"]
    assert [(row["accepted"], row["corrected"], row["escalated"], row["agreement"]) for row in rows] == [
        (1, 1, 0, 0.5)
    ]

    again, like = document(reviewed, north, TEXT + "\n"), document(reviewed, north, LIKE)
    exact = queue(reviewed, north, job=again)[0]["matches"][0]
    assert (exact["text"], exact["score"], exact["exact"], exact["origin"]) == (
        CORRECT["text"],
        100,
        True,
        "memory",
    )
    fuzzy = queue(reviewed, north, job=like)[0]["matches"][0]
    assert fuzzy["exact"] is False
    assert 70 <= fuzzy["score"] < 100


def test_tmx_reads_back(reviewed: Service) -> None:
    north = signed(reviewed, "north")
    document(reviewed, north)
    reviewed.client.post(f"/v1/review/{queue(reviewed, north)[0]['id']}", headers=north, json=CORRECT)
    answer = reviewed.client.get("/v1/memory", headers=north, params={"format": "tmx"})
    assert answer.headers["Content-Type"].startswith("application/x-tmx+xml")
    texts = [each.text for each in ET.fromstring(answer.text).iter("seg")]  # noqa: S314  our own
    assert texts == ["Bom dia a todos os colegas.", CORRECT["text"]]


def test_one_tenant_never_sees_anothers(reviewed: Service) -> None:
    north, south = signed(reviewed, "north"), signed(reviewed, "south")
    document(reviewed, north)
    place = queue(reviewed, north)[0]["id"]
    reviewed.client.post(f"/v1/review/{place}", headers=north, json=CORRECT)
    assert queue(reviewed, south) == []
    path = f"/v1/review/{place}"
    assert reviewed.client.post(path, headers=south, json={"verdict": "accepted"}).status_code == 404
    assert reviewed.client.get("/v1/memory", headers=south).json()["entries"] == []
    assert reviewed.client.get("/v1/review/agreement", headers=south).json()["agreement"] == []
    (entry,) = reviewed.client.get("/v1/memory", headers=north).json()["entries"]
    assert reviewed.client.delete(f"/v1/memory/{entry['id']}", headers=south).status_code == 404
    assert reviewed.client.delete(f"/v1/memory/{entry['id']}", headers=north).status_code == 204
    assert reviewed.client.get("/v1/memory", headers=north).json()["entries"] == []


def test_what_is_deleted_leaves_the_queue(reviewed: Service) -> None:
    north = signed(reviewed, "north")
    job = document(reviewed, north)
    place = queue(reviewed, north)[0]["id"]
    assert reviewed.client.delete(f"/v1/jobs/{job}", headers=north).is_success
    assert queue(reviewed, north) == []
    answer = reviewed.client.post(f"/v1/review/{place}", headers=north, json={"verdict": "accepted"})
    assert answer.status_code == 404


@pytest.mark.parametrize("place", ["x", "job_1.1.1", "job_1.1.1.9999999999", "job_1.0.0.٣"])
def test_a_segment_that_there_is_not(reviewed: Service, place: str) -> None:
    north = signed(reviewed, "north")
    answer = reviewed.client.post(f"/v1/review/{place}", headers=north, json={"verdict": "accepted"})
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert not re.search("job_1", answer.text)


UNSEEN = {
    "Good\x00 morning": "U+0000",
    "\x1b[31mGood morning": "U+001B",
    "Good\x85morning": "U+0085",
    "Good \u202egninrom": "U+202E",
    "Good \ufffe": "U+FFFE",
    "Good \ud800": "surrogate",
    "Good \u2067morning": "direction",
}


def test_corrections_hold_nothing_that_is_not_seen(reviewed: Service) -> None:
    north = signed(reviewed, "north")
    document(reviewed, north)
    item = queue(reviewed, north)[0]
    headers = {**north, "Content-Type": "application/json"}
    for text, named in UNSEEN.items():
        body = json.dumps({**CORRECT, "text": text})
        answer = reviewed.client.post(f"/v1/review/{item['id']}", headers=headers, content=body)
        assert answer.status_code in (400, 422), answer.text
        assert named in answer.text
    assert queue(reviewed, north)[0]["id"] == item["id"]
    assert reviewed.client.get("/v1/memory", headers=north).json()["entries"] == []


def test_corrections_hold_lines_tabs_and_runs_that_end(reviewed: Service) -> None:
    north = signed(reviewed, "north")
    document(reviewed, north)
    item = queue(reviewed, north)[0]
    text = "Good\tmorning,\n\u2067\u05e9\u05dc\u05d5\u05dd\u2069 all."
    body = {**CORRECT, "text": text}
    assert reviewed.client.post(f"/v1/review/{item['id']}", headers=north, json=body).status_code == 200
    (entry,) = reviewed.client.get("/v1/memory", headers=north).json()["entries"]
    assert entry["text"] == text


def test_a_state_that_there_is_not_is_refused(reviewed: Service) -> None:
    north = signed(reviewed, "north")
    for state in ("closed", "", "OPEN"):
        answer = reviewed.client.get("/v1/review", headers=north, params={"state": state})
        assert answer.status_code == 422
        assert "'open' or 'escalated'" in answer.text
