"""Are the engine's scores equal to the last bit, alone and in a batch? Far sharper than comparing texts.

python -m benchmarks.score_identity en-pt int8 1200 [MODEL]
"""

import sys
from collections.abc import Sequence
from pathlib import Path

import ctranslate2

from benchmarks.invariance import ROOT, budgeted, random_batches, sentences
from benchmarks.texts import shared
from models.tokenizer import MarianTokenizer

Answer = tuple[list[str], float]


def main(direction: str, compute_type: str, count: int, model: Path) -> None:
    folder = shared()
    if folder is None:
        sys.exit("needs ../shared")
    flores = folder / "data" / "flores"
    texts = sentences(flores, direction[:2], max(count, 5_000))[:count]
    segments = MarianTokenizer(model, vocabulary=(), append_end=False).encode(texts)
    engine = ctranslate2.Translator(str(model), compute_type=compute_type, intra_threads=1)
    alone = [answers(engine, [segment.tokens])[0] for segment in segments]
    lengths = [segment.length for segment in segments]
    order = sorted(range(count), key=lengths.__getitem__)
    arrangements = {
        "equal length, 2048 tokens": budgeted(order, lengths, budget=2048, equal=True),
        "sorted, 2048 tokens": budgeted(order, lengths, budget=2048),
        "random batches": random_batches(range(count), seed=4),
    }
    for name, batches in arrangements.items():
        found = [
            (i, a)
            for b in batches
            for i, a in zip(b, answers(engine, [segments[i].tokens for i in b]), strict=True)
        ]
        texts_differ = sum(answer[0] != alone[i][0] for i, answer in found)
        scores_differ = sum(answer[1] != alone[i][1] for i, answer in found)
        print(
            f"{direction} {compute_type}, {name}: {texts_differ} texts, {scores_differ} scores of {count} differ"
        )


def answers(engine: ctranslate2.Translator, batch: Sequence[Sequence[str]]) -> list[Answer]:
    """Pieces and score of each row of one engine call."""
    results = engine.translate_batch(
        [list(row) for row in batch],
        beam_size=1,
        max_batch_size=0,
        max_input_length=0,
        max_decoding_length=200,
        disable_unk=True,
        return_scores=True,
    )
    return [(result.hypotheses[0], result.scores[0]) for result in results]


if __name__ == "__main__":
    chosen = Path(sys.argv[4]) if len(sys.argv) > 4 else ROOT / "models" / "starter" / sys.argv[1]
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), chosen)
