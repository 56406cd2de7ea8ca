"""What work will come to, worked out by the very code that would charge it: only the engine is left out.

Detection, segmentation, routes and the ledger entry are the real ones; each segment's engine time is its characters at
the speed measured for its route. Blocking; runs in a thread.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache

from app.assembly import Work, assemble
from app.charging import Tariff, entry, lines
from app.ledger.counting import Counts
from app.ledger.entry import LedgerEntry, LedgerLine
from app.ledger.forecast import NOTHING, Forecast, Missing, PairForecast, Range
from app.ledger.money import cost_nanos
from app.ledger.pricing import Account, appraised
from app.ledger.speed import Speed
from app.pace import Pace, pieces
from app.plan import Fate, PlannedSegment, PlannedText, Planner
from app.repeats import Seen
from app.results import TranslationRequest
from app.storage.engine import Database
from app.validation import Languages, candidate_codes, language_code
from batching.work import Outcome

TOGETHER = 64
"""Ledger entries that are priced at once, and then summed."""
STARTING = 1.0
"""Seconds of a run in which the engine does not work yet or any more."""
SHARED = 1.1
"""Clock time over engine time of threads that have work all the time: detection and checks share their cores."""
_SLOWEST = 1.5
"""Of the same, where the machine's cores are busy with planning."""


RouteKey = tuple[str, tuple[str, ...], tuple[str, ...]]
"""Source, languages, models."""


@dataclass(slots=True)
class _Doubt:
    reason: str
    segments: int = 0
    characters: int = 0


@dataclass(slots=True)
class _Sum:
    """Of the ledger's lines of one route."""

    segments: int = 0
    characters: int = 0
    billed: int = 0
    unchanged: int = 0
    failed: int = 0
    compute_ns: int = 0

    def add(self, line: LedgerLine) -> None:
        self.segments += line.segments
        self.characters += line.characters
        self.billed += line.billed_characters
        self.unchanged += line.unchanged_characters
        self.failed += line.failed_characters
        self.compute_ns += line.compute_ns


@dataclass(frozen=True, slots=True)
class Estimator:
    planner: Planner
    pace: Pace
    tariff: Tariff
    database: Database
    remembers: bool
    """Whether segments equal to an earlier one take no engine time."""

    def begin(
        self,
        *,
        target: str,
        source: str | None,
        candidates: Sequence[str] | None,
        tenant: str,
        batched: bool,
    ) -> "Estimate":
        """`source` None: detect. `batched`: whether the work fills engine calls. Raises UnknownLanguage."""
        wanted = Languages(
            language_code(target),
            None if source is None else language_code(source),
            candidate_codes(candidates),
        )
        return Estimate(self, wanted, tenant=tenant, batched=batched)


class Estimate:
    """One piece of work in the making: add its texts request by request, as they would be sent, then ask.

    What it remembers does not grow with them (app.repeats).
    """

    def __init__(self, estimator: Estimator, wanted: Languages, *, tenant: str, batched: bool) -> None:
        self._planner = estimator.planner
        self._pace = estimator.pace
        self._tariff = estimator.tariff
        self._database = estimator.database
        self._remembers = estimator.remembers
        self._wanted = wanted
        self._tenant = tenant
        self._batched = batched
        self._seen = Seen()
        self._languages: Counter[str] = Counter()
        self._doubts: dict[tuple[str, str], _Doubt] = {}
        self._charges: list[LedgerEntry] = []
        self._sums: dict[RouteKey, _Sum] = {}
        self._ahead: dict[Account, int] = {}
        self._price_nanos = 0
        self._texts = self._passes = self._passed = self._repeats = 0
        self._speed = cache(self._speed_of)

    def add(self, texts: Sequence[str], *, markup: Sequence[Counts] = ()) -> None:
        """The texts of one request or window: one entry of the ledger. `markup`: see TranslationRequest."""
        wanted = self._wanted
        plans = self._planner.plan(
            texts,
            target=wanted.target,
            source=wanted.source,
            candidates=wanted.candidates,
            tenant=self._tenant,
        )
        works = [self._works(plan) for plan in plans]
        self._texts += len(texts)
        self._charges.append(self._entry(plans, works, markup))
        if len(self._charges) >= TOGETHER:
            self._sum_up()

    def forecast(self) -> Forecast:
        self._sum_up()
        every = self._sums.values()
        pairs = tuple(self._pair(key, found) for key, found in self._sums.items())
        compute = sum((pair.compute for pair in pairs), NOTHING)
        return Forecast(
            texts=self._texts,
            characters=sum(each.characters for each in every),
            billed_characters=sum(each.billed for each in every),
            unchanged_characters=sum(each.unchanged for each in every),
            failed_characters=sum(each.failed for each in every),
            segments=sum(each.segments for each in every),
            repeats=self._repeats,
            languages=dict(self._languages.most_common()),
            pairs=tuple(sorted(pairs, key=lambda pair: (-pair.characters, pair.source, pair.route))),
            missing=tuple(self._missing()),
            pivot_factor=self._passes / self._passed if self._passed else 1.0,
            currency=self._tariff.currency,
            price_nanos=self._price_nanos,
            compute=compute,
            cost=self._cost(compute),
            seconds=self._seconds(compute),
        )

    def _works(self, plan: PlannedText) -> dict[int, Work]:
        works: dict[int, Work] = {}
        for index, part in enumerate(plan.segments):
            size = part.end - part.start
            if part.fate is not Fate.NO_LANGUAGE:
                self._languages[part.source] += size
            if part.fate in (Fate.NO_ROUTE, Fate.UNDETERMINED):
                self._doubt(part)
            if part.route is not None:
                works[index] = self._outcome(plan, part)
                self._passed += size
                self._passes += size * len(part.route.hops)
        return works

    def _outcome(self, plan: PlannedText, part: PlannedSegment) -> Outcome:
        """As if the model answered with what it was given."""
        text = part.given(plan.text[part.start : part.end])
        models = part.route.models if part.route else ()
        cached = self._remembers and self._seen.repeated(models, text)
        self._repeats += cached
        compute_ns = 0 if cached else round(_weight(text, self._speed(models)))
        return Outcome(text, compute_ns=compute_ns, cached=cached)

    def _entry(
        self, plans: Sequence[PlannedText], works: Sequence[dict[int, Work]], markup: Sequence[Counts]
    ) -> LedgerEntry:
        target = self._wanted.target
        results = [assemble(plan, work, target=target) for plan, work in zip(plans, works, strict=True)]
        return entry(
            TranslationRequest([], target, tenant=self._tenant),
            lines(plans, works, results, markup=markup, charge_cached=self._tariff.charge_cached),
            tariff=self._tariff,
            created_at=datetime.now(UTC),
            queue_ns=0,
        )

    def _doubt(self, part: PlannedSegment) -> None:
        doubt = self._doubts.setdefault((part.source, part.fate.value), _Doubt(part.reason or ""))
        doubt.segments += 1
        doubt.characters += part.end - part.start

    def _missing(self) -> list[Missing]:
        return [
            Missing(source, self._wanted.target, doubt.segments, doubt.characters, doubt.reason)
            for (source, _), doubt in sorted(self._doubts.items(), key=lambda each: -each[1].characters)
        ]

    def _pair(self, key: RouteKey, found: _Sum) -> PairForecast:
        source, route, models = key
        seconds = found.compute_ns / 1e9
        speed = self._speed(models) if models else None
        compute = NOTHING
        if speed is not None and seconds:
            compute = Range(seconds, seconds * speed.low / speed.value, seconds * speed.high / speed.value)
        return PairForecast(
            source=source,
            target=self._wanted.target,
            route=route,
            models=models,
            segments=found.segments,
            characters=found.characters,
            compute=compute,
            speed="" if speed is None else speed.origin,
        )

    def _speed_of(self, models: tuple[str, ...]) -> Speed:
        return self._pace.speed(models, batched=self._batched)

    def _sum_up(self) -> None:
        """Priced with the month's volume so far and what went before: lists may have tiers."""
        with self._database.read() as connection:
            priced = appraised(connection, self._charges, ahead=self._ahead)
        for charge in priced:
            self._price_nanos += charge.price_nanos
            for line in charge.lines:
                self._sums.setdefault((line.source, line.route, line.models), _Sum()).add(line)
        self._charges.clear()

    def _cost(self, compute: Range) -> Range:
        tariff = self._tariff
        value, low, high = (
            cost_nanos(
                round(seconds * 1e9), rate_per_hour=tariff.machine_rate_per_hour, threads=tariff.threads
            )
            for seconds in (compute.value, compute.low, compute.high)
        )
        return Range(value, low, high)

    def _seconds(self, compute: Range) -> Range:
        share = compute * (1 / self._tariff.threads)
        if not share.value:
            return Range(STARTING, 0.0, 2 * STARTING)
        return Range(STARTING + share.value * SHARED, share.low, 2 * STARTING + share.high * _SLOWEST)


def _weight(text: str, speed: Speed) -> float:
    """Nanoseconds of a segment's engine time."""
    size = len(text) if speed.pieces is None else pieces(text) / speed.pieces
    return size * speed.value
