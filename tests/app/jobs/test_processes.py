"""Real processes, killed and stopped: the job is done, each chunk once, on both databases."""

import contextlib
import io
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from app.jobs import planner
from app.jobs.desk import Desk
from app.jobs.job import Job, Order, Progress, State
from app.ledger.tables import entries
from app.runtime import open_runtime
from tests.app.cli.program import ROOT, environment
from tests.app.jobs.mortal import CHARACTERS, POINTS
from tests.app.serving import PATIENCE, write_card
from tests.databases import Place

pytestmark = pytest.mark.slow
LINES = [f"Report {number}: the van left the yard by the north gate after dark." for number in range(40)]
DOCUMENT = "\n\n".join(LINES).encode()
HEADERS = {"Idempotency-Key": "the-one"}


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models")
    write_card(folder, "reverse-en-pt", ("en", "pt"), architecture="reverse")
    return folder


@contextmanager
def process(place: Place, models: Path, *args: str, **settings: str) -> Iterator["subprocess.Popen[str]"]:
    wanted = {"DRAGOMAN_PRELOAD": "false", "DRAGOMAN_LOG_LEVEL": "error", "DRAGOMAN_MODEL_DIR": str(models)}
    with subprocess.Popen(
        [sys.executable, "-m", "tests.app.jobs.mortal", *args],
        stdout=subprocess.PIPE,
        cwd=ROOT,
        env=environment(place.data_dir, {**wanted, **place.environment, **settings}),
        text=True,
    ) as running:
        try:
            yield running
        finally:
            running.send_signal(signal.SIGCONT)
            running.terminate()
            running.wait(PATIENCE)


def charged(place: Place, job: str) -> list[tuple[int, int]]:
    """Chunks and their billed characters, as the ledger has them."""
    database = place.open()
    try:
        with database.read() as connection:
            query = select(entries.c.chunk, entries.c.billed_characters).where(entries.c.job == job)
            return sorted((row[0], row[1]) for row in connection.execute(query))
    finally:
        database.close()


def test_killed_at_every_point(place: Place, models: Path, tmp_path: Path) -> None:
    orders = tmp_path / "orders"
    orders.write_text("\n".join(f"{point} {2 if point == 'after_take' else 1}" for point in POINTS))
    with process(place, models, "serve", str(orders), DRAGOMAN_PORT="0") as running:
        assert running.stdout is not None
        address = f"http://127.0.0.1:{int(running.stdout.readline())}"
        with httpx.Client(base_url=address, timeout=PATIENCE, trust_env=False) as client:
            job = asked(client, "POST", "/v1/documents")
            limit = time.monotonic() + 2 * PATIENCE
            while job["finished_at"] is None:
                assert time.monotonic() < limit
                watch(client, job["id"])
                job = asked(client, "GET", f"/v1/jobs/{job['id']}")
            assert orders.read_text() == ""
            assert (job["state"], job["chunks"]["failed"]) == ("succeeded", 0)
            billed = charged(place, job["id"])
            assert [number for number, _ in billed] == list(range(job["chunks"]["total"]))
            assert sum(characters for _, characters in billed) == sum(map(len, LINES))
            assert job["billed_characters"] == sum(map(len, LINES))
            assert len(client.get("/v1/jobs").json()["jobs"]) == 1
            body = {"text": LINES, "source": "en", "target": "pt"}
            expected = [
                each["text"] for each in client.post("/v1/translate", json=body).json()["translations"]
            ]
            assert client.get(f"/v1/jobs/{job['id']}/result").text == "\n\n".join(expected)
            assert expected[0] != LINES[0]


def watch(client: httpx.Client, job: str) -> None:
    """Until the job is over, or the service dies."""
    with contextlib.suppress(httpx.TransportError):
        client.get(f"/v1/jobs/{job}/events")


def asked(client: httpx.Client, method: str, path: str) -> dict[str, Any]:
    """Blindly, until there is an answer."""
    while True:
        try:
            if method == "POST":
                form = {"source": "en", "target": "pt"}
                sent = client.post(path, files={"file": ("a.txt", DOCUMENT)}, data=form, headers=HEADERS)
            else:
                sent = client.get(path)
        except httpx.TransportError:
            continue
        assert sent.is_success, sent.text
        body: dict[str, Any] = sent.json()
        return body


async def test_two_workers_share_a_job_and_commit_no_chunk_twice(
    place: Place, models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(planner, "CHARACTERS", CHARACTERS)
    # One chunk at a time, and so many that neither has done them all before the other looks.
    bound = {"DRAGOMAN_JOB_CHUNKS": "1"}
    with process(place, models, "work", **bound) as one, process(place, models, "work", **bound) as other:
        for worker in (one, other):
            assert worker.stdout is not None
            assert worker.stdout.readline() == "ready\n"
        async with open_runtime(place.settings(model_dir=models, preload=False)) as running:
            job = await submitted(running.desk, DOCUMENT * 5)
            job, progress = await ended(running.desk, job)
        said = [finish(worker) for worker in (one, other)]
    assert (job.state, progress.chunks_failed) == (State.SUCCEEDED, 0)
    every = [f"charged {job.id} {number}" for number in range(progress.chunks)]
    assert sorted(said[0] + said[1]) == sorted(every)
    assert all(said)
    assert [number for number, _ in charged(place, job.id)] == list(range(progress.chunks))


async def test_a_worker_that_slept_through_its_lease_commits_nothing(
    place: Place, models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(planner, "CHARACTERS", CHARACTERS)
    async with open_runtime(place.settings(model_dir=models, preload=False)) as running:
        job = await submitted(running.desk)
        with process(place, models, "work", "stop", DRAGOMAN_JOB_CHUNKS="1") as late:
            assert late.stdout is not None
            assert [late.stdout.readline(), late.stdout.readline()] == ["ready\n", "stopped\n"]
            with process(place, models, "work"):
                job, progress = await ended(running.desk, job)
            before = charged(place, job.id)
            late.send_signal(signal.SIGCONT)
            assert late.stdout.readline() == "lost\n"
    assert job.state is State.SUCCEEDED
    assert charged(place, job.id) == before
    assert [number for number, _ in before] == list(range(progress.chunks))


async def submitted(desk: Desk, document: bytes = DOCUMENT) -> Job:
    job, _, _ = await desk.submit(io.BytesIO(document), Order("local", "pt", "en", name="a.txt"))
    return job


async def ended(desk: Desk, job: Job) -> tuple[Job, Progress]:
    limit = time.monotonic() + 2 * PATIENCE
    while True:
        found, progress = await desk.get("local", job.id)
        if found.over:
            return found, progress
        assert time.monotonic() < limit


def finish(worker: "subprocess.Popen[str]") -> list[str]:
    """What it said of chunks."""
    worker.terminate()
    assert worker.stdout is not None
    return worker.stdout.read().splitlines()
