"""SentencePiece text <-> Marian tokens."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import Path

import sentencepiece

from models.contracts import ModelUnavailable, TokenizedSegment
from models.links import SPACE, placed
from models.substitution import Substitution

END = "</s>"
_BATCH = 256
"""Texts handed to SentencePiece in one call: a huge result list is converted while holding the interpreter
lock (715 ms were seen once), so it is done in pieces."""

_FEW = 8


class MarianTokenizer:
    """One model's SentencePiece models: `source.spm` and `target.spm`, or a joint `source.spm` alone.

    `vocabulary` holds the pieces the engine knows; others reach it as unknown. `append_end` is right for
    models from CTranslate2's Transformers converter, whose config leaves `add_source_eos` false; the Marian
    converter's models add the end marker themselves.
    """

    def __init__(self, folder: Path, *, vocabulary: Collection[str], append_end: bool) -> None:
        self._source = _load(folder / "source.spm")
        target = folder / "target.spm"
        self._target = _load(target) if target.exists() else self._source
        self._vocabulary = frozenset(vocabulary)
        self._tail = (END,) if append_end else ()
        self._substitution = Substitution(self._vocabulary, self._normalise)

    def encode(
        self, texts: Sequence[str], *, prefix: str | None = None, located: Collection[int] = ()
    ) -> list[TokenizedSegment]:
        """`prefix` is the `>>xx<<` token of a multi-target model; `located` are numbers of texts."""
        head = (prefix,) if prefix else ()
        segments: list[TokenizedSegment] = []
        for start in range(0, len(texts), _BATCH):
            plain = [self._substitution.apply(text) for text in texts[start : start + _BATCH]]
            segments.extend(self._segment(pieces, head) for pieces in self._pieces(plain))
        for number in located:
            segments[number] = self._located(segments[number], texts[number], len(head))
        return segments

    def decode(self, tokens: Sequence[Sequence[str]]) -> list[str]:
        decoded: list[str] = []
        for start in range(0, len(tokens), _BATCH):
            run = [list(pieces) for pieces in tokens[start : start + _BATCH]]
            # In this thread: threads of its own take two to three times the processor time here.
            decoded.extend(self._target.decode(run, num_threads=1))
        return decoded

    def _pieces(self, texts: list[str]) -> list[list[str]]:
        # A list goes through SentencePiece's own threads: 29 us for one text against 9.
        if len(texts) <= _FEW:
            return [self._source.encode(text, out_type=str) for text in texts]
        pieces: list[list[str]] = self._source.encode(texts, out_type=str)
        return pieces

    def _normalise(self, text: str) -> str:
        return "".join(self._source.encode(text, out_type=str)).replace(SPACE, "")

    def _segment(self, pieces: list[str], head: tuple[str, ...]) -> TokenizedSegment:
        known = self._vocabulary
        unknown = 0 if not known or known.issuperset(pieces) else sum(piece not in known for piece in pieces)
        return TokenizedSegment((*head, *pieces, *self._tail), unknown)

    def _located(self, segment: TokenizedSegment, text: str, head: int) -> TokenizedSegment:
        pieces = segment.tokens[head : segment.length - len(self._tail)]
        return replace(segment, places=((0, 0),) * head + placed(pieces, text))


def _load(file: Path) -> sentencepiece.SentencePieceProcessor:
    try:
        return sentencepiece.SentencePieceProcessor(model_file=str(file))
    except (OSError, RuntimeError) as error:
        raise ModelUnavailable(
            f"Model {file.parent.name}: {file.name} is missing or not a SentencePiece model."
        ) from error
