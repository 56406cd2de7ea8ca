"""What the runner does with chunks that will not be translated."""

import asyncio
import io
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.errors import DragomanError
from app.jobs import planner
from app.jobs.desk import Desk
from app.jobs.files import received
from app.jobs.job import Job, Order, Progress, State
from app.jobs.leases import ATTEMPTS, Leases
from app.jobs.runner import Runner
from app.results import TranslationRequest, TranslationResult
from app.runtime import Runtime, open_runtime
from app.settings import Settings
from app.tenants.directory import Directory
from app.tenants.tenant import Rates
from app.translation import Riders
from batching.errors import Overloaded
from tests.app.serving import PATIENCE

LINES = [f"Bom dia, senhor número {number}, até amanhã." for number in range(6)]


class Moody:
    """Fails at chunks that hold `poison`; is too busy the first time."""

    def __init__(self, running: Runtime, poison: str, error: Exception) -> None:
        self._running = running
        self._poison = poison
        self._error = error
        self.tried = 0
        self._busy = True

    async def translate(
        self, request: TranslationRequest, *, riders: Riders | None = None
    ) -> TranslationResult:
        if self._busy:
            self._busy = False
            raise Overloaded(0.01)
        if any(self._poison in text for text in request.texts):
            self.tried += 1
            raise self._error
        return await self._running.translation.translate(request, riders=riders)


@pytest.fixture
def settings(tmp_path: Path, identity_models: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setattr(planner, "CHARACTERS", 1)
    for made, name, value in ((Leases, "first_wait", 0.01), (Runner, "poll", 0.02)):
        defaults = made.__init__.__kwdefaults__
        assert defaults is not None
        monkeypatch.setitem(defaults, name, value)
    return Settings(data_dir=tmp_path / "data", model_dir=identity_models, preload=False)


@pytest.mark.parametrize("error", [LookupError("holds text"), DragomanError("A sentence.")])
async def test_a_poison_chunk_fails_alone_and_is_named(settings: Settings, error: Exception) -> None:
    async with open_runtime(settings) as running:
        moody = Moody(running, "número 3", error)
        job, progress = await ended(running.desk, moody)
        _, _, chunks = await running.desk.report("local", job.id)
        _, file = await running.desk.result("local", job.id)
        text = (await received(file)).decode()
    assert moody.tried == ATTEMPTS
    assert (job.state, progress.chunks_done, progress.chunks_failed) == (State.SUCCEEDED, 5, 1)
    (failed,) = [chunk for chunk in chunks if chunk.fault is not None]
    assert (failed.number, failed.units[0][1]) == (3, "line 7")
    assert failed.fault is not None
    assert "holds text" not in failed.fault.message
    assert text == "\n\n".join(LINES)
    assert progress.billed_characters == sum(map(len, LINES)) - len(LINES[3])


async def test_a_job_of_which_everything_fails_has_failed(settings: Settings) -> None:
    async with open_runtime(settings) as running:
        job, progress = await ended(running.desk, Moody(running, "Bom dia", LookupError()))
    assert (job.state, progress.chunks_failed) == (State.FAILED, 6)
    assert job.fault is not None
    assert job.fault.code == "chunk_failed"


async def test_a_limit_of_characters_a_minute_slows_a_document_down(settings: Settings) -> None:
    minutes = [0]
    start = datetime.now(UTC).replace(second=0, microsecond=0)

    def now() -> datetime:
        return start + timedelta(minutes=minutes[0])

    async with open_runtime(settings) as running:
        Directory(running.database).change_tenant("local", rates=Rates(characters=100))
        running.limiter._clock = lambda: now().timestamp()
        runner = running.desk.runner
        runner._leases._now = now
        working = asyncio.create_task(runner.run())
        document = io.BytesIO("\n\n".join(LINES).encode())
        job, progress, _ = await running.desk.submit(document, Order("local", "en", "pt", name="a.txt"))
        done = []
        async with asyncio.timeout(PATIENCE):
            while not job.over:
                await asyncio.sleep(0.02)
                job, progress = await running.desk.get("local", job.id)
                waits = not runner._work and not await asyncio.to_thread(runner._leases._anything, None)
                if waits and progress.chunks_done < len(LINES):
                    done.append(progress.chunks_done)
                    minutes[0] += 1
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)
    assert (job.state, progress.chunks_failed) == (State.SUCCEEDED, 0)
    assert sorted({*done}) == [2, 4]


async def ended(desk: Desk, translator: Moody) -> tuple[Job, Progress]:
    desk.runner._translator = translator
    document = io.BytesIO("\n\n".join(LINES).encode())
    job, progress, _ = await desk.submit(document, Order("local", "en", "pt", name="a.txt"))
    working = asyncio.create_task(desk.runner.run())
    async with asyncio.timeout(PATIENCE):
        while not job.over:
            await asyncio.sleep(0.02)
            job, progress = await desk.get("local", job.id)
    working.cancel()
    await asyncio.gather(working, return_exceptions=True)
    return job, progress
