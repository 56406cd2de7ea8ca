"""Backends without weights, deterministic: for tests, for trying a set-up, and for `helm test`."""

from collections.abc import Collection, Sequence

from models.contracts import Backend, LanguagePair, Link, Span, TokenizedSegment, Translation


class ReverseBackend:
    """Answers every segment spelt backwards. A token is a character."""

    token_limit = 200
    footprint = 0
    compute_type = ""

    def tokenize(
        self, texts: Sequence[str], pair: LanguagePair, *, placed: Collection[int] = ()
    ) -> list[TokenizedSegment]:
        del pair
        return [
            TokenizedSegment(tuple(text), places=_each(len(text)) if number in placed else ())
            for number, text in enumerate(texts)
        ]

    def translate(self, batch: Sequence[TokenizedSegment]) -> list[Translation]:
        return [
            Translation(
                self._answer("".join(segment.tokens)),
                segment.length,
                links=tuple(map(_link, segment.places, self._said(segment.places))),
            )
            for segment in batch
        ]

    def snug(self, length: int) -> int:
        return length

    def behind(self) -> Backend:
        return self

    def close(self) -> None:
        return None

    def _answer(self, text: str) -> str:
        return text[::-1]

    def _said(self, places: Sequence[Span]) -> Sequence[Span]:
        return places[::-1]


class IdentityBackend(ReverseBackend):
    """Answers every segment as it was, so that whatever differs in a result was changed around the engine."""

    def _answer(self, text: str) -> str:
        return text

    def _said(self, places: Sequence[Span]) -> Sequence[Span]:
        return places


def _link(source: Span, target: Span) -> Link:
    return Link(source, target, 1.0)


def _each(length: int) -> tuple[Span, ...]:
    return tuple((at, at + 1) for at in range(length))
