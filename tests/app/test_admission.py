"""Whether a request is let in is said before anything is spent on it, once, for the whole of it."""

import asyncio
import threading
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from app.ledger.store import Rider
from app.results import TranslationRequest, TranslationResult
from app.runtime import Runtime, open_runtime
from app.settings import Settings
from batching.errors import Overloaded
from batching.work import Priority
from tests.app.serving import write_card

PORTUGUESE = "O carro saiu do armazém às duas da tarde com três pessoas."
ENGLISH = "The car left the warehouse at two in the afternoon with three people."


@asynccontextmanager
async def running(tmp_path: Path, **settings: object) -> AsyncIterator[Runtime]:
    models = tmp_path / "models"
    models.mkdir()
    for source in ("en", "pt"):
        write_card(models, f"identity-{source}-fr", (source, "fr"))
    settings = {"cache": "off", **settings}
    chosen = Settings(data_dir=tmp_path / "data", model_dir=models, preload=False, **settings)  # type: ignore[arg-type]
    async with open_runtime(chosen) as found:
        yield found


async def test_two_routes_of_one_request_do_not_refuse_each_other(tmp_path: Path) -> None:
    texts = [PORTUGUESE * 30, ENGLISH * 30]
    async with running(tmp_path, queue_tokens=1000) as at:
        for _ in range(5):
            result = await at.translation.translate(TranslationRequest(texts, "fr"))
            assert [text.status.value for text in result.texts] == ["translated", "translated"]


async def test_who_cannot_be_queued_is_refused_before_being_planned(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(tmp_path, queue_tokens=1000) as at:
        planned, go = [], threading.Event()
        plan = at.translation._planner.plan

        def slow(texts: Sequence[str], **more: object) -> object:
            planned.append(len(texts))
            assert go.wait(30)
            return plan(texts, **more)  # type: ignore[arg-type]

        monkeypatch.setattr(at.translation._planner, "plan", slow)
        crowd = [
            asyncio.create_task(at.translation.translate(TranslationRequest([PORTUGUESE * 60], "fr")))
            for _ in range(20)
        ]
        await asyncio.sleep(0)
        refused = [task for task in crowd if task.done() and isinstance(task.exception(), Overloaded)]
        go.set()
        answers = await asyncio.gather(*crowd, return_exceptions=True)

        assert len(refused) == 19
        assert len(planned) == 1
        assert sum(isinstance(answer, Overloaded) for answer in answers) == 19


async def test_a_refused_or_finished_request_leaves_no_reservation(tmp_path: Path) -> None:
    async with running(tmp_path) as at:
        await at.translation.translate(TranslationRequest([PORTUGUESE], "fr"))
        with pytest.raises(Exception, match="not a language code"):
            await at.translation.translate(TranslationRequest([PORTUGUESE], "xx"))

        assert at.dispatcher._engine.capacity.empty


async def test_an_answer_from_memory_keeps_nobody_out_while_it_is_charged(tmp_path: Path) -> None:
    refusals: list[Overloaded | None] = []
    async with running(tmp_path, cache="tenant", queue_tokens=1000) as at:
        text = " ".join(PORTUGUESE.replace("carro", f"carro {number}") for number in range(60))
        request = TranslationRequest([text], "fr", "pt")

        def riders(result: TranslationResult) -> Sequence[Rider]:
            refusals.append(at.dispatcher.refusal(request.tenant, Priority.INTERACTIVE))
            return ()

        for cached in (False, True):
            result = await at.translation.translate(request, riders=riders)
            assert all(segment.cached for text in result.texts for segment in text.segments) is cached
        assert refusals == [None, None]


async def test_a_charge_does_not_wait_for_other_peoples_preparation(tmp_path: Path) -> None:
    async with running(tmp_path) as at:
        go = threading.Event()
        blocked = [at.workers.submit(go.wait, 30) for _ in range(40)]
        result = await asyncio.wait_for(
            at.translation.translate(TranslationRequest(["Bom dia."], "fr", "pt")), 20
        )
        go.set()

        assert result.entry.billed_characters == 8
        assert all(each.result() for each in blocked)
