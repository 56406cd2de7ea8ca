"""The quality report, samples and ratings as plain JSON values."""

from collections.abc import Sequence
from typing import Any

from app.quality.drift import ERROR_RATE, Figure, Mean, Rate
from app.quality.rating import Estimate, Rating, Share
from app.quality.report import Group, QualityReport
from app.quality.sampled import Segment
from app.quality.samples import Sample

_PLACES = 4


def report(found: QualityReport, ratings: Sequence[Estimate]) -> dict[str, Any]:
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
        "ratings": [rating(each) for each in ratings],
    }


def rating(found: Estimate) -> dict[str, Any]:
    return {
        "source_language": found.source,
        "target_language": found.target,
        "models": found.models.split("+"),
        "rated": found.rated,
        "effective": round(found.effective, 1),
        **{each.value: found.counts[each] for each in Rating},
        "good_share": _share(found.good),
        "major_share": _share(found.major),
        "good_share_flagged": None if found.good_flagged is None else _share(found.good_flagged),
        "good_share_unflagged": None if found.good_unflagged is None else _share(found.good_unflagged),
    }


def sample(found: Sample) -> dict[str, Any]:
    return {
        "id": found.id,
        "created_at": found.created_at.isoformat(),
        "seed": found.seed,
        "size": found.size,
        "pair": None if found.pair is None else "-".join(found.pair),
        "population": found.population,
        "drawn": found.drawn,
        "rated": found.rated,
        "waiting": found.waiting,
        "lost": found.drawn - found.rated - found.waiting,
    }


def segment(name: str, found: Segment) -> dict[str, Any]:
    """Without flags and models: who rates is not to be swayed."""
    return {
        "sample": name,
        "id": str(found.place),
        "source_language": found.source,
        "target_language": found.target,
        "source": found.source_text,
        "text": found.text,
    }


def _share(found: Share) -> dict[str, float]:
    values = {"share": found.share, "low": found.interval.low, "high": found.interval.high}
    return {name: round(each, _PLACES) for name, each in values.items()}


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
