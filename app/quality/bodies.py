"""The quality report as plain JSON values."""

from typing import Any

from app.quality.drift import ERROR_RATE, Figure, Mean, Rate
from app.quality.report import Group, QualityReport

_PLACES = 4


def report(found: QualityReport) -> dict[str, Any]:
    asked = found.asked
    return {
        "tenant": asked.tenant,
        "since": asked.since.isoformat(),
        "until": asked.until.isoformat(),
        "baseline_days": asked.baseline,
        "group_by": asked.by,
        "pair": None if asked.pair is None else "-".join(asked.pair),
        "model": asked.model,
        "verdict": found.verdict.value,
        "error_rate": ERROR_RATE,
        "comparisons": found.comparisons,
        "groups": [group(each) for each in found.groups],
    }


def group(found: Group) -> dict[str, Any]:
    return {
        "key": found.key,
        "verdict": found.verdict.value,
        "segments": found.segments,
        "segments_before": found.segments_before,
        "characters": found.characters,
        "fingerprints": list(found.fingerprints),
        "fingerprints_before": list(found.fingerprints_before),
        "model_changed": found.model_changed,
        "confidence_histogram": list(found.histogram),
        "confidence_histogram_before": list(found.histogram_before),
        "flags": [_flag(each) for each in found.figures if isinstance(each.now, Rate)],
        "confidence": next((_confidence(each) for each in found.figures if isinstance(each.now, Mean)), None),
    }


def _flag(found: Figure) -> dict[str, Any]:
    return {
        "flag": found.what,
        "now": _rate(found.now),
        "before": _rate(found.before),
        **_judged(found),
    }


def _confidence(found: Figure) -> dict[str, Any]:
    return {"now": _mean(found.now), "before": _mean(found.before), **_judged(found)}


def _judged(found: Figure) -> dict[str, Any]:
    return {"verdict": found.verdict.value, "p": None if found.p is None else float(f"{found.p:.3g}")}


def _rate(found: Rate | Mean) -> dict[str, Any]:
    """In segments of a thousand."""
    assert isinstance(found, Rate)  # noqa: S101 - figures come in two kinds
    share = found.share
    if share is None:
        return {"segments": 0, "count": 0, "per_thousand": None, "low": None, "high": None}
    low, high = found.interval.low, found.interval.high
    return {
        "segments": found.segments,
        "count": found.count,
        **{
            name: round(1000 * each, 3)
            for name, each in (("per_thousand", share), ("low", low), ("high", high))
        },
    }


def _mean(found: Rate | Mean) -> dict[str, Any]:
    assert isinstance(found, Mean)  # noqa: S101 - figures come in two kinds
    if found.value is None or found.interval is None:
        return {"segments": 0, "mean": None, "low": None, "high": None}
    values = (("mean", found.value), ("low", found.interval.low), ("high", found.interval.high))
    return {"segments": found.segments, **{name: round(each, _PLACES) for name, each in values}}
