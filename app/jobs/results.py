"""What the translation of a unit leaves in the database: its text, its tags, and every segment with its doubts."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from app.documents.format import InlineTag, TagKind, Unit
from app.jobs.leases import Done
from app.provenance.origin import remembered
from app.results import SegmentResult, Status, TextResult, TranslationResult


def unit_of(stored: Sequence[Any]) -> Unit:
    text, location, language, tags = stored
    return Unit(
        text,
        tuple(InlineTag(TagKind(kind), start, end, name, parent) for kind, start, end, name, parent in tags),
        location,
        language,
    )


def done(found: TranslationResult, made: Mapping[str, Any] | None = None) -> Done:
    """`made`: what all of it was made with; kept once, with the first unit."""
    results = [_result(text) for text in found.texts]
    if results and made is not None:
        results[0]["made"] = dict(made)
    segments = [segment for result in results for segment in result["segments"]]
    flags = Counter(flag for segment in segments for flag in segment["flags"])
    return Done(results, len(segments), dict(sorted(flags.items())), found.load_ns)


def composable(result: Any) -> Any:
    """What app.documents.process takes: null leaves the unit as it stands."""
    if result is None or result["text"] is None:
        return None
    return [result["text"], result["tags"]]


def _result(result: TextResult) -> dict[str, Any]:
    """`text` is null where the unit stands as it was."""
    translated = result.status is Status.TRANSLATED
    placed = result.placed
    return {
        "text": (result.text if placed is None else placed.text) if translated else None,
        "tags": [] if placed is None else [[tag.start, tag.end] for tag in placed.tags],
        "source": result.source,
        "models": list(result.models),
        "languages": result.languages,
        "segments": [_segment(segment) for segment in result.segments],
    }


def _segment(segment: SegmentResult) -> dict[str, Any]:
    return {
        "start": segment.start,
        "end": segment.end,
        "source": segment.source,
        "confidence": segment.confidence,
        "models": [] if segment.route is None else list(segment.route.models),
        "text": segment.text,
        "read_as": segment.read_as,
        "translation_confidence": segment.quality,
        "flags": list(segment.flags),
        "cached": segment.cached,
        "repairs": [asdict(each) for each in segment.repairs],
        "memory": None if segment.memory is None else remembered(segment.memory),
        "error": None if segment.failure is None else segment.failure.code,
    }
