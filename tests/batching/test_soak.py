"""Any mixture of callers: whoever stays gets the right answer, and the accounts add up."""

import asyncio
from dataclasses import dataclass

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from batching.work import Outcome, Priority
from tests.batching.fakes import POISON, Controlled, Crowd, house

THREADS = 2
BUDGET = 60


@dataclass(frozen=True, slots=True)
class Call:
    texts: list[str]
    tenant: str
    priority: Priority
    hops: tuple[str, ...]
    leaves: bool


words = st.text("ab" + POISON, max_size=30)
calls = st.lists(
    st.builds(
        Call,
        texts=st.lists(words | st.text("ab ", min_size=190, max_size=230), max_size=6),
        tenant=st.sampled_from(["ann", "bob", "cyd"]),
        priority=st.sampled_from(Priority),
        hops=st.sampled_from([("de-en",), ("en-pt",), ("de-en", "en-pt")]),
        leaves=st.sampled_from([False, False, False, True]),
    ),
    max_size=12,
)


def is_right(call: Call, text: str, outcome: Outcome) -> bool:
    if POISON in text:
        return outcome.text is None
    if outcome.parts > 1:
        return outcome.text is not None and sorted(outcome.text) == sorted(text)
    return outcome.text == (text[::-1] if len(call.hops) == 1 else text)


@given(calls)
@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
def test_nothing_is_lost_doubled_or_unaccounted(mixture: list[Call]) -> None:
    asyncio.run(soaked(mixture))


async def soaked(mixture: list[Call]) -> None:
    crowd = Crowd()
    first, second = Controlled(crowd=crowd), Controlled(crowd=crowd)
    stock = {"de-en": first, "en-pt": second}
    async with house(stock, threads=THREADS, batch_tokens=BUDGET) as at:
        tasks = [
            asyncio.create_task(
                at.dispatcher.submit(
                    call.texts, at.route(*call.hops), tenant=call.tenant, priority=call.priority
                )
            )
            for call in mixture
        ]
        await asyncio.sleep(0)
        for call, task in zip(mixture, tasks, strict=True):
            if call.leaves:
                task.cancel()
        answers = await asyncio.gather(*tasks, return_exceptions=True)
        await at.dispatcher.stop(timeout=10)

        spent = 0
        for call, answer in zip(mixture, answers, strict=True):
            if call.leaves:
                assert isinstance(answer, asyncio.CancelledError)
                continue
            assert not isinstance(answer, BaseException)
            assert all(map(is_right, [call] * len(call.texts), call.texts, answer))
            spent += sum(outcome.compute_ns for outcome in answer)
        assert spent <= at.recorder.compute_ns
        if not any(call.leaves for call in mixture):
            assert spent == at.recorder.compute_ns
        assert at.recorder.waiting == 0
        assert crowd.most <= THREADS
        for batch in (*first.batches, *second.batches):
            assert len(batch) == 1 or len(batch) * max(map(len, batch)) <= BUDGET
        assert asyncio.all_tasks() == {asyncio.current_task()}
