"""At which widths of a batch does a sentence's score move? What the padding row of MarianBackend rests on.

python -m benchmarks.score_widths en-pt int8 [SENTENCES A LENGTH]

For each length, that many sentences of it beside a row of end markers that makes the batch as wide as stated; against
the width that is the next whole number of vectors. CT2_FORCE_CPU_ISA and MKL_CBWR choose other kernels.
"""

import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

import ctranslate2

from app.bench.corpus import prefer, sentences
from benchmarks import texts
from benchmarks.score_identity import answers
from models.catalogue import STARTER
from models.marian import VECTOR
from models.tokenizer import END, MarianTokenizer

BEYOND = 2 * VECTOR
"""Widths looked at above a sentence's own."""
Rows = Sequence[list[str]]


def main(model: Path, compute_type: str, count: int) -> None:
    engine = ctranslate2.Translator(str(model), compute_type=compute_type, intra_threads=1)
    for length, rows in _by_length(model, count):
        reference = _scores(engine, rows, _whole(length))
        moved = [
            (width, changed)
            for width in range(length, length + BEYOND)
            if (changed := _differ(_scores(engine, rows, width), reference))
        ]
        told = ", ".join(f"{changed} at {width}" for width, changed in moved) or "none"
        print(f"length {length}, {len(rows)} sentences, moved: {told}", flush=True)


def _by_length(model: Path, count: int) -> Iterator[tuple[int, Rows]]:
    prefer(texts.evaluation, texts.distilled)
    found: defaultdict[int, list[list[str]]] = defaultdict(list)
    for segment in MarianTokenizer(model, vocabulary=(), append_end=False).encode(sentences(4_000)):
        found[segment.length + 1].append(list(segment.tokens))  # the engine adds the end marker
    for length, rows in sorted(found.items()):
        if len(rows) >= count:
            yield length, rows[:count]


def _scores(engine: ctranslate2.Translator, rows: Rows, width: int) -> list[float]:
    return [score for _, score in answers(engine, [*rows, [END] * (width - 1)])[: len(rows)]]


def _whole(length: int) -> int:
    return -(-length // VECTOR) * VECTOR


def _differ(found: Sequence[float], reference: Sequence[float]) -> int:
    return sum(one != other for one, other in zip(found, reference, strict=True))


if __name__ == "__main__":
    main(STARTER / sys.argv[1], sys.argv[2], int(sys.argv[3]) if len(sys.argv) > 3 else 12)
