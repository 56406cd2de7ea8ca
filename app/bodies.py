"""Results as plain JSON values: what the HTTP API and `--json` on the command line print alike."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from decimal import Decimal
from itertools import zip_longest
from typing import Any

from app.detection import Detection
from app.fidelity import Finding
from app.glossary.terms import Edition
from app.ledger.forecast import Forecast, PairForecast, Range
from app.ledger.money import format_nanos
from app.ledger.report import UsageReport, UsageRow
from app.ledger.vendors import Bill
from app.ledger.wording import headline, statement
from app.provenance.origin import Making, remembered
from app.results import Failure, SegmentResult, TextResult, TranslationResult
from models.card import ModelCard
from models.catalogue import Catalogue
from models.comparison import Choice
from models.route import Route

_NANOS = 1e-9
_PLACES = 4


def translation(result: TranslationResult, *, detail: bool, made: Making | None = None) -> dict[str, Any]:
    """`made`: with `detail`, what it was made with is told."""
    return {
        "id": result.id,
        "translations": [_text(text, detail=detail) for text in result.texts],
        "usage": _usage(result),
        **({"provenance": made(result)} if detail and made else {}),
        **({} if result.glossary is None else {"glossary": glossary_used(result.glossary)}),
    }


def glossary_used(edition: Edition) -> dict[str, Any]:
    return {"id": edition.id, "name": edition.name, "version": edition.version}


def detection(found: Detection) -> dict[str, Any]:
    return {
        "language": found.language,
        "confidence": round(found.confidence, _PLACES),
        "alternatives": [
            {"language": language, "confidence": round(confidence, _PLACES)}
            for language, confidence in found.alternatives
        ],
    }


def findings(found: Sequence[Finding]) -> dict[str, Any]:
    return {"flags": [_finding(each) for each in found]}


def route(found: Route) -> dict[str, Any]:
    return {
        **_way(found),
        "quality": _rounded_score(found.quality),
        "chosen_by": found.why.by.value,
    }


def models(
    catalogue: Catalogue,
    terms: Mapping[str, Any],
    *,
    loaded: tuple[str, ...] = (),
    quarantined: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """`terms`: see app.decisive."""
    reasons = quarantined or {}
    return {
        "models": [
            {**card(each, loaded=each.id in loaded), "quarantined": reasons.get(each.id)}
            for each in catalogue.cards
        ],
        "problems": [
            {"folder": problem.folder.name, "reason": problem.reason} for problem in catalogue.problems
        ],
        "terms": dict(terms),
    }


def card(model: ModelCard, *, loaded: bool) -> dict[str, Any]:
    return {
        "id": model.id,
        "pairs": [{"source": pair.source, "target": pair.target} for pair in model.pairs],
        "architecture": model.architecture,
        "licence": model.licence,
        "attribution": model.attribution,
        "origin": model.origin,
        "made": model.made,
        "token_limit": model.token_limit,
        "fingerprint": model.fingerprint,
        "sha256": dict(model.sha256),
        "scores": [
            {
                "testset": score.testset,
                "source": score.pair.source,
                "target": score.pair.target,
                "chrf": score.chrf,
                "bleu": score.bleu,
            }
            for score in model.scores
        ],
        "loaded": loaded,
    }


def usage(report: UsageReport, elsewhere: Sequence[Bill]) -> dict[str, Any]:
    return {
        "tenant": report.tenant,
        "currency": report.currency,
        "since": report.since.isoformat() if report.since else None,
        "until": report.until.isoformat() if report.until else None,
        "group_by": report.group_by,
        "headline": headline(report),
        "statement": statement(report),
        "totals": _figures(report.totals),
        "rows": [{"key": row.key, **_figures(row)} for row in report.rows],
        "other_currencies": list(report.other_currencies),
        "elsewhere": [_bill(bill) for bill in elsewhere],
    }


def estimate(found: Forecast) -> dict[str, Any]:
    return {
        "texts": found.texts,
        "characters": found.characters,
        "billed_characters": found.billed_characters,
        "unchanged_characters": found.unchanged_characters,
        "failed_characters": found.failed_characters,
        "segments": found.segments,
        "repeats": found.repeats,
        "languages": dict(found.languages),
        "pairs": [_pair_forecast(pair) for pair in found.pairs],
        "missing": [asdict(each) for each in found.missing],
        "pivot_factor": round(found.pivot_factor, _PLACES),
        "currency": found.currency,
        "price": format_nanos(found.price_nanos),
        "cost": {name: format_nanos(round(value)) for name, value in asdict(found.cost).items()},
        "compute_seconds": _range(found.compute),
        "seconds": _range(found.seconds),
    }


def _pair_forecast(pair: PairForecast) -> dict[str, Any]:
    return {
        "source": pair.source,
        "target": pair.target,
        "route": list(pair.route),
        "models": list(pair.models),
        "segments": pair.segments,
        "characters": pair.characters,
        "compute_seconds": _range(pair.compute),
        "speed": pair.speed,
    }


def _range(found: Range) -> dict[str, float]:
    return {name: round(value, _PLACES) for name, value in asdict(found).items()}


def _bill(bill: Bill) -> dict[str, Any]:
    vendor = bill.vendor
    return {
        "vendor": vendor.id,
        "name": vendor.name,
        "unit": vendor.unit,
        "units": bill.units,
        "free_units": bill.free,
        "per_million": str(vendor.per_million),
        "per_month": str(vendor.per_month),
        "amount": f"{bill.amount:.9f}",
        "currency": vendor.currency,
        "converted": None if bill.converted is None else f"{bill.converted:.9f}",
        "rate": None if bill.rate is None else str(bill.rate.value),
        "rate_day": None if bill.rate is None else bill.rate.day.isoformat(),
        "confirmed": vendor.confirmed,
        "rule": vendor.rule,
        "note": vendor.note,
        "price_source": vendor.price_source,
        "rule_source": vendor.rule_source,
        "read": vendor.read.isoformat(),
    }


def _figures(row: UsageRow) -> dict[str, Any]:
    return {
        "requests": row.requests,
        "characters": row.characters,
        "translated_characters": row.translated_characters,
        "billed_characters": row.billed_characters,
        "unchanged_characters": row.unchanged_characters,
        "cached_characters": row.cached_characters,
        "failed_characters": row.failed_characters,
        "unchanged_share": round(row.unchanged_share, _PLACES),
        "cached_share": round(row.cached_share, _PLACES),
        "segments": row.segments,
        "cached_segments": row.cached_segments,
        "source_tokens": row.source_tokens,
        "target_tokens": row.target_tokens,
        "compute_seconds": row.compute_ns * _NANOS,
        "price": format_nanos(row.price_nanos),
        "cost": format_nanos(row.cost_nanos),
        "idle_cost": format_nanos(row.idle_nanos),
        "price_per_million": _per_million(row.price_per_million),
        "cost_per_million": _per_million(row.cost_per_million),
    }


def _per_million(value: Decimal | None) -> str | None:
    return None if value is None else f"{value:.6f}"


def _text(result: TextResult, *, detail: bool) -> dict[str, Any]:
    body: dict[str, Any] = {
        "text": result.text,
        "source": result.source,
        "detected": result.detected,
        "confidence": _rounded(result.confidence),
        "languages": {language: round(share, _PLACES) for language, share in result.languages.items()},
        "target": result.target,
        "status": result.status.value,
        "route": list(result.route),
        "models": list(result.models),
        "characters": result.characters,
        "translation_confidence": _rounded(_quality(result)),
        "flags": list(result.flags),
        "repairs": _kept(result),
        "error": _failure(result.failure),
    }
    if detail:
        body["segments"] = [_segment(segment) for segment in result.segments]
        routes = {id(each.route): each.route for each in result.segments if each.route is not None}
        body["routing"] = [_routing(each) for each in routes.values()]
    return body


def _segment(segment: SegmentResult) -> dict[str, Any]:
    return {
        "start": segment.start,
        "end": segment.end,
        "source": segment.source,
        "confidence": _rounded(segment.confidence),
        "text": segment.text,
        "read_as": segment.read_as,
        "translation_confidence": _rounded(segment.quality),
        "flags": list(segment.flags),
        "cached": segment.cached,
        "memory": None if segment.memory is None else remembered(segment.memory),
        "terms": [asdict(each) for each in segment.terms],
        "repairs": [asdict(each) for each in segment.repairs],
        "unit": segment.unit,
        "hops": [] if segment.route is None else _hops(segment.route, segment.via),
    }


def _routing(found: Route) -> dict[str, Any]:
    return {
        **_way(found),
        **_choice(found.why),
        "hops": [{"model": hop.card.id, **_choice(hop.why)} for hop in found.hops],
    }


def _way(found: Route) -> dict[str, Any]:
    return {
        "source": found.languages[0],
        "target": found.languages[-1],
        "route": list(found.languages),
        "models": list(found.models),
    }


def _choice(why: Choice) -> dict[str, Any]:
    return {
        "by": why.by.value,
        "testsets": list(why.testsets),
        "compared": [
            {
                "models": list(each.models),
                "languages": list(each.languages),
                "score": _rounded_score(each.score),
            }
            for each in why.compared
        ],
    }


def _rounded_score(chrf: float | None) -> float | None:
    return None if chrf is None else round(chrf, 2)


def _hops(route: Route, via: Sequence[str]) -> list[dict[str, Any]]:
    return [
        {
            "source": hop.pair.source,
            "target": hop.pair.target,
            "model": hop.card.id,
            "fingerprint": hop.card.fingerprint,
            "text": text,
        }
        for hop, text in zip_longest(route.hops, via)
    ]


def _quality(result: TextResult) -> float | None:
    """Of its segments together, by length; None where one that was translated does not say."""
    sizes = [(each.end - each.start, each.quality) for each in result.segments if each.route is not None]
    total = sum(size for size, _ in sizes)
    known = [size * quality for size, quality in sizes if quality is not None]
    return sum(known) / total if total and len(known) == len(sizes) else None


def _kept(result: TextResult) -> list[str]:
    """Steps whose answers took the place of first ones."""
    return sorted({each.step for segment in result.segments for each in segment.repairs if each.kept})


def _failure(failure: Failure | None) -> dict[str, str] | None:
    return None if failure is None else {"code": failure.code, "message": failure.message}


def _finding(found: Finding) -> dict[str, Any]:
    start, end = found.place or (None, None)
    source_start, source_end = found.source_place or (None, None)
    return {
        "kind": found.kind,
        "detail": found.detail,
        "start": start,
        "end": end,
        "source_start": source_start,
        "source_end": source_end,
    }


def _usage(result: TranslationResult) -> dict[str, Any]:
    """Of a request whose key was charged before nothing is billed, and this time's compute is not priced."""
    entry = result.entry
    return {
        "characters": entry.characters,
        "billed_characters": 0 if result.duplicate else entry.billed_characters,
        "price": format_nanos(0 if result.duplicate else entry.price_nanos),
        "cost": format_nanos(entry.cost_nanos),
        "currency": entry.currency,
        "compute_seconds": entry.compute_ns * _NANOS,
        "queue_seconds": entry.queue_ns * _NANOS,
        "segments": entry.segments,
        "cached_segments": entry.cached_segments,
    }


def _rounded(confidence: float | None) -> float | None:
    return None if confidence is None else round(confidence, _PLACES)
