"""Cut: a text as the parts of it that fit the model, tokenised."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from batching.work import Outcome
from models.contracts import Backend, LanguagePair, Link, TokenizedSegment
from models.links import shifted
from models.splitting import split_to_limit


@dataclass(frozen=True, slots=True)
class Cut:
    """A text, the ranges of it that the model translates, and their tokens."""

    text: str
    ranges: tuple[tuple[int, int], ...]
    segments: tuple[TokenizedSegment, ...]

    def parts(self) -> Iterable[tuple[str, TokenizedSegment]]:
        """What the model translates, and its tokens."""
        return zip([self.text[start:end] for start, end in self.ranges], self.segments, strict=True)

    def join(self, translations: Sequence[str]) -> str:
        """The translations, with what lay between the ranges (white space) between them."""
        pieces: list[str] = []
        position = 0
        for (start, end), translation in zip(self.ranges, translations, strict=True):
            pieces += (self.text[position:start], translation)
            position = end
        return "".join((*pieces, self.text[position:]))


def cut(
    texts: Sequence[str], pair: LanguagePair, backend: Backend, *, linked: Collection[int] = ()
) -> list[Cut]:
    """One Cut a text; those within the model's limit stay whole. Blocks for about 5 us a short text.

    `linked`: numbers of the texts whose translation is to have links.
    """
    limit = backend.token_limit
    return [
        Cut(text, ((0, len(text)),), (segment,)) if segment.length <= limit
        else _parts(text, pair, backend, linked=bool(segment.places))
        for text, segment in zip(texts, backend.tokenize(texts, pair, placed=linked), strict=True)
    ]  # fmt: skip


def gather(cuts: Sequence[Cut], parts: Sequence[Outcome]) -> list[Outcome]:
    """The outcomes of the parts, as outcomes of the texts they were cut from."""
    outcomes: list[Outcome] = []
    position = 0
    for each in cuts:
        mine = parts[position : position + len(each.segments)]
        position += len(each.segments)
        outcomes.append(mine[0] if len(mine) == 1 else _merged(each, mine))
    return outcomes


def _parts(text: str, pair: LanguagePair, backend: Backend, *, linked: bool) -> Cut:
    def count(part: str) -> int:
        return backend.tokenize([part], pair)[0].length

    ranges = split_to_limit(text, limit=backend.token_limit, count=count)
    placed = range(len(ranges)) if linked else ()
    segments = backend.tokenize([text[start:end] for start, end in ranges], pair, placed=placed)
    return Cut(text, tuple(ranges), tuple(segments))


def _merged(whole: Cut, parts: Sequence[Outcome]) -> Outcome:
    texts = [part.text for part in parts if part.text is not None]
    return Outcome(
        text=whole.join(texts) if len(texts) == len(parts) else None,
        source_tokens=sum(part.source_tokens for part in parts),
        target_tokens=sum(part.target_tokens for part in parts),
        compute_ns=sum(part.compute_ns for part in parts),
        queue_ns=max((part.queue_ns for part in parts), default=0),
        cached=all(part.cached for part in parts),
        truncated=any(part.truncated for part in parts),
        unknown=sum(part.unknown for part in parts),
        parts=len(parts),
        links=tuple(_links(whole, parts)),
        others=tuple(_others(whole, parts)) if len(texts) == len(parts) else (),
        scores=_score(parts),
    )


def _others(whole: Cut, parts: Sequence[Outcome]) -> Iterator[str]:
    """The next best of every part together; a part that has no more stays as it is."""
    for number in range(max((len(part.others) for part in parts), default=0)):
        yield whole.join(
            [part.others[number] if number < len(part.others) else part.text or "" for part in parts]
        )


def _links(whole: Cut, parts: Sequence[Outcome]) -> Iterator[Link]:
    """In offsets of the whole text and of what `Cut.join` makes of the translations."""
    shift = 0
    for (start, end), part in zip(whole.ranges, parts, strict=True):
        yield from (shifted(link, start, start + shift) for link in part.links)
        shift += len(part.text or "") - (end - start)


def _score(parts: Sequence[Outcome]) -> tuple[float, ...]:
    """As if they were one: by their pieces."""
    pieces = sum(part.target_tokens for part in parts)
    if not pieces or not all(part.scores for part in parts):
        return ()
    return (sum(part.scores[0] * part.target_tokens for part in parts) / pieces,)
