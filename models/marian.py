"""MarianBackend: a MarianMT model run by CTranslate2."""

import logging
from collections.abc import Collection, Sequence
from copy import copy
from functools import partial
from threading import Lock

import ctranslate2

from models.card import ModelCard
from models.contracts import (
    MOST_OTHERS,
    Decoding,
    EngineFailure,
    EngineOptions,
    LanguagePair,
    Link,
    ModelError,
    ModelUnavailable,
    TokenizedSegment,
    Translation,
)
from models.discovery import vocabulary
from models.exact import calls, may_share
from models.fault import place
from models.footprint import footprint
from models.gently import gently
from models.links import attended, placed
from models.memory import give_back
from models.revisions import located
from models.strictjson import parsed
from models.tokenizer import END, MarianTokenizer

log = logging.getLogger("dragoman.models")

VECTOR = 8
"""Source positions that the engine's products add up together, on x86 with or without AVX2 and AVX-512: measured by
benchmarks/score_widths.py."""


class MarianBackend:
    """Loads any Marian model in CTranslate2 form: single or multi-target, shared or separate vocabularies."""

    def __init__(self, card: ModelCard, options: EngineOptions) -> None:
        """Verifies the card's checksums first. Raises ChecksumMismatch or ModelUnavailable."""
        card.verify()
        self._card = card
        self._beam_size = card.beam_size or options.beam_size
        self._engine_ends = bool(_config(card).get("add_source_eos", False))
        self._tokenizer = MarianTokenizer(
            card.path, vocabulary=vocabulary(card.path), append_end=card.append_end and not self._engine_ends
        )
        self._options = options
        self._translator = _translator(card, options)
        self._twin: MarianBackend | None = None
        self._twinning = Lock()
        self._strict = options.strict
        # What may share a call was found out on processors; nothing is known of graphics cards.
        on_processor = options.device == "cpu"
        self._shared = on_processor and may_share(self.compute_type, beam_size=self._beam_size)
        self._footprint = footprint(card, options)

    @property
    def token_limit(self) -> int:
        return self._card.token_limit

    @property
    def footprint(self) -> int:
        return self._footprint

    @property
    def compute_type(self) -> str:
        return str(self._translator.compute_type)

    def tokenize(
        self, texts: Sequence[str], pair: LanguagePair, *, placed: Collection[int] = ()
    ) -> list[TokenizedSegment]:
        prefix = self._card.target_tokens.get(pair.target)
        return self._tokenizer.encode(texts, prefix=prefix, located=placed)

    def translate(self, batch: Sequence[TokenizedSegment]) -> list[Translation]:
        """One engine call for the segments of one decoding; under `strict` one for those that may share it."""
        answers: dict[int, Translation] = {}
        for decoding in dict.fromkeys(segment.decoding for segment in batch):
            mine = [position for position, segment in enumerate(batch) if segment.decoding == decoding]
            for places in self._calls([batch[position].length for position in mine], decoding):
                positions = [mine[place] for place in places]
                found = self._call([batch[position] for position in positions], decoding)
                answers.update(zip(positions, found, strict=True))
        return [answers[position] for position in range(len(batch))]

    def snug(self, length: int) -> int:
        # Strictly, a longer one would have a call of its own, and spare this one nothing.
        return length if self._strict else self._padded(length)

    def _padded(self, length: int) -> int:
        width = length + self._engine_ends
        missing = -width % VECTOR
        return length if width + missing > self._card.positions else length + missing

    def behind(self) -> "MarianBackend":
        if not self._options.gives_way:
            return self
        with self._twinning:
            if self._twin is None:
                self._twin = self._second()
            return self._twin

    def close(self) -> None:
        self._translator.unload_model()
        if self._twin is not None and self._twin is not self:
            self._twin.close()
        give_back()

    def _second(self) -> "MarianBackend":
        """Of the very same files. Where those are gone or others by now, or there is no memory for them, this engine
        serves both: what was loaded stays of use.
        """
        try:
            card = located(self._card)
            card.verify()
            return self._with(gently(partial(_translator, card, self._options)))
        except (ModelError, OSError, MemoryError) as error:
            reason = error if isinstance(error, ModelError) else place(error)
            log.warning(
                "Model %s: bulk work does not give way, for want of a second: %s", self._card.id, reason
            )
            return self

    def _with(self, translator: ctranslate2.Translator) -> "MarianBackend":
        twin = copy(self)
        vars(twin).update(_translator=translator)
        return twin

    def _calls(self, lengths: Sequence[int], decoding: Decoding) -> Sequence[Sequence[int]]:
        alone = decoding.beam_size > 1
        if not self._strict and not alone:
            return [range(len(lengths))]
        return calls(lengths, shared=self._shared and self._beam(decoding) == 1)

    def _call(self, batch: Sequence[TokenizedSegment], decoding: Decoding) -> list[Translation]:
        """A runaway output is cut at a length that depends on its own source alone, so that neighbours neither
        lengthen nor shorten it; the engine itself stops at the longest of those.
        """
        limits = [self._output_limit(segment) for segment in batch]
        try:
            results = self._translator.translate_batch(
                [*(list(segment.tokens) for segment in batch), *self._padding(batch)],
                beam_size=self._beam(decoding),
                num_hypotheses=1 + MOST_OTHERS if decoding.others else 1,
                no_repeat_ngram_size=decoding.no_repeat,
                return_scores=decoding.scored,
                max_batch_size=0,
                max_input_length=0,
                max_decoding_length=max(limits, default=1),
                disable_unk=True,
                # Answers are the same with and without it (docs/benchmarks.md, "Formatting").
                return_attention=any(segment.places for segment in batch),
            )
        except (RuntimeError, ValueError) as error:
            raise EngineFailure(f"Model {self._card.id} failed on a batch of {len(batch)}.") from error
        outputs = [result.hypotheses[0][:limit] for result, limit in zip(results, limits, strict=False)]
        texts = self._tokenizer.decode(outputs)
        links = [
            _links(segment, result, output, text)
            for segment, result, output, text in zip(batch, results, outputs, texts, strict=False)
        ]
        rest = [
            tuple(self._tokenizer.decode([each[:limit] for each in result.hypotheses[1:]]))
            if decoding.others
            else ()
            for result, limit in zip(results, limits, strict=False)
        ]
        return [
            _translation(text, output, limit, result, found, more)
            for text, output, limit, result, found, more in zip(
                texts, outputs, limits, results, links, rest, strict=False
            )
        ]

    def _padding(self, batch: Sequence[TokenizedSegment]) -> list[list[str]]:
        """A row of end markers that makes the batch as wide as a whole number of vectors, where it is not.

        Attention sums the last, partial vector of a row in another order than a full one. Without this row the
        same segment met one order alone and the other beside a longer one, and 1 answer in 300 differed.
        """
        longest = max((segment.length for segment in batch), default=0)
        wanted = self._padded(longest)
        return [[END] * wanted] if longest and wanted > longest else []

    def _output_limit(self, segment: TokenizedSegment) -> int:
        # With several hypotheses alive, a lower limit can change which one wins: take the model's own.
        most = self._card.positions - 1
        several = self._beam(segment.decoding) > 1 and not segment.decoding.beam_size
        return most if several else min(most, 32 + 3 * segment.length)

    def _beam(self, decoding: Decoding) -> int:
        return max(decoding.beam_size or self._beam_size, 1 + MOST_OTHERS if decoding.others else 1)


def _translator(card: ModelCard, options: EngineOptions) -> ctranslate2.Translator:
    try:
        return ctranslate2.Translator(
            str(card.path),
            device=options.device,
            device_index=list(options.device_indexes),
            compute_type=options.compute_type,
            inter_threads=-(-options.threads // len(options.device_indexes)),
            intra_threads=1,
        )
    except (RuntimeError, ValueError) as error:
        raise ModelUnavailable(f"Model {card.id} cannot be loaded: {error}") from error


def _translation(
    text: str,
    output: Sequence[str],
    limit: int,
    result: ctranslate2.TranslationResult,
    links: tuple[Link, ...],
    others: tuple[str, ...],
) -> Translation:
    """The score of what was cut would speak of pieces that are not delivered, as many as its neighbours had."""
    truncated = len(output) >= limit
    score = None if truncated else next(iter(result.scores), None)
    return Translation(text, len(output), truncated=truncated, links=links, others=others, score=score)


def _links(
    segment: TokenizedSegment, result: ctranslate2.TranslationResult, output: Sequence[str], text: str
) -> tuple[Link, ...]:
    """The attention is that of the head which the model's makers trained to align, the first of the last layer."""
    if not segment.places:
        return ()
    return attended(result.attention[0], segment.places, placed(output, text))


def _config(card: ModelCard) -> dict[str, object]:
    file = card.path / "config.json"
    try:
        config = parsed(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ModelUnavailable(f"Model {card.id}: config.json is missing or not JSON.") from error
    return dict(config)
