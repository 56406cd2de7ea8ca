"""A request's segments on their way to the engine and back: all routes at once, then the doubtful ones once more."""

import asyncio
from collections import defaultdict
from collections.abc import Coroutine, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from app.assembly import Repairs, Work, judge
from app.errors import DeadlineExceeded
from app.glossary import ladder
from app.glossary.enforcement import Given
from app.glossary.matching import Match
from app.plan import PlannedSegment, PlannedText
from app.repair import Case, Mender
from app.repair.ladder import Run
from app.results import Failure, TextResult, TranslationRequest
from batching.dispatcher import Admission, Dispatcher
from batching.errors import Expired
from batching.work import Outcome
from models.contracts import PLAIN, Decoding, EngineFailure, ModelError
from models.route import Route

Place = tuple[int, int]
"""Of a segment: number of the text, index of the segment."""
Works = list[dict[int, Work]]
"""For each text, what became of its segments by index."""


@dataclass(frozen=True, slots=True)
class Journey:
    request: TranslationRequest
    plans: Sequence[PlannedText]
    dispatcher: Dispatcher
    admission: Admission
    deadline: float | None
    """On the event loop's clock."""
    run: Run

    async def made(self, known: Sequence[Mapping[int, Work]]) -> Works:
        """`known`: what no model is asked for.

        Raises DeadlineExceeded, Stopped and Overloaded; a model's failure is its segments'.
        """
        works: Works = [dict(each) for each in known]
        travels = [self._along(route, places, works) for route, places in _places(self.plans, known).items()]
        try:
            await _all(travels)
        except Expired as expired:
            raise DeadlineExceeded(str(expired)) from expired
        return works

    async def repaired(
        self, mender: Mender, doubts: Sequence[Place], texts: Sequence[TextResult], works: Works
    ) -> Mapping[int, Repairs]:
        """Puts the better outcomes into `works`; what was done, by number of the text.

        Raises as `made` does.
        """
        cases = {
            place: self._case(place, outcome, texts[place[0]])
            for place in doubts
            # Of a text in parts nobody knows which is at fault, and they cost most.
            if isinstance(outcome := works[place[0]].get(place[1]), Outcome) and outcome.parts == 1
        }
        try:
            mended = await mender.mend([*cases.values()], self._answers, self.run)
        except Expired as expired:
            raise DeadlineExceeded(str(expired)) from expired
        repairs: defaultdict[int, dict[int, Any]] = defaultdict(dict)
        for (number, index), each in zip(cases, mended, strict=True):
            works[number][index] = each.outcome
            repairs[number][index] = each.repairs
        return repairs

    async def _along(self, route: Route, places: Sequence[Place], works: Works) -> None:
        given = [self._given(place, route) for place in places]
        results: Sequence[Outcome | Failure]
        try:
            results = await self._answers(given, route, PLAIN)
        except ModelError as error:
            code = "engine_failed" if isinstance(error, EngineFailure) else "model_unavailable"
            results = [Failure(code, str(error))] * len(places)
        for (number, index), result in zip(places, results, strict=True):
            works[number][index] = result

    async def _answers(self, given: Sequence[Given], route: Route, decoding: Decoding) -> list[Outcome]:
        """Of the engine, with terms in their places. Raises a ModelError, Expired and Stopped."""
        submit = partial(
            self.dispatcher.submit,
            route=route,
            tenant=self.request.tenant,
            priority=self.request.priority,
            deadline=self.deadline,
            admission=self.admission,
            decoding=_wanted(decoding, self.request),
        )
        if any(each.matches for each in given):
            return await ladder.translated(given, submit, self.run)
        linked = [at for at, each in enumerate(given) if each.linked]
        return await submit([each.text for each in given], linked=linked)

    def _given(self, place: Place, route: Route) -> Given:
        number, index = place
        plan, linked = self.plans[number], number in self.request.tagged
        part = plan.segments[index]
        written = plan.text[part.start : part.end]
        given = Given(part.given(written), _matches(part, written), (part.source, route.languages[-1]))
        return replace(given, direct=len(route.hops) == 1, linked=linked)

    def _case(self, place: Place, outcome: Outcome, result: TextResult) -> Case:
        number, index = place
        plan = self.plans[number]
        route = plan.segments[index].route
        assert route is not None  # noqa: S101 - the outcome came along it
        judged = partial(judge, plan, index, target=result.target)
        return Case(self._given(place, route), route, outcome, result.segments[index], judged)


def _matches(part: PlannedSegment, written: str) -> tuple[Match, ...]:
    """Where they are in what the engine reads."""
    reading = part.reading
    if reading is None or not part.matches:
        return part.matches
    if reading.recased and reading.chat is None and len(reading.text) != len(written):
        # In sentence case no place moves but where a letter is two in the other case.
        return ()
    places = [reading.moved((match.start, match.end)) for match in part.matches]
    moved = [
        replace(match, start=start, end=end) for match, (start, end) in zip(part.matches, places, strict=True)
    ]
    # Capitals come back afterwards.
    return tuple(replace(each, exact=each.exact and not reading.recased) for each in moved)


def longest_wait(works: Sequence[Mapping[int, Work]]) -> int:
    """Nanoseconds."""
    return max((each.queue_ns for each in _outcomes(works)), default=0)


def longest_load(works: Sequence[Mapping[int, Work]]) -> int:
    """Nanoseconds."""
    return max((each.load_ns for each in _outcomes(works)), default=0)


def _outcomes(works: Sequence[Mapping[int, Work]]) -> list[Outcome]:
    return [each for work in works for each in work.values() if isinstance(each, Outcome)]


async def _all(travels: Sequence[Coroutine[Any, Any, None]]) -> None:
    """Raises the first failure and cancels the others."""
    if len(travels) == 1:
        # Nearly always: spare it a task.
        await travels[0]
        return
    try:
        async with asyncio.TaskGroup() as group:
            for travel in travels:
                group.create_task(travel)
    except ExceptionGroup as failed:
        raise failed.exceptions[0] from None


def _places(plans: Sequence[PlannedText], known: Sequence[Mapping[int, Work]]) -> dict[Route, list[Place]]:
    places: defaultdict[Route, list[Place]] = defaultdict(list)
    for number, plan in enumerate(plans):
        for index, part in enumerate(plan.segments):
            if part.route is not None and index not in known[number]:
                places[part.route].append((number, index))
    return places


def _wanted(decoding: Decoding, request: TranslationRequest) -> Decoding:
    if not (request.scored or request.alternatives):
        return decoding
    return replace(decoding, scored=request.scored, others=bool(request.alternatives))
