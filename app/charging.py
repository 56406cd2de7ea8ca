"""What a finished request is charged: its characters, once each, spread over ledger lines by route. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from itertools import repeat

from app.assembly import Work, translated
from app.ledger.counting import Counts, count
from app.ledger.entry import LedgerEntry, LedgerLine
from app.ledger.money import cost_nanos, price_nanos
from app.plan import PlannedSegment, PlannedText
from app.results import SegmentResult, Status, TextResult, TranslationRequest
from batching.work import Outcome

FINGERPRINT = 16
"""Hexadecimal digits kept of a model's."""

LineKey = tuple[str, str, tuple[str, ...], tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Tariff:
    price_per_million: Decimal
    machine_rate_per_hour: Decimal
    threads: int
    """Engine threads the machine's rate buys."""
    currency: str
    charge_cached: bool = True
    """Whether segments that took no engine time are billed like others."""


@dataclass(slots=True)
class _Tally:
    """One ledger line in the making."""

    segments: int = 0
    cached_segments: int = 0
    counts: Counts = field(default_factory=lambda: count(""))
    billed: int = 0
    unchanged: int = 0
    cached: int = 0
    failed: int = 0
    source_tokens: int = 0
    target_tokens: int = 0
    compute_ns: int = 0

    def line(self, key: LineKey, *, fingerprints: Mapping[str, str], charge_cached: bool) -> LedgerLine:
        source, target, route, models = key
        return LedgerLine(
            source=source,
            target=target,
            route=route,
            models=models,
            segments=self.segments,
            cached_segments=self.cached_segments,
            counts=self.counts,
            billed_characters=self.billed if charge_cached else self.billed - self.cached,
            unchanged_characters=self.unchanged,
            cached_characters=self.cached,
            failed_characters=self.failed,
            source_tokens=self.source_tokens,
            target_tokens=self.target_tokens,
            compute_ns=self.compute_ns,
            fingerprints=tuple(fingerprints.get(model, "") for model in models),
        )


def lines(
    plans: Sequence[PlannedText],
    works: Sequence[Mapping[int, Work]],
    results: Sequence[TextResult],
    *,
    markup: Sequence[Counts] = (),
    charge_cached: bool = True,
) -> tuple[LedgerLine, ...]:
    """One line for each language pair and route. Their characters sum to those of the texts, exactly.

    What lies between segments (white space, bullets) counts with the text's main route, and so does its `markup`, one
    a text if there is any. Failed texts, and segments left untranslated in others, are counted and not billed.
    """
    tallies: dict[LineKey, _Tally] = {}
    beside = markup or repeat(Counts(), len(plans))
    for plan, work, result, more in zip(plans, works, results, beside, strict=True):
        _add(tallies, plan, work, result, more)
    fingerprints = _fingerprints(plans)
    return tuple(
        tally.line(key, fingerprints=fingerprints, charge_cached=charge_cached)
        for key, tally in sorted(tallies.items())
    )


def entry(
    request: TranslationRequest,
    ledger_lines: tuple[LedgerLine, ...],
    *,
    tariff: Tariff,
    created_at: datetime,
    queue_ns: int,
) -> LedgerEntry:
    billed = sum(line.billed_characters for line in ledger_lines)
    compute_ns = sum(line.compute_ns for line in ledger_lines)
    glossary, version = request.protection.origin
    return LedgerEntry(
        id=request.id,
        created_at=created_at,
        tenant=request.tenant,
        kind=request.kind,
        idempotency_key=_charged_under(request, billed=billed),
        digest=request.digest,
        lines=ledger_lines,
        currency=tariff.currency,
        price_nanos=price_nanos(billed, price_per_million=tariff.price_per_million),
        cost_nanos=cost_nanos(compute_ns, rate_per_hour=tariff.machine_rate_per_hour, threads=tariff.threads),
        queue_ns=queue_ns,
        key_id=request.key_id,
        cost_centre=request.cost_centre,
        job=request.job,
        chunk=request.chunk,
        glossary=glossary,
        glossary_version=version,
    )


def _fingerprints(plans: Sequence[PlannedText]) -> dict[str, str]:
    """The first digits, by model id."""
    hops = (hop for plan in plans for part in plan.segments if part.route for hop in part.route.hops)
    cards = {hop.card.id: hop.card for hop in hops}
    return {model: card.fingerprint[:FINGERPRINT] for model, card in cards.items()}


def _charged_under(request: TranslationRequest, *, billed: int) -> str:
    """Work that came to nothing is not held against the next try, unless the caller named it."""
    if request.idempotency_key is not None:
        return request.idempotency_key
    return request.implicit_key if request.implicit_key is not None and billed else request.id


def _add(
    tallies: dict[LineKey, _Tally],
    plan: PlannedText,
    work: Mapping[int, Work],
    result: TextResult,
    markup: Counts,
) -> None:
    failed = result.status is Status.FAILED
    position = 0
    gaps: list[str] = []
    for index, (part, segment) in enumerate(zip(plan.segments, result.segments, strict=True)):
        gaps.append(plan.text[position : part.start])
        position = part.end
        tally = tallies.setdefault(_key(part, segment, result), _Tally())
        _count_segment(tally, plan.text[part.start : part.end], part, segment, failed=failed)
        _count_work(tally, work.get(index))
    gaps.append(plan.text[position:])
    # Not result.source: the longest language of a text may be the target's own, which no route leaves.
    source = result.route[0] if result.route else result.source
    main = (source, result.target, result.route, result.models)
    _count_gaps(tallies.setdefault(main, _Tally()), count("".join(gaps)) + markup, result.status)


def _key(part: PlannedSegment, segment: SegmentResult, result: TextResult) -> LineKey:
    """What a memory answered is no model's."""
    if part.route is None or segment.memory is not None:
        return (part.source, result.target, (), ())
    return (part.source, result.target, part.route.languages, part.route.models)


def _count_segment(
    tally: _Tally, source: str, part: PlannedSegment, segment: SegmentResult, *, failed: bool
) -> None:
    counts = count(source)
    tally.counts += counts
    tally.segments += 1
    if failed or segment.failure is not None:
        tally.failed += counts.characters
        return
    tally.billed += counts.characters
    if not translated(part, segment):
        tally.unchanged += counts.characters
    if segment.cached:
        tally.cached_segments += 1
        tally.cached += counts.characters


def _count_work(tally: _Tally, work: Work | None) -> None:
    if isinstance(work, Outcome):
        tally.source_tokens += work.source_tokens
        tally.target_tokens += work.target_tokens
        tally.compute_ns += work.compute_ns


def _count_gaps(tally: _Tally, counts: Counts, status: Status) -> None:
    tally.counts += counts
    if status is Status.FAILED:
        tally.failed += counts.characters
        return
    tally.billed += counts.characters
    if status is Status.UNCHANGED:
        tally.unchanged += counts.characters
