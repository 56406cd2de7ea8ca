"""Fits and tests app/fidelity/confidence.py: the score of an answer against its chrF.

Run: python -m benchmarks.confidence. Needs ../shared; prints the constants and how they hold on lines they never saw.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from sacrebleu.metrics.chrf import CHRF

from app.fidelity.confidence import LOW, confidence
from benchmarks.noise import noisy
from benchmarks.repair import lines
from models.catalogue import installed
from models.contracts import Decoding, EngineOptions
from models.loader import load

_GOOD = 50.0
_KINDS = ("clean", "chat")
_BATCH = 32
_STEPS = 50
_BOUNDS = (0.0, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)


@dataclass(frozen=True, slots=True)
class Answer:
    kind: str
    pair: str
    line: int
    score: float
    good: bool


def answers(source: str, target: str, kind: str) -> Iterator[Answer]:
    card = installed(None).card(f"starter-{source}-{target}")
    assert card is not None  # noqa: S101 - embedded
    backend, metric = load(card, EngineOptions(threads=1)), CHRF()
    references = lines(target)
    texts = noisy(kind, lines(source), references)
    segments = [
        replace(each, decoding=Decoding(scored=True)) for each in backend.tokenize(texts, card.pairs[0])
    ]
    order = sorted(range(len(texts)), key=lambda line: segments[line].length)
    for start in range(0, len(order), _BATCH):
        batch = order[start : start + _BATCH]
        for line, found in zip(batch, backend.translate([segments[line] for line in batch]), strict=True):
            if found.score is not None:
                chrf = metric.sentence_score(found.text, [references[line]]).score
                yield Answer(kind, f"{source}-{target}", line, found.score, chrf >= _GOOD)
    backend.close()


def fitted(seen: Sequence[Answer]) -> tuple[float, float]:
    """Constant and slope of a logistic curve, by Newton's method."""
    inputs = np.array([[1.0, each.score] for each in seen])
    good = np.array([float(each.good) for each in seen])
    weights = np.zeros(2)
    for _ in range(_STEPS):
        likely = 1 / (1 + np.exp(-inputs @ weights))
        curvature = inputs.T @ (inputs * (likely * (1 - likely))[:, None])
        weights += np.linalg.solve(curvature, inputs.T @ (good - likely))
    return float(weights[0]), float(weights[1])


def main() -> None:
    pairs = (("en", "pt"), ("pt", "en"))
    found = [each for pair in pairs for kind in _KINDS for each in answers(*pair, kind)]
    constant, slope = fitted([each for each in found if each.line % 2 == 0])
    print(f"constant {constant:.3f}, slope {slope:.3f}\n\n| confidence | segments | mean | good |")
    print("| --- | ---: | ---: | ---: |")
    unseen = [(confidence([each.score]) or 0.0, each) for each in found if each.line % 2]
    for low, high in pairwise(_BOUNDS):
        mine = [(value, each.good) for value, each in unseen if low <= value < high]
        if mine:
            mean, good = np.mean([value for value, _ in mine]), np.mean([good for _, good in mine])
            print(f"| {low} to {high} | {len(mine)} | {mean:.2f} | {good:.2f} |")
    for kind in _KINDS:
        share = np.mean([value < LOW for value, each in unseen if each.kind == kind])
        print(f"\n{kind}: {share:.1%} flagged low_confidence")


if __name__ == "__main__":
    main()
