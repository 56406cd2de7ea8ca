"""Backends without weights, deterministic: for tests, for trying a set-up, and for `helm test`."""

from collections.abc import Sequence

from models.contracts import LanguagePair, TokenizedSegment, Translation


class ReverseBackend:
    """Answers every segment spelt backwards. A token is a character."""

    token_limit = 200
    footprint = 0

    def tokenize(self, texts: Sequence[str], pair: LanguagePair) -> list[TokenizedSegment]:
        del pair
        return [TokenizedSegment(tuple(text)) for text in texts]

    def translate(self, batch: Sequence[TokenizedSegment]) -> list[Translation]:
        return [Translation(self._answer("".join(segment.tokens)), segment.length) for segment in batch]

    def close(self) -> None:
        return None

    def _answer(self, text: str) -> str:
        return text[::-1]


class IdentityBackend(ReverseBackend):
    """Answers every segment as it was, so that whatever differs in a result was changed around the engine."""

    def _answer(self, text: str) -> str:
        return text
