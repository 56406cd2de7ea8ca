"""Results of units, with the units' tags in their places. Pure; costs time where there are many."""

from collections.abc import Mapping
from dataclasses import replace

from app.documents.format import Unit
from app.documents.inline import FORMATTING_APPROXIMATE, TranslatedSegment, place
from app.results import SegmentResult, Status, TextResult


def placed(texts: tuple[TextResult, ...], tagged: Mapping[int, Unit]) -> tuple[TextResult, ...]:
    """`tagged`: units by the number of their text. What stands as it was keeps its tags, and needs no placing."""
    return tuple(
        _placed(tagged[number], text) if number in tagged and text.status is Status.TRANSLATED else text
        for number, text in enumerate(texts)
    )


def _placed(unit: Unit, text: TextResult) -> TextResult:
    found = place(unit, [TranslatedSegment(s.start, s.end, s.text, s.links) for s in text.segments])
    doubtful = frozenset(found.approximate)
    segments = tuple(
        _doubted(segment) if number in doubtful else segment for number, segment in enumerate(text.segments)
    )
    flags = {*text.flags, *([FORMATTING_APPROXIMATE] if doubtful else [])}
    return replace(text, segments=segments, flags=tuple(sorted(flags)), placed=found.translated)


def _doubted(segment: SegmentResult) -> SegmentResult:
    return replace(segment, flags=tuple(sorted({*segment.flags, FORMATTING_APPROXIMATE})))
