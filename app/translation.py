"""TranslationService: detect -> segment -> route -> dispatch -> check -> join -> charge."""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import ParamSpec, TypeVar

from sqlalchemy import Connection

from app.assembly import Repairs, Work, assemble, mend
from app.charging import Tariff, entry, lines
from app.documents.placing import placed
from app.errors import DeadlineExceeded
from app.journey import Journey, Place, Works, longest_load, longest_wait
from app.ledger.committer import Committer
from app.ledger.entry import LedgerEntry
from app.ledger.store import Recorded, Rider
from app.plan import PlannedText, Planner
from app.quality.taking import tallies
from app.repair import Mender, doubtful
from app.results import TextResult, TranslationRequest, TranslationResult
from app.review.memory import Memory
from app.review.recall import recalled
from app.tenants.budgets import Budgets
from app.traces import UNTRACED, Traces
from app.validation import Languages, Limits, check_texts, languages
from batching.dispatcher import Dispatcher
from batching.errors import Expired
from batching.work import Priority
from models.router import Router

P = ParamSpec("P")
T = TypeVar("T")
Texts = tuple[TextResult, ...]
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
        memory: Memory | None = None,
        traces: Traces = UNTRACED,
        heard: Callable[[Priority, float], object] = lambda *_: None,
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
        self._memory = memory
        self._traces = traces
        self._heard = heard

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
        started = time.monotonic()
        try:
            result = await self._translated(request, riders)
        except DeadlineExceeded:
            self._heard(request.priority, time.monotonic() - started)
            raise
        self._heard(request.priority, time.monotonic() - started)
        return result

    async def _translated(self, request: TranslationRequest, riders: Riders | None) -> TranslationResult:
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
                run = partial(self._run, inline)
                journey = Journey(request, plans, self._dispatcher, admission, deadline, run)
                version, known = await self._recalled(plans, request, wanted.target)
                made = await journey.made(known)
                # Of what was remembered nothing was ever queued, and its charge keeps nobody out.
                admission.settle()
                result = replace(await self._concluded(journey, made, wanted.target), memory=version)
                riding = () if riders is None else await journey.run(_riding, riders, result)
                with self._traces.span("ledger commit"):
                    recorded = await self._committer.append(
                        result.entry, riders=(*riding, *held), tallies=result.tallies
                    )
        charged = result.entry if recorded.duplicate else recorded.entry
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

    async def _recalled(
        self, plans: Sequence[PlannedText], request: TranslationRequest, target: str
    ) -> tuple[int | None, Sequence[Mapping[int, Work]]]:
        """The version of the tenant's memory, and what it answers; None where it is not to be asked."""
        if not request.memory or self._memory is None:
            return None, [{} for _ in plans]
        return await asyncio.to_thread(recalled, plans, self._memory, tenant=request.tenant, target=target)

    async def _concluded(self, journey: Journey, works: Works, target: str) -> TranslationResult:
        """With the charge that is to be made; segments in doubt are tried again first."""
        request = journey.request
        texts, doubts, first = await journey.run(self._judged, journey, works, target)
        if first is None:
            repairs = await journey.repaired(self._mender, doubts, texts, works)
            texts, charge = await journey.run(self._mended, journey, works, repairs, texts)
        else:
            charge = first
        if request.tagged:
            texts = await journey.run(placed, texts, request.tagged)
        return TranslationResult(
            request.id,
            texts,
            charge,
            duplicate=False,
            glossary=request.protection.edition,
            load_ns=longest_load(works),
            tallies=await journey.run(tallies, texts),
        )

    async def _run(self, inline: bool, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """In a thread of this service's own: others would make its short work wait for their long work."""
        if inline:
            return work(*args, **kwargs)
        loop = asyncio.get_running_loop()
        carried = self._traces.carried(partial(work, *args, **kwargs))
        return await loop.run_in_executor(self._workers, carried)

    def _judged(
        self, journey: Journey, works: Works, target: str
    ) -> tuple[Texts, Sequence[Place], LedgerEntry | None]:
        """The texts, and the segments of them to try again; where there are none, the charge."""
        alternatives = journey.request.alternatives
        with self._traces.span("fidelity", texts=len(works)) as span:
            texts = tuple(
                assemble(plan, work, target=target, alternatives=alternatives)
                for plan, work in zip(journey.plans, works, strict=True)
            )
            doubts = () if self._mender.idle else doubtful(texts)
            span.say("doubtful_segments", len(doubts))
        return texts, doubts, None if doubts else self._charge(journey, works, texts)

    def _mended(
        self, journey: Journey, works: Works, repairs: Mapping[int, Repairs], before: Texts
    ) -> tuple[Texts, LedgerEntry]:
        """`before`, but for what was tried again: `repairs`, by the number of the text."""
        texts = list(before)
        for number, tried in repairs.items():
            texts[number] = mend(
                journey.plans[number],
                works[number],
                before=before[number],
                repairs=tried,
                alternatives=journey.request.alternatives,
            )
        return tuple(texts), self._charge(journey, works, texts)

    def _charge(self, journey: Journey, works: Works, texts: Sequence[TextResult]) -> LedgerEntry:
        request, tariff = journey.request, self._tariff
        return entry(
            request,
            lines(journey.plans, works, texts, markup=request.markup, charge_cached=tariff.charge_cached),
            tariff=tariff,
            created_at=datetime.now(UTC),
            queue_ns=longest_wait(works),
        )


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
