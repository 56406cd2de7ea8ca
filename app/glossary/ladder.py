"""The rungs of app.glossary.enforcement, climbed by all segments of a route together, each no higher than it must."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from typing import ParamSpec, Protocol, TypeVar

from app.glossary import enforcement
from app.glossary.enforcement import Given, Judged, Rung, Variant
from batching.work import Outcome
from models.contracts import Link
from models.links import carried
from models.offsets import Offsets

P = ParamSpec("P")
T = TypeVar("T")


class Submit(Protocol):
    async def __call__(self, texts: Sequence[str], *, linked: Collection[int] = ()) -> list[Outcome]: ...


class Run(Protocol):
    """Runs what computes where it keeps nobody waiting."""

    async def __call__(self, work: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T: ...


@dataclass(frozen=True, slots=True)
class _Try:
    index: int
    given: Given
    variant: Variant


async def translated(given: Sequence[Given], submit: Submit, run: Run) -> list[Outcome]:
    """One outcome a segment, in order: compute and tokens are those of all that was tried for it."""
    outcomes: list[Outcome | None] = [_settled(each) for each in given]
    asked = [index for index, outcome in enumerate(outcomes) if outcome is None]
    if asked:
        linked = [at for at, index in enumerate(asked) if given[index].linked]
        answers = await submit([given[index].text for index in asked], linked=linked)
        for index, outcome in zip(asked, answers, strict=True):
            outcomes[index] = outcome
    found = [outcome for outcome in outcomes if outcome is not None]
    return await _climbed(given, found, submit, run)


def _settled(given: Given) -> Outcome | None:
    text = enforcement.without_engine(given) if given.matches else None
    return None if text is None else Outcome(text)


async def _climbed(
    given: Sequence[Given], outcomes: list[Outcome], submit: Submit, run: Run
) -> list[Outcome]:
    best = await run(_judged, given, outcomes)
    for rung in Rung:
        tries = await run(_tries, given, best, rung)
        if not tries:
            continue
        linked = [at for at, each in enumerate(tries) if each.given.linked]
        answers = await submit([each.variant.text for each in tries], linked=linked)
        found = await run(_chosen, tries, answers, best)
        for each, answer in zip(tries, answers, strict=True):
            outcomes[each.index] = _added(outcomes[each.index], answer)
            if found.get(each.index, best[each.index]) is not best[each.index]:
                links = _links(each, answer, found[each.index])
                # What its first hop said is of a stand-in, not of the term.
                outcomes[each.index] = replace(
                    outcomes[each.index], links=links, via=(), unknown=answer.unknown
                )
        best |= found
    return [
        replace(outcome, text=best[index].text) if index in best else outcome
        for index, outcome in enumerate(outcomes)
    ]


def _judged(given: Sequence[Given], outcomes: Sequence[Outcome]) -> dict[int, Judged]:
    """By index, of segments that have terms and an answer."""
    return {
        index: enforcement.as_it_came(each, outcome.text)
        for index, (each, outcome) in enumerate(zip(given, outcomes, strict=True))
        if each.matches and outcome.text and outcome.text.strip()
    }


def _tries(given: Sequence[Given], best: dict[int, Judged], rung: Rung) -> list[_Try]:
    found = (
        (index, given[index], enforcement.variant(given[index], rung))
        for index, judged in best.items()
        if judged.missing
    )
    return [_Try(index, each, variant) for index, each, variant in found if variant is not None]


def _chosen(tries: Sequence[_Try], answers: Sequence[Outcome], best: dict[int, Judged]) -> dict[int, Judged]:
    return {
        each.index: enforcement.better(
            best[each.index], enforcement.filled(each.given, each.variant, answer.text)
        )
        for each, answer in zip(tries, answers, strict=True)
        if answer.text and not answer.truncated
    }


def _links(tried: _Try, answer: Outcome, chosen: Judged) -> tuple[Link, ...]:
    """From the segment, not from what the model was shown in its place, to the text with the terms."""
    if not answer.links:
        return ()
    source = Offsets(tried.variant.text, tried.given.text)
    return carried(answer.links, source=source, target=Offsets(answer.text or "", chosen.text))


def _added(sum_so_far: Outcome, answer: Outcome) -> Outcome:
    return replace(
        sum_so_far,
        source_tokens=sum_so_far.source_tokens + answer.source_tokens,
        target_tokens=sum_so_far.target_tokens + answer.target_tokens,
        compute_ns=sum_so_far.compute_ns + answer.compute_ns,
        queue_ns=max(sum_so_far.queue_ns, answer.queue_ns),
        cached=sum_so_far.cached and answer.cached,
    )
