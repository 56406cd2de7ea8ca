"""What people say of sampled segments, and what that says of all. Pure.

The scale is that of MQM's error severities (Multidimensional Quality Metrics), for a segment as a whole: its worst
error counts, and MQM's critical is counted with major.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from app.quality.statistics import Interval, wilson


class Rating(StrEnum):
    GOOD = "good"
    """No error."""
    MINOR = "minor"
    """Errors that neither mislead nor hinder a reader."""
    MAJOR = "major"
    """An error that changes or hides the meaning, or makes it unusable."""


@dataclass(frozen=True, slots=True)
class Rated:
    """One rated segment."""

    source: str
    target: str
    models: str
    """Ids, joined by +."""
    flagged: bool
    """Whether it carried a doubt."""
    rating: Rating
    weight: float
    """Segments that it stands for: those its sample was drawn from, over the rated ones of the sample."""


@dataclass(frozen=True, slots=True)
class Share:
    share: float
    interval: Interval
    """Wilson's, 95 %."""


@dataclass(frozen=True, slots=True)
class Estimate:
    source: str
    target: str
    models: str
    rated: int
    counts: dict[Rating, int]
    effective: float
    """As many equally weighted ratings would say as much (Kish); all of them, where they are of one sample."""
    good: Share
    major: Share
    good_flagged: Share | None
    """Of those that carried a doubt; None where none was rated. Likewise of the others."""
    good_unflagged: Share | None


def estimates(found: Iterable[Rated]) -> list[Estimate]:
    """By pair and models, in their order."""
    groups: defaultdict[tuple[str, str, str], list[Rated]] = defaultdict(list)
    for each in found:
        groups[each.source, each.target, each.models].append(each)
    return [_estimate(key, mine) for key, mine in sorted(groups.items())]


def _estimate(key: tuple[str, str, str], found: list[Rated]) -> Estimate:
    counts = Counter(each.rating for each in found)
    return Estimate(
        *key,
        rated=len(found),
        counts={rating: counts[rating] for rating in Rating},
        effective=_effective(found),
        good=_share(found, Rating.GOOD),
        major=_share(found, Rating.MAJOR),
        good_flagged=_good([each for each in found if each.flagged]),
        good_unflagged=_good([each for each in found if not each.flagged]),
    )


def _good(found: list[Rated]) -> Share | None:
    return _share(found, Rating.GOOD) if found else None


def _share(found: list[Rated], rating: Rating) -> Share:
    total = sum(each.weight for each in found)
    share = sum(each.weight for each in found if each.rating is rating) / total
    return Share(share, wilson(share, _effective(found)))


def _effective(found: list[Rated]) -> float:
    return sum(each.weight for each in found) ** 2 / sum(each.weight**2 for each in found)
