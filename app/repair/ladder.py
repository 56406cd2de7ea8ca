"""The ladder: every doubtful segment of a request climbs it as far as it must, all of them together."""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import ParamSpec, Protocol, TypeVar

from app.fidelity import loops
from app.glossary.enforcement import Given
from app.repair.sentences import Parted, parted
from app.repair.standins import Hidden, hide
from app.repair.steps import DECODING, REPAIRABLE, UNSETTLED, Step, following
from app.results import Repair, SegmentResult, TextResult
from batching.work import Outcome
from models.contracts import Decoding, ModelError
from models.links import carried
from models.offsets import Offsets
from models.route import Route

P = ParamSpec("P")
T = TypeVar("T")
Answers = Callable[[Sequence[Given], Route, Decoding], Awaitable[Sequence[Outcome]]]


class Run(Protocol):
    """Runs what computes where it keeps nobody waiting."""

    async def __call__(self, work: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T: ...


@dataclass(frozen=True, slots=True)
class Case:
    """A segment as it goes to the engine, and what came of it."""

    given: Given
    route: Route
    outcome: Outcome
    result: SegmentResult
    judge: Callable[[Outcome], SegmentResult]
    """What an outcome would come to."""


@dataclass(frozen=True, slots=True)
class Mended:
    outcome: Outcome
    """The one kept, with the compute of all."""
    repairs: tuple[Repair, ...]


@dataclass(slots=True)
class _Climb:
    case: Case
    best: Outcome
    flags: frozenset[str]
    tried: list[Repair]
    hidden: Hidden | None = None
    parted: Parted | None = None

    def step(self, most: int) -> Step | None:
        """The next one that has something to do here."""
        done = [Step(each.step) for each in self.tried]
        if len(done) >= most:
            return None
        step = following(self.flags, done)
        while step is not None and not self._ready(step):
            done.append(step)
            step = following(self.flags, done)
        return step

    def _ready(self, step: Step) -> bool:
        given = self.case.given
        if step is Step.PROTECT:
            # Terms are put in by their places, which hiding would move; they have stand-ins of their own.
            asked = any(match.asked or not match.exact for match in given.matches)
            self.hidden = None if asked else hide(given.text)
            return self.hidden is not None
        if step is Step.SENTENCES:
            self.parted = parted(given)
            return self.parted is not None
        return True

    def given(self, step: Step) -> list[Given]:
        """What the engine reads at this step."""
        if step is Step.SENTENCES and self.parted is not None:
            return self.parted.parts
        hidden = self.hidden if step is Step.PROTECT else None
        given = self.case.given
        return [given if hidden is None else replace(given, text=hidden.text, matches=())]

    def answer(self, step: Step, found: Sequence[Outcome]) -> Outcome:
        """Of what the engine answered to `given`."""
        if step is Step.SENTENCES and self.parted is not None:
            return self.parted.joined(found)
        return self._shown(step, found[0])

    def _shown(self, step: Step, answer: Outcome) -> Outcome:
        """With what was hidden from the engine; without text where that cannot be put back."""
        if self.hidden is None or step is not Step.PROTECT or answer.text is None:
            return answer
        text = self.hidden.shown(answer.text)
        if text is None or not answer.links:
            return replace(answer, text=text)
        source = Offsets(self.hidden.text, self.case.given.text)
        return replace(
            answer, text=text, links=carried(answer.links, source=source, target=Offsets(answer.text, text))
        )


def doubtful(texts: Sequence[TextResult]) -> list[tuple[int, int]]:
    """Segments that a step may help, by number of the text and index."""
    return [
        (number, index)
        for number, text in enumerate(texts)
        if not REPAIRABLE.isdisjoint(text.flags)
        for index, segment in enumerate(text.segments)
        if not REPAIRABLE.isdisjoint(segment.flags)
    ]


class Mender:
    def __init__(self, *, tries: int) -> None:
        """`tries`: for one segment, at most; 0: none is tried again."""
        self._tries = tries

    @property
    def idle(self) -> bool:
        return self._tries == 0

    async def mend(self, cases: Sequence[Case], answers: Answers, run: Run) -> list[Mended]:
        """One a case, in order. A segment's answer depends on no other case.

        Raises what `answers` does, but for a ModelError: then the answers stand that there are.
        """
        climbs = [_Climb(case, case.outcome, frozenset(case.result.flags) - UNSETTLED, []) for case in cases]
        while steps := await run(self._steps, climbs):
            for (route, step), group in steps.items():
                given = [climb.given(step) for climb in group]
                every = [each for mine in given for each in mine]
                found = await _found(answers, every, route, DECODING[step])
                await run(_weigh, group, step, _apart(found, [len(mine) for mine in given]))
        return [Mended(climb.best, tuple(climb.tried)) for climb in climbs]

    def _steps(self, climbs: Sequence[_Climb]) -> dict[tuple[Route, Step], list[_Climb]]:
        found: defaultdict[tuple[Route, Step], list[_Climb]] = defaultdict(list)
        for climb in climbs:
            step = climb.step(self._tries)
            if step is not None:
                found[climb.case.route, step].append(climb)
        return dict(found)


async def _found(
    answers: Answers, given: Sequence[Given], route: Route, decoding: Decoding
) -> Sequence[Outcome]:
    try:
        return await answers(given, route, decoding)
    except ModelError:
        # The first answers stand, with their doubts; their repairs say that this came to nothing.
        return [Outcome(None)] * len(given)


def _apart(found: Sequence[Outcome], sizes: Sequence[int]) -> list[list[Outcome]]:
    left = iter(found)
    return [list(islice(left, size)) for size in sizes]


def _weigh(group: Sequence[_Climb], step: Step, found: Sequence[Sequence[Outcome]]) -> None:
    for climb, mine in zip(group, found, strict=True):
        _choose(climb, step, climb.answer(step, mine))


def _choose(climb: _Climb, step: Step, answer: Outcome) -> None:
    """Kept only if it clears a doubt and raises none: one doubt is never exchanged for another."""
    flags = _flags(climb.case, answer)
    excused = _excused(climb, flags, answer)
    kept = not excused and flags <= climb.flags and flags & REPAIRABLE < climb.flags & REPAIRABLE
    flags |= {"repetition"} if excused else set()
    climb.tried.append(Repair(step, kept, tuple(sorted(flags))))
    if kept:
        climb.best, climb.flags = _added(answer, climb.best), flags
    else:
        climb.best = _added(climb.best, answer)


def _excused(climb: _Climb, flags: frozenset[str], answer: Outcome) -> bool:
    """A source that repeats itself excuses an answer that does so, too; but not one that was to clear that doubt."""
    cleared = "repetition" in climb.flags - flags
    return cleared and answer.text is not None and loops(answer.text)


def _flags(case: Case, answer: Outcome) -> frozenset[str]:
    if answer.text is None or not answer.text.strip():
        return frozenset({"empty_translation"})
    return frozenset(case.judge(answer).flags) - UNSETTLED


def _added(kept: Outcome, other: Outcome) -> Outcome:
    """Compute and waiting of both; the tokens of what is delivered."""
    return replace(
        kept,
        compute_ns=kept.compute_ns + other.compute_ns,
        queue_ns=max(kept.queue_ns, other.queue_ns),
        load_ns=kept.load_ns + other.load_ns,
        cached=kept.cached and other.cached,
    )
