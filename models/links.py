"""Which characters of a translation say which of its source: from the model's attention, and over two models."""

from collections import defaultdict
from collections.abc import Sequence

from models.contracts import Link, Span
from models.offsets import Offsets

SPACE = "\u2581"
"""How SentencePiece writes a space."""
_LEAST = 0.05
"""Of a piece's attention: less than this is spread over the sentence by every piece."""


def placed(pieces: Sequence[str], text: str) -> tuple[Span, ...]:
    """Where each piece is in the text that it was cut from, or makes up; a space alone has no width."""
    written = "".join(pieces).replace(SPACE, " ")
    offsets = Offsets(written, text)
    found: list[Span] = []
    position = 0
    for piece in pieces:
        start, end = position + len(piece) - len(piece.lstrip(SPACE)), position + len(piece)
        found.append(offsets.span(start, end) if start < end else (0, 0))
        position = end
    return tuple(found)


def attended(
    attention: Sequence[Sequence[float]], source: Sequence[Span], target: Sequence[Span]
) -> tuple[Link, ...]:
    """`attention`: for each piece of the translation, what it paid to each of the source, markers included."""
    return tuple(
        Link(there, here, weight)
        for row, here in zip(attention, target, strict=False)
        for there, weight in zip(source, row, strict=False)
        if weight >= _LEAST and there[0] < there[1] and here[0] < here[1]
    )


def through(first: Sequence[Link], second: Sequence[Link]) -> tuple[Link, ...]:
    """Links over two models in a row: the weight of each second one is shared out by the first ones it overlaps."""
    found: defaultdict[tuple[Span, Span], float] = defaultdict(float)
    for link in second:
        low, high = link.source
        for before in first:
            start, end = before.target
            common = min(end, high) - max(start, low)
            if common > 0:
                found[before.source, link.target] += link.weight * before.weight * common / (high - low)
    return tuple(Link(source, target, weight) for (source, target), weight in found.items())


def shifted(link: Link, source: int, target: int) -> Link:
    (one, two), (three, four) = link.source, link.target
    return Link((one + source, two + source), (three + target, four + target), link.weight)


def carried(links: Sequence[Link], *, source: Offsets, target: Offsets) -> tuple[Link, ...]:
    """Links of texts that were changed since."""
    return tuple(Link(source.span(*link.source), target.span(*link.target), link.weight) for link in links)
