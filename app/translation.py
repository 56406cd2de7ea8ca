"""TranslationService: detect -> segment -> route -> dispatch -> check -> join -> charge."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Coroutine, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Any, ParamSpec, TypeVar

from sqlalchemy import Connection

from app.assembly import Repairs, Work, assemble, judge
from app.charging import Tariff, entry, lines
from app.errors import DeadlineExceeded
from app.glossary import ladder
from app.glossary.enforcement import Given
from app.ledger.committer import Committer
from app.ledger.entry import LedgerEntry
from app.ledger.store import Recorded, Rider
from app.plan import PlannedText, Planner
from app.repair import Case, Mender, doubtful
from app.results import Failure, Repair, TextResult, TranslationRequest, TranslationResult
from app.tenants.budgets import Budgets
from app.validation import Languages, Limits, check_texts, languages
from batching.dispatcher import Admission, Dispatcher
from batching.errors import Expired
from batching.work import Outcome
from models.contracts import PLAIN, Decoding, EngineFailure, ModelError
from models.route import Route, Router

P = ParamSpec("P")
T = TypeVar("T")
Places = list[tuple[int, int]]
"""Segments as (number of the text, index of the segment)."""


Riders = Callable[[TranslationResult], Sequence[Rider]]
"""What is written with the charge of a result."""

SMALL = 400
"""Characters of a request up to which it is planned and assembled on the event loop: a median of 0.3 ms, less than
two threads cost to wake and to fight for the interpreter. At worst, short lines of nonsense, 0.1 s."""
FEW = 4
"""Texts of such a request: 500 words of two letters, a text each, took 0.6 s to detect."""


class TranslationService:
    def __init__(
        self,
        planner: Planner,
        router: Router,
        *,
        dispatcher: Dispatcher,
        committer: Committer,
        budgets: Budgets,
        workers: Executor,
        tariff: Tariff,
        limits: Limits,
        mender: Mender | None = None,
        candidates: tuple[str, ...] | None = None,
    ) -> None:
        self._planner = planner
        self._router = router
        self._dispatcher = dispatcher
        self._committer = committer
        self._budgets = budgets
        self._workers = workers
        self._tariff = tariff
        self._limits = limits
        self._mender = mender or Mender(tries=0)
        self._candidates = candidates

    async def translate(
        self,
        request: TranslationRequest,
        *,
        riders: Riders | None = None,
    ) -> TranslationResult:
        """Translates, charges, answers, in that order: no translation leaves without its charge on disk.

        `riders` says what is written with the charge of what would be the result.

        Raises InvalidRequest and its kinds, NoRoute for a declared pair without a route, DeadlineExceeded,
        BudgetExceeded, StorageError, and the queue's Overloaded and Stopped. Nothing is charged then.
        """
        wanted = languages(request, self._router, candidates=self._candidates)
        # Markup has as many units as it likes: its texts were counted where they came in.
        check_texts(request.texts, replace(self._limits, texts=None) if request.markup else self._limits)
        characters = request.characters
        inline = len(request.texts) <= FEW and characters <= SMALL
        deadline = None if request.timeout is None else asyncio.get_running_loop().time() + request.timeout
        place = self._dispatcher.admit(
            characters, tenant=request.tenant, priority=request.priority, timeout=request.timeout
        )
        room = self._budgets.held(request.tenant, characters, key=_key(request), seconds=request.timeout)
        with place as admission:
            async with room as held:
                plans = await self._planned(request, wanted, deadline, inline=inline)
                works = await self._work(plans, request, deadline, admission, inline=inline)
                texts, charge = await self._run(inline, self._finish, request, wanted.target, plans, works)
                if not self._mender.idle and doubtful(texts):
                    repairs = await self._repaired(
                        texts, plans, works, request, deadline, admission, inline=inline
                    )
                    texts, charge = await self._run(
                        inline, self._finish, request, wanted.target, plans, works, repairs, texts
                    )
                edition = request.protection.edition
                result = TranslationResult(
                    request.id,
                    texts,
                    charge,
                    duplicate=False,
                    glossary=edition,
                    load_ns=_longest_load(works),
                )
                riding = () if riders is None else await self._run(inline, _riding, riders, result)
                recorded = await self._committer.append(charge, riders=(*riding, *held))
        charged = charge if recorded.duplicate else recorded.entry
        return replace(result, entry=charged, duplicate=recorded.duplicate)

    async def _planned(
        self, request: TranslationRequest, wanted: Languages, deadline: float | None, *, inline: bool
    ) -> list[PlannedText]:
        if inline:
            return self._plan(request, wanted)
        try:
            async with asyncio.timeout_at(deadline):
                return await self._run(False, self._plan, request, wanted)
        except TimeoutError as error:
            raise DeadlineExceeded(str(Expired())) from error

    def _plan(self, request: TranslationRequest, wanted: Languages) -> list[PlannedText]:
        return self._planner.plan(
            request.texts,
            target=wanted.target,
            source=wanted.source,
            candidates=wanted.candidates,
            protection=request.protection,
            tenant=request.tenant,
            manner=request.manner,
        )

    async def _work(
        self,
        plans: Sequence[PlannedText],
        request: TranslationRequest,
        deadline: float | None,
        admission: Admission,
        *,
        inline: bool,
    ) -> list[dict[int, Work]]:
        """For each text, what became of its segments by index; all routes at once."""
        works: list[dict[int, Work]] = [{} for _ in plans]
        travels = [
            self._along(route, places, plans, works, request, deadline, admission, inline=inline)
            for route, places in _places(plans).items()
        ]
        try:
            await _all(travels)
        except Expired as expired:
            raise DeadlineExceeded(str(expired)) from expired
        return works

    async def _along(
        self,
        route: Route,
        places: Places,
        plans: Sequence[PlannedText],
        works: list[dict[int, Work]],
        request: TranslationRequest,
        deadline: float | None,
        admission: Admission,
        *,
        inline: bool,
    ) -> None:
        given = [_given(plans, place, route, request) for place in places]
        results: Sequence[Outcome | Failure]
        try:
            results = await self._answers(given, route, PLAIN, request, deadline, admission, inline=inline)
        except ModelError as error:
            code = "engine_failed" if isinstance(error, EngineFailure) else "model_unavailable"
            results = [Failure(code, str(error))] * len(places)
        for (number, index), result in zip(places, results, strict=True):
            works[number][index] = result

    async def _answers(
        self,
        given: Sequence[Given],
        route: Route,
        decoding: Decoding,
        request: TranslationRequest,
        deadline: float | None,
        admission: Admission,
        *,
        inline: bool,
    ) -> list[Outcome]:
        """Of the engine, with terms in their places. Raises a ModelError, Expired and Stopped."""
        submit = partial(
            self._dispatcher.submit,
            route=route,
            tenant=request.tenant,
            priority=request.priority,
            deadline=deadline,
            admission=admission,
            decoding=_wanted(decoding, request),
        )
        if any(each.matches for each in given):
            return await ladder.translated(given, submit, partial(self._run, inline))
        linked = [at for at, each in enumerate(given) if each.linked]
        return await submit([each.text for each in given], linked=linked)

    async def _repaired(
        self,
        texts: Sequence[TextResult],
        plans: Sequence[PlannedText],
        works: Sequence[dict[int, Work]],
        request: TranslationRequest,
        deadline: float | None,
        admission: Admission,
        *,
        inline: bool,
    ) -> dict[int, dict[int, tuple[Repair, ...]]]:
        """Puts the better outcomes into `works`; what was done, by number of the text and index."""
        cases = {
            (number, index): _case(plans, (number, index), outcome, texts[number], request)
            for number, index in doubtful(texts)
            # Of a text in parts nobody knows which is at fault, and they cost most.
            if isinstance(outcome := works[number].get(index), Outcome) and outcome.parts == 1
        }

        async def answer(given: Sequence[Given], route: Route, decoding: Decoding) -> list[Outcome]:
            return await self._answers(given, route, decoding, request, deadline, admission, inline=inline)

        try:
            mended = await self._mender.mend([*cases.values()], answer, partial(self._run, inline))
        except Expired as expired:
            raise DeadlineExceeded(str(expired)) from expired
        repairs: defaultdict[int, dict[int, tuple[Repair, ...]]] = defaultdict(dict)
        for (number, index), each in zip(cases, mended, strict=True):
            works[number][index] = each.outcome
            repairs[number][index] = each.repairs
        return repairs

    async def _run(self, inline: bool, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """In a thread of this service's own: others would make its short work wait for their long work."""
        if inline:
            return work(*args, **kwargs)
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._workers, partial(work, *args, **kwargs))

    def _finish(
        self,
        request: TranslationRequest,
        target: str,
        plans: Sequence[PlannedText],
        works: Sequence[Mapping[int, Work]],
        repairs: Mapping[int, Repairs] | None = None,
        before: Sequence[TextResult] = (),
    ) -> tuple[tuple[TextResult, ...], LedgerEntry]:
        """`repairs`, by the number of the text, and the texts `before` them."""
        tried = repairs or {}
        texts = tuple(
            before[number]
            if before and number not in tried
            else assemble(
                plan,
                work,
                target=target,
                alternatives=request.alternatives,
                repairs=tried.get(number),
            )
            for number, (plan, work) in enumerate(zip(plans, works, strict=True))
        )
        charge = entry(
            request,
            lines(plans, works, texts, markup=request.markup, charge_cached=self._tariff.charge_cached),
            tariff=self._tariff,
            created_at=datetime.now(UTC),
            queue_ns=_longest_wait(works),
        )
        return texts, charge


def _riding(riders: Riders, result: TranslationResult) -> Sequence[Rider]:
    """Made ahead, and once more in the ledger's thread where a price list made the charge another."""
    ahead = riders(result)
    if not ahead:
        return ()

    def ride(connection: Connection, recorded: Recorded) -> None:
        same = recorded.duplicate or recorded.entry.price_nanos == result.entry.price_nanos
        for rider in ahead if same else riders(replace(result, entry=recorded.entry)):
            rider(connection, recorded)

    return (ride,)


def _key(request: TranslationRequest) -> str | None:
    return request.idempotency_key or request.implicit_key


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


def _places(plans: Sequence[PlannedText]) -> dict[Route, Places]:
    places: defaultdict[Route, Places] = defaultdict(list)
    for number, plan in enumerate(plans):
        for index, part in enumerate(plan.segments):
            if part.route is not None:
                places[part.route].append((number, index))
    return places


def _given(
    plans: Sequence[PlannedText], place: tuple[int, int], route: Route, request: TranslationRequest
) -> Given:
    number, index = place
    plan, linked = plans[number], number in request.linked
    part = plan.segments[index]
    written = plan.text[part.start : part.end]
    given = Given(part.engine_text or written, part.matches, (part.source, route.languages[-1]))
    given = replace(given, direct=len(route.hops) == 1, linked=linked)
    if part.engine_text is None or not part.matches:
        return given
    # In sentence case no place moves but where a letter is two in the other case; capitals come back afterwards.
    moved = len(part.engine_text) != len(written)
    return replace(given, matches=() if moved else tuple(replace(each, exact=False) for each in part.matches))


def _wanted(decoding: Decoding, request: TranslationRequest) -> Decoding:
    if not (request.scored or request.alternatives):
        return decoding
    return replace(decoding, scored=request.scored, others=bool(request.alternatives))


def _longest_load(works: Sequence[Mapping[int, Work]]) -> int:
    return max(
        (each.load_ns for work in works for each in work.values() if isinstance(each, Outcome)), default=0
    )


def _case(
    plans: Sequence[PlannedText],
    place: tuple[int, int],
    outcome: Outcome,
    result: TextResult,
    request: TranslationRequest,
) -> Case:
    number, index = place
    route = plans[number].segments[index].route
    assert route is not None  # noqa: S101 - the outcome came along it
    judged = partial(judge, plans[number], index, target=result.target)
    return Case(_given(plans, place, route, request), route, outcome, result.segments[index], judged)


def _longest_wait(works: Sequence[Mapping[int, Work]]) -> int:
    return max(
        (each.queue_ns for work in works for each in work.values() if isinstance(each, Outcome)), default=0
    )
