"""Documents over HTTP: upload, watch, fetch, report, delete."""

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from app.tenants.directory import Directory
from app.tenants.tenant import Budget, Rates
from tests.app.conftest import Start
from tests.app.serving import PATIENCE, Gate, Service, serving
from tests.databases import Places, held

LETTER = "Bom dia. Onde fica a estação?\n\nA carrinha saiu às 14:35.\n"


@pytest.fixture(scope="module")
def office(homes: Places) -> Iterator[Service]:
    """With the embedded models."""
    with homes.fresh() as home, serving(home.settings(cache="off", replay_window=0)) as running:
        yield running


def send(
    service: Service, data: bytes, name: str = "carta.txt", *, target: str = "en", **more: Any
) -> httpx.Response:
    headers = more.pop("headers", {})
    files = {"file": (name, data)}
    return service.client.post("/v1/documents", files=files, data={"target": target, **more}, headers=headers)


def over(service: Service, sent: httpx.Response) -> dict[str, Any]:
    """The job once it has ended."""
    assert sent.status_code == 202, sent.text
    watched = service.client.get(f"{sent.headers['Location']}/events", timeout=PATIENCE)
    assert watched.headers["content-type"].startswith("text/event-stream")
    *_, told, end = watched.text.strip().split("\n\n")
    assert end.startswith("event: end")
    body: dict[str, Any] = json.loads(told.partition("data: ")[2])
    return body


def test_a_letter_comes_back_in_english(office: Service) -> None:
    before = office.usage()["totals"]
    sent = send(office, LETTER.encode())
    assert sent.json()["state"] == "queued"
    assert sent.headers["Location"] == f"/v1/jobs/{sent.json()['id']}"
    job = over(office, sent)
    assert job["state"] == "succeeded"
    assert job["segments"] == {"total": 3, "done": 3}
    assert job["chunks"] == {"total": 1, "done": 1, "failed": 0}
    result = office.client.get(f"/v1/jobs/{job['id']}/result")
    assert result.text == "Good morning. Where is the station?\n\nThe van came out at 14:35.\n"
    assert result.headers["content-disposition"] == 'attachment; filename="carta.en.txt"'
    assert result.headers["content-type"].startswith("text/plain")
    after = office.usage()["totals"]
    assert after["characters"] - before["characters"] == job["billed_characters"] == 54
    assert job in office.client.get("/v1/jobs").json()["jobs"]


def test_an_empty_document_is_a_job_like_any_other(office: Service) -> None:
    assert send(office, b"").status_code == 202


def test_confidence_is_told_of_segments_and_leaves_the_file_as_it_is(office: Service) -> None:
    unsure = b"Vc ta onde? kkkk\n\nBom dia a todos.\n"
    plain = over(office, send(office, unsure, source="pt"))
    scored = over(office, send(office, unsure, source="pt", confidence="true"))
    assert (plain["confidence"], scored["confidence"]) == (False, True)
    assert "low_confidence" not in plain["flags"]
    assert scored["flags"]["low_confidence"] >= 1
    flagged = office.client.get(f"/v1/jobs/{scored['id']}/report").json()["flagged"]
    low = [each for each in flagged if "low_confidence" in each["flags"]]
    assert all(0 < each["translation_confidence"] < 0.6 for each in low)
    files = [office.client.get(f"/v1/jobs/{each['id']}/result").content for each in (plain, scored)]
    assert files[0] == files[1]
    stated = office.client.get(f"/v1/jobs/{scored['id']}/statement").json()["statement"]
    assert isinstance(stated["chunks"][0]["units"][0]["segments"][0]["translation_confidence"], str)


def test_names_are_only_names(office: Service) -> None:
    job = over(office, send(office, b"Bom dia.", '../../etc/"ação"\r\nX: y.txt'))
    disposition = office.client.get(f"/v1/jobs/{job['id']}/result").headers["content-disposition"]
    assert "/" not in job["name"]
    assert disposition.startswith("attachment; filename*=utf-8''")
    assert disposition.isascii()
    assert "\n" not in disposition


def test_a_report_names_places_and_holds_no_text(office: Service) -> None:
    page = "<p>Prenderam o <b>condutor</b> do <b>camião</b>.</p><p>Saiu às 14:35 da <i>garagem</i> velha.</p>"
    job = over(office, send(office, page.encode(), "<script>alert(1)</script>.html"))
    address = f"/v1/jobs/{job['id']}/report"
    report = office.client.get(address).json()
    assert report["forecast"]["characters"] == job["characters"]["total"] == job["billed_characters"]
    assert report["forecast"]["price"] == job["price"]
    assert float(report["forecast"]["cost"]["high"]) > 0
    assert report["models"] == ["starter-pt-en"]
    assert next(iter(report["languages"])) == "pt"
    assert job["flags"]["formatting_approximate"] >= 1
    assert {"formatting_approximate"} <= {flag for each in report["flagged"] for flag in each["flags"]}
    assert all(each["location"] for each in report["flagged"])
    assert "garagem" not in json.dumps(report)
    shown = office.client.get(address, params={"format": "html"})
    assert shown.headers["content-type"].startswith("text/html")
    assert "<script>" not in shown.text
    assert "sandbox" in shown.headers["content-security-policy"]
    assert office.client.get(address, headers={"Accept": "text/html"}).text == shown.text


@pytest.mark.parametrize(
    ("data", "name", "status", "code"),
    [
        (b"\x89PNG\r\n\x1a\n\0\0\0\0", "a.txt", 415, "unsupported_document"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512) + "EncryptedPackage".encode("utf-16-le"), "a.docx", 422,
         "encrypted_document"),
        (b"<?xml version='1.0'?><!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", "a.xml", 422, "damaged_document"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_refused_at_once(
    start: Start, data: bytes, name: str, status: int, code: str
) -> None:
    service = start()
    answer = send(service, data, name)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert service.client.get("/v1/jobs").json() == {"jobs": []}
    assert blobs(service) == []


def test_languages_are_checked_before_anything_is_kept(start: Start) -> None:
    service = start()
    for more, code in (({"target": "no-such-language"}, "unknown_language"), ({"source": "de"}, "no_route")):
        assert send(service, b"Bom dia.", **more).json()["code"] == code
    assert service.client.post("/v1/documents", data={"target": "en"}).status_code == 422
    assert blobs(service) == []


def test_a_document_over_the_limit_is_refused_while_it_comes(start: Start) -> None:
    service = start(max_document_bytes=100_000, max_body_bytes=1_024)
    assert send(service, b"Bom dia.\n" * 10_000).status_code == 202
    refused = send(service, b"Bom dia.\n" * 20_000)
    assert (refused.status_code, refused.json()["code"]) == (413, "too_large")
    head = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\n'
    chunks = iter([head, *[b"x" * 50_000] * 10])
    kind = {"Content-Type": "multipart/form-data; boundary=b"}
    unannounced = service.client.post("/v1/documents", content=chunks, headers=kind)
    assert unannounced.status_code == 413


def test_a_document_that_asks_for_too_much_is_refused_and_the_service_lives(start: Start) -> None:
    service = start(document_memory=268_435_456, document_seconds=1)
    bomb = b"<a>" + b"<b>Bom dia.</b>" * 1_000_000 + b"</a>"
    answer = send(service, bomb, "a.xml")
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
    assert over(service, send(service, b"Bom dia."))["state"] == "succeeded"


def test_the_same_key_makes_one_job(start: Start) -> None:
    service = start()
    first = send(service, b"Bom dia.", headers={"Idempotency-Key": "one"})
    again = send(service, b"Bom dia.", headers={"Idempotency-Key": "one"})
    assert again.json()["id"] == first.json()["id"]
    assert again.headers["Idempotency-Replayed"] == "true"
    assert "Idempotency-Replayed" not in first.headers
    other = send(service, b"Boa tarde.", headers={"Idempotency-Key": "one"})
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_key_reused")
    assert over(service, again)["billed_characters"] == 8
    assert service.usage()["totals"]["requests"] == 1
    assert send(service, b"Bom dia.").json()["id"] != first.json()["id"]


def test_a_blind_repeat_within_the_window_makes_one_job(start: Start) -> None:
    service = start(replay_window=300)
    first = send(service, b"Bom dia.")
    assert send(service, b"Bom dia.").json()["id"] == first.json()["id"]
    assert send(service, b"Bom dia.", "outra.txt").json()["id"] != first.json()["id"]


def test_cancelling_stops_at_once_and_charges_nothing_undelivered(gated: Start, gate: Gate) -> None:
    service = gated()
    sent = send(service, LETTER.encode(), source="pt")
    assert gate.entered.wait(PATIENCE)
    address = sent.headers["Location"]
    assert service.client.get(f"{address}/result").json()["code"] == "no_result"
    assert len(blobs(service)) == 1
    cancelled = service.client.delete(address).json()
    assert (cancelled["state"], cancelled["name"]) == ("cancelled", None)
    gate.opened.set()
    assert blobs(service) == []
    assert service.client.get(f"{address}/result").json()["code"] == "deleted"
    assert service.client.get(f"{address}/report").status_code == 410
    service.translate("Olá.", source="pt")
    assert service.usage()["totals"]["characters"] == 4
    assert service.client.get(address).json()["state"] == "cancelled"


def test_deleting_what_is_done_deletes_its_files(start: Start) -> None:
    service = start()
    job = over(service, send(service, LETTER.encode()))
    assert len(blobs(service)) == 2
    deleted = service.client.delete(f"/v1/jobs/{job['id']}").json()
    assert (deleted["state"], deleted["billed_characters"]) == ("expired", 54)
    assert blobs(service) == []
    assert service.client.delete(f"/v1/jobs/{job['id']}").json() == deleted


def test_another_tenants_job_does_not_exist(start: Start) -> None:
    service = start()
    directory = Directory(service.runtime.database)
    directory.create_tenant("north")
    headers = {"X-API-Key": directory.create_key("north").secret}
    mine = over(service, send(service, LETTER.encode()))["id"]
    for method, path in (
        ("GET", ""), ("GET", "/events"), ("GET", "/result"), ("GET", "/report"), ("DELETE", ""),
    ):  # fmt: skip
        answer = service.client.request(method, f"/v1/jobs/{mine}{path}", headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert service.client.get("/v1/jobs", headers=headers).json() == {"jobs": []}
    assert service.client.get(f"/v1/jobs/{mine}").json()["state"] == "succeeded"


def test_files_are_deleted_after_their_time(start: Start) -> None:
    service = start(job_retention=1e-9)
    job = over(service, send(service, LETTER.encode()))
    service.runtime.desk.expire()
    assert blobs(service) == []
    assert job["id"] not in [each["id"] for each in service.client.get("/v1/jobs").json()["jobs"]]
    assert service.usage()["totals"]["characters"] == 54


def test_segments_without_a_model_stand_and_say_so(office: Service) -> None:
    text = (
        "Bom dia a todos os amigos.\n\nDer Lieferwagen hat den Hof nach Einbruch der Dunkelheit verlassen.\n"
    )
    job = over(office, send(office, text.encode()))
    assert job["flags"]["left_untranslated"] == 1
    assert job["billed_characters"] == 26
    assert "Der Lieferwagen hat den Hof" in office.client.get(f"/v1/jobs/{job['id']}/result").text
    flagged = office.client.get(f"/v1/jobs/{job['id']}/report").json()["flagged"]
    assert [(each["location"], each["error"]) for each in flagged if each["error"]] == [
        ("line 3", "no_route")
    ]


def blobs(service: Service) -> list[str]:
    """What is in the store of files."""
    return held(service.runtime.settings)


def test_a_document_that_no_budget_has_room_for_is_refused_at_once(start: Start) -> None:
    service = start(replay_window=300)
    Directory(service.runtime.database).change_tenant("local", budget=Budget(characters=60))
    first = send(service, LETTER.encode())
    assert over(service, first)["billed_characters"] == 54
    refused = send(service, b"Bom dia a todos.")
    assert (refused.status_code, refused.json()["code"]) == (402, "budget_exceeded")
    assert [each["id"] for each in service.client.get("/v1/jobs").json()["jobs"]] == [first.json()["id"]]
    again = send(service, LETTER.encode())
    assert again.json()["id"] == first.json()["id"]


def test_no_more_documents_wait_than_may(gated: Start, gate: Gate) -> None:
    service = gated(job_queue_per_tenant=2, job_queue=3)
    directory = Directory(service.runtime.database)
    directory.create_tenant("north")
    north = {"X-API-Key": directory.create_key("north").secret}
    first = [
        send(service, f"Bom dia {name}.".encode(), source="pt", headers={"Idempotency-Key": name})
        for name in "ab"
    ]
    assert [each.status_code for each in first] == [202, 202]
    refused = send(service, b"Boa tarde.")
    assert (refused.status_code, refused.json()["code"]) == (429, "too_many_jobs")
    assert refused.headers["Retry-After"] == "60"
    assert len(blobs(service)) == 2
    again = send(service, b"Bom dia a.", source="pt", headers={"Idempotency-Key": "a"})
    assert again.json()["id"] == first[0].json()["id"]
    assert send(service, b"Boa tarde.", source="pt", headers=north).status_code == 202
    assert "this server" in send(service, b"Boa noite.", source="pt", headers=north).json()["detail"]
    service.client.delete(first[0].headers["Location"])
    assert send(service, b"Boa noite.", source="pt", headers=north).status_code == 202
    gate.opened.set()


def test_a_paragraph_that_no_minute_has_room_for_is_refused(start: Start) -> None:
    service = start()
    Directory(service.runtime.database).change_tenant("local", rates=Rates(characters=1_000))
    refused = send(service, b"Bom dia. " * 200)
    assert (refused.status_code, refused.json()["code"]) == (413, "too_large")
    assert "minute" in refused.json()["detail"]
    job = over(service, send(service, b"Bom dia a todos.\n\n" * 40, priority="low"))
    assert (job["state"], job["priority"], job["chunks"]["total"]) == ("succeeded", "low", 1)
    assert send(service, b"Bom dia.", priority="now").status_code == 422
