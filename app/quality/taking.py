"""Tallies of what was translated. Pure; a microsecond a segment."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from app.charging import FINGERPRINT
from app.flags import FACTS
from app.quality.tally import PER_MILLE, Tally
from app.results import TextResult
from models.route import Route

Key = tuple[str, str, tuple[str, ...], tuple[str, ...]]


def tallies(texts: Sequence[TextResult]) -> tuple[Tally, ...]:
    found: dict[Key, _Sums] = {}
    seen: dict[int, tuple[tuple[str, ...], tuple[str, ...]]] = {}
    for text in texts:
        for segment in text.segments:
            route = segment.route
            key = (segment.source, text.target, *(((), ()) if route is None else _models(route, seen)))
            sums = found.get(key)
            if sums is None:
                sums = found[key] = _Sums()
            sums.segments += 1
            sums.characters += segment.end - segment.start
            if segment.flags:
                sums.flags.update(segment.flags)
                sums.doubtful += not FACTS.issuperset(segment.flags)
            if segment.quality is not None:
                sums.confidences.append(round(segment.quality * PER_MILLE))
    return tuple(
        Tally(*key, each.segments, each.characters, each.doubtful, dict(each.flags), tuple(each.confidences))
        for key, each in found.items()
    )


@dataclass(slots=True)
class _Sums:
    segments: int = 0
    characters: int = 0
    doubtful: int = 0
    flags: Counter[str] = field(default_factory=Counter)
    confidences: list[int] = field(default_factory=list)


def _models(
    route: Route, seen: dict[int, tuple[tuple[str, ...], tuple[str, ...]]]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """`seen`: by the id of a route that the caller holds; hashing one costs more than all the rest."""
    known = seen.get(id(route))
    if known is None:
        prints = tuple(hop.card.fingerprint[:FINGERPRINT] for hop in route.hops)
        known = seen[id(route)] = (route.models, prints)
    return known
