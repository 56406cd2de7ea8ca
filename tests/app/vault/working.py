"""A service that keeps something of every kind for a tenant."""

from typing import Any

import httpx

from tests.app.serving import Service
from tests.app.vault.traces import CORRECTION, NAME, TEXT


def document(service: Service, text: str = TEXT, *, key: str | None = None) -> str:
    """Id of a job that has succeeded."""
    headers = {} if key is None else {"X-API-Key": key}
    sent = service.client.post(
        "/v1/documents",
        headers=headers,
        files={"file": (NAME, text.encode())},
        data={"source": "pt", "target": "en", "columns": "zebras"},
    )
    assert sent.status_code == 202, sent.text
    job = str(sent.json()["id"])
    service.client.get(f"/v1/jobs/{job}/events", headers=headers)
    return job


def correct(service: Service, job: str, *, key: str | None = None) -> None:
    headers = {} if key is None else {"X-API-Key": key}
    queue = service.client.get("/v1/review", headers=headers, params={"job": job}).json()["segments"]
    body = {"verdict": "corrected", "text": CORRECTION, "reason": "meaning"}
    answer = service.client.post(f"/v1/review/{queue[0]['id']}", headers=headers, json=body)
    assert answer.status_code == 200, answer.text


def translate(service: Service, name: str, *, key: str | None = None) -> httpx.Response:
    """A request whose answer is kept in the database."""
    headers = {"Idempotency-Key": name} | ({} if key is None else {"X-API-Key": key})
    body: dict[str, Any] = {"text": TEXT, "source": "pt", "target": "en"}
    return service.client.post("/v1/translate", headers=headers, json=body)


def glossary(service: Service, *, key: str | None = None) -> str:
    """In two versions. Its id."""
    headers = {} if key is None else {"X-API-Key": key}
    pair = {"source": "pt", "target": "en", "terms": [{"source": "zebras", "target": "quaggas"}]}
    body = {"name": "Old quaggas", "dictionaries": [pair]}
    made = service.client.post("/v1/glossaries", headers=headers, json=body)
    assert made.status_code == 201, made.text
    kept = f"/v1/glossaries/{made.json()['id']}"
    changed = service.client.put(kept, headers=headers, json={**body, "name": "Zebras or quaggas"})
    assert changed.status_code == 200, changed.text
    return str(made.json()["id"])


def everything(service: Service, *, key: str | None = None) -> str:
    glossary(service, key=key)
    job = document(service, key=key)
    correct(service, job, key=key)
    assert translate(service, "once", key=key).status_code == 200
    return job
