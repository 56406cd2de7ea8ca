"""A model that is not loaded yet is loaded once, and meanwhile stops nobody else."""

import asyncio
import threading
from collections.abc import Iterator

import pytest

from batching.work import Outcome, Priority
from models.card import ModelCard
from models.contracts import Backend, ModelUnavailable
from models.reverse import ReverseBackend
from tests.batching.asking import turns
from tests.batching.fakes import PATIENCE, House, house

LONG = "word " * 1_000
"""Tokenised in a thread."""


class Gate:
    """Holds the loading of some models until it is opened."""

    def __init__(self) -> None:
        self.opened = threading.Event()
        self.loads: list[str] = []

    def hold(self, at: House, *models: str) -> None:
        load = at.pool._loader

        def slow(card: ModelCard) -> Backend:
            self.loads.append(card.id)
            if card.id in models:
                assert self.opened.wait(PATIENCE)
            return load(card)

        at.pool._loader = slow


@pytest.fixture
def gate() -> Iterator[Gate]:
    made = Gate()
    yield made
    made.opened.set()


def submit(at: House, text: str, pair: str) -> asyncio.Task[list[Outcome]]:
    return asyncio.create_task(at.dispatcher.submit([text], at.route(pair), tenant="ann"))


async def test_cold_models_stop_neither_short_nor_long_work_of_others(gate: Gate) -> None:
    stock = {"en-pt": ReverseBackend(), "en-es": ReverseBackend(), "en-fr": ReverseBackend()}
    async with house(stock, threads=1) as at:
        gate.hold(at, "en-es", "en-fr")
        cold = [submit(at, text, pair) for pair in ("en-es", "en-fr") for text in ("cold", LONG)]
        async with asyncio.timeout(PATIENCE):
            (short,) = await submit(at, "warm", "en-pt")
            (long,) = await submit(at, LONG, "en-pt")

        assert short.text == "mraw"
        assert long.text is not None
        assert not any(task.done() for task in cold)
        gate.opened.set()
        assert [outcome.text is not None for task in cold for outcome in await task] == [True] * 4


async def test_all_who_wait_for_a_model_share_its_loading(gate: Gate) -> None:
    async with house({"en-pt": ReverseBackend()}) as at:
        gate.hold(at, "en-pt")
        crowd = [submit(at, f"text {number}", "en-pt") for number in range(50)]
        leaving = crowd.pop()
        await asyncio.sleep(0)
        leaving.cancel()
        gate.opened.set()
        answers = await asyncio.gather(*crowd)

        assert gate.loads == ["en-pt"]
        assert [outcome.text for (outcome,) in answers] == [f"text {n}"[::-1] for n in range(49)]


async def test_a_pivot_whose_first_half_is_remembered_holds_its_room_until_it_is_queued(gate: Gate) -> None:
    text = "as many tokens as the queue may hold"
    stock = {"en-pt": ReverseBackend(), "pt-es": ReverseBackend()}
    async with house(stock, cache_bytes=10_000, queue_tokens=10) as at:
        await submit(at, text, "en-pt")
        gate.hold(at, "pt-es")
        pivot = at.dispatcher.submit([text], at.route("en-pt", "pt-es"), tenant="ann")
        waiting = asyncio.create_task(pivot)
        await turns()

        assert at.dispatcher.refusal("ann", Priority.INTERACTIVE) is not None
        gate.opened.set()
        assert (await waiting)[0].text == text
        assert at.dispatcher.refusal("ann", Priority.INTERACTIVE) is None


async def test_a_failed_loading_that_everyone_left_is_forgotten(gate: Gate) -> None:
    broken = ModelUnavailable("Model en-pt cannot be loaded.")
    async with house({"en-pt": [broken, ReverseBackend()]}) as at:
        gate.hold(at, "en-pt")
        leaving = submit(at, "gone", "en-pt")
        await asyncio.sleep(0)
        leaving.cancel()
        await asyncio.gather(leaving, return_exceptions=True)
        gate.opened.set()
        await asyncio.wait(list(at.dispatcher._loads.values()), timeout=PATIENCE)
        await asyncio.sleep(0)

        (outcome,) = await submit(at, "next", "en-pt")
        assert outcome.text == "txen"
