"""Which form of an answer a caller wants: said in the query, else by the Accept header."""

from collections.abc import Sequence


def preferred(accept: str | None, offered: Sequence[str]) -> str:
    """The media type of `offered` that `accept` likes best, the earlier of equals; the first where it likes none."""
    if not accept:
        return offered[0]
    weights = [_weight(media_type, accept) for media_type in offered]
    best = max(weights)
    return offered[weights.index(best)] if best > 0 else offered[0]


def _weight(media_type: str, accept: str) -> float:
    """By the most specific range that matches (RFC 9110, 12.5.1)."""
    found: tuple[int, float] = (-1, 0.0)
    for each in accept.split(","):
        wanted, *parameters = (part.strip().lower() for part in each.split(";"))
        specific = _specificity(wanted, media_type)
        if specific > found[0]:
            found = (specific, _quality(parameters))
    return found[1]


def _specificity(wanted: str, media_type: str) -> int:
    if wanted == media_type:
        return 2
    if wanted == media_type.partition("/")[0] + "/*":
        return 1
    return 0 if wanted == "*/*" else -1


def _quality(parameters: Sequence[str]) -> float:
    given = next((each[2:] for each in parameters if each.startswith("q=")), "1")
    try:
        return min(max(float(given), 0.0), 1.0)
    except ValueError:
        return 0.0
