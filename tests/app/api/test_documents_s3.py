"""Documents over HTTP whose files are in an S3-compatible store: as with files, and when the store fails."""

import io
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator

import httpx
import pytest

from app.jobs.leases import Leases
from app.storage.s3 import S3Blobs
from tests.app.api.test_documents import LETTER, over, send
from tests.app.cli.program import ROOT
from tests.app.conftest import Start
from tests.app.serving import PATIENCE, Gate, Service
from tests.objectstore import Bucket
from tests.relay import Relay, relay

KEEP = """
import io, os
from app.jobs.leases import Leases
from app.storage.s3 import S3Blobs
S3Blobs(os.environ["DRAGOMAN_BLOBS"]).keep("north", io.BytesIO(bytes(30 << 20)))
"""


@pytest.fixture
def line(bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> Iterator[Relay]:
    """To the store, for whatever starts now."""
    with relay(int(bucket.endpoint.rpartition(":")[2])) as made:
        monkeypatch.setenv("AWS_ENDPOINT_URL", made.address)
        yield made


def test_a_document_lives_in_the_store_and_leaves_it(start: Start, bucket: Bucket) -> None:
    service = start(blobs=bucket.address, candidates="pt,en")
    job = over(service, send(service, LETTER.encode(), source="pt"))
    assert job["state"] == "succeeded"
    assert [key.rpartition("/")[0] for key in bucket.keys] == ["dragoman/documents/local"] * 2
    assert not (service.runtime.settings.data_dir / "blobs").exists()
    result = service.client.get(f"/v1/jobs/{job['id']}/result")
    assert (result.text, result.headers["Content-Length"]) == (LETTER, str(len(LETTER.encode())))
    statement = service.client.get(f"/v1/jobs/{job['id']}/statement").json()["statement"]
    assert {key.rpartition("-")[2] for key in bucket.keys} == set(statement["document"].values())
    service.client.delete(f"/v1/jobs/{job['id']}")
    assert bucket.keys == []


def test_what_is_refused_or_sent_twice_or_over_leaves_nothing(start: Start, bucket: Bucket) -> None:
    service = start(blobs=bucket.address, job_retention=1e-9)
    assert send(service, b"\x89PNG\r\n\x1a\n\0\0\0\0", "a.txt").status_code == 415
    assert bucket.keys == []
    sent = [send(service, LETTER.encode(), headers={"Idempotency-Key": "one"}) for _ in range(2)]
    assert sent[0].json()["id"] == sent[1].json()["id"]
    over(service, sent[0])
    assert len(bucket.keys) == 2
    stray = S3Blobs(bucket.address).keep("local", io.BytesIO(b"of a killed process"))
    bucket.age(stray)
    service.runtime.desk.expire()
    assert bucket.keys == []


def test_a_damaged_result_is_refused_and_a_damaged_source_fails_its_job(
    gated: Start, gate: Gate, bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(Leases.__init__.__kwdefaults__ or {}, "first_wait", 0.1)
    service = gated(blobs=bucket.address)
    sent = send(service, LETTER.encode(), source="pt")
    assert gate.entered.wait(PATIENCE)
    (source,) = bucket.keys
    bucket.write(source.rpartition("/")[2], b"something else")
    gate.opened.set()
    job = over(service, sent)
    assert (job["state"], "not what was stored" in job["error"]["message"]) == ("failed", True)

    job = over(service, send(service, LETTER.encode(), source="pt", headers={"Idempotency-Key": "again"}))
    for key in bucket.keys:
        bucket.write(key.rpartition("/")[2], b"something else")
    refused = service.client.get(f"/v1/jobs/{job['id']}/result")
    assert (refused.status_code, refused.json()["code"]) == (503, "storage_unavailable")


def test_while_the_store_is_gone_documents_are_refused_and_texts_go_on(
    gated: Start, gate: Gate, bucket: Bucket, line: Relay
) -> None:
    service = gated(blobs=bucket.address)
    assert until(service, "ok").status_code == 200
    sent = send(service, LETTER.encode(), source="pt")
    assert gate.entered.wait(PATIENCE)
    line.cut.set()
    gate.opened.set()
    refused = send(service, b"Boa tarde.", source="pt")
    assert (refused.status_code, refused.json()["code"]) == (503, "storage_unavailable")
    assert bucket.name not in refused.text
    assert service.translate("Bom dia.", source="pt")["translations"]
    ready = until(service, "unavailable")
    assert (ready.status_code, len(ready.json()["problems"])) == (200, 1)
    line.cut.clear()
    assert over(service, sent)["state"] == "succeeded"
    assert service.client.get(f"{sent.headers['Location']}/result").text == LETTER


def until(service: Service, files: str) -> httpx.Response:
    """What /readyz says once it says this of the store."""
    limit = time.monotonic() + PATIENCE
    while (ready := service.client.get("/readyz")).json()["files"] != files:
        assert time.monotonic() < limit, ready.text
    return ready


@pytest.mark.slow
def test_what_is_killed_in_the_middle_of_an_upload_leaves_no_half_of_it(bucket: Bucket) -> None:
    with relay(int(bucket.endpoint.rpartition(":")[2]), most=12 << 20) as line:
        wanted = {**os.environ, **bucket.environment, "AWS_ENDPOINT_URL": line.address}
        with subprocess.Popen([sys.executable, "-c", KEEP], cwd=ROOT, env=wanted) as uploading:
            assert line.full.wait(PATIENCE)
            uploading.send_signal(signal.SIGKILL)
            uploading.wait(PATIENCE)
    assert (bucket.keys, bucket.uploads) == ([], 1)
    blobs = S3Blobs(bucket.address)
    assert blobs.empty()
    blobs.keep("north", io.BytesIO(bytes(30 << 20)))
    assert len(bucket.keys) == 1
