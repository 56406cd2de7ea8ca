"""What the translation of a unit leaves in the database: its text, its tags, and every segment with its doubts."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from app.documents.format import InlineTag, TagKind, Unit
from app.documents.inline import TranslatedSegment, place
from app.flags import FORMATTING_APPROXIMATE
from app.jobs.leases import Done
from app.provenance.origin import remembered
from app.results import SegmentResult, Status, TextResult


def unit_of(stored: Sequence[Any]) -> Unit:
    text, location, language, tags = stored
    return Unit(
        text,
        tuple(InlineTag(TagKind(kind), start, end, name, parent) for kind, start, end, name, parent in tags),
        location,
        language,
    )


def done(units: Sequence[Unit], texts: Sequence[TextResult], made: Mapping[str, Any] | None = None) -> Done:
    """`made`: what all of it was made with; kept once, with the first unit."""
    results = [_result(unit, text) for unit, text in zip(units, texts, strict=True)]
    if results and made is not None:
        results[0]["made"] = dict(made)
    segments = [segment for result in results for segment in result["segments"]]
    flags = Counter(flag for segment in segments for flag in segment["flags"])
    return Done(results, len(segments), dict(sorted(flags.items())))


def composable(result: Any) -> Any:
    """What app.documents.process takes: null leaves the unit as it stands."""
    if result is None or result["text"] is None:
        return None
    return [result["text"], result["tags"]]


def _result(unit: Unit, result: TextResult) -> dict[str, Any]:
    """`text` is null where the unit stands as it was."""
    text, tags, doubtful = None, [], frozenset[int]()
    if result.status is Status.TRANSLATED:
        placed = place(unit, [TranslatedSegment(s.start, s.end, s.text, s.links) for s in result.segments])
        text, doubtful = placed.translated.text, frozenset(placed.approximate)
        tags = [[tag.start, tag.end] for tag in placed.translated.tags]
    return {
        "text": text,
        "tags": tags,
        "source": result.source,
        "models": list(result.models),
        "languages": result.languages,
        "segments": [
            _segment(segment, approximate=number in doubtful)
            for number, segment in enumerate(result.segments)
        ],
    }


def _segment(segment: SegmentResult, *, approximate: bool) -> dict[str, Any]:
    flags = {*segment.flags, FORMATTING_APPROXIMATE} if approximate else set(segment.flags)
    return {
        "start": segment.start,
        "end": segment.end,
        "source": segment.source,
        "confidence": segment.confidence,
        "models": [] if segment.route is None else list(segment.route.models),
        "text": segment.text,
        "translation_confidence": segment.quality,
        "flags": sorted(flags),
        "cached": segment.cached,
        "repairs": [asdict(each) for each in segment.repairs],
        "memory": None if segment.memory is None else remembered(segment.memory),
        "error": None if segment.failure is None else segment.failure.code,
    }
