"""The fit of the calibration of language detection: a conditional logit by Newton's method in plain numpy."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from app.detection import calibration as cal
from app.detection.evidence import Evidence
from app.detection.posterior import LangdetectAlone, VoteOfTwo
from app.detection.scripts import SHARED, writing_of, written_in
from benchmarks.detection_samples import DATE, Sample, samples

Array = NDArray[np.float64]

FIT_PER_BUCKET = 100
TIE_PER_BUCKET = 253
UNKNOWN_SHARE = 0.03
"""Weight in the fit of texts in languages no identifier knows: an assumption about traffic, not a measurement."""

BIAS_RIDGE = 20.0
"""Weaker fits the slices better and turns close pairs (pt, gl) by what FLORES happens to hold."""

UNSEEN_BIAS = -1.5
TIE_BELOW = 0.5


@dataclass(frozen=True, slots=True)
class Sums:
    """What a fit needs of its texts: features, index of the right row, and a weight a text."""

    features: NDArray[np.float32]
    """Shape (texts, languages + 1, features)."""

    right: NDArray[np.intp]
    weights: Array
    allowed: NDArray[np.bool_]


def fit(sums: Sums, languages: tuple[str, ...], unseen: set[str]) -> tuple[Array, Array]:
    """Newton's method with ridge: weights, and a bias a language (the last, of "none of these", stays 0)."""
    texts, _, width = sums.features.shape
    free = np.array([language not in unseen for language in languages] + [False])
    weights, bias = np.zeros(width), np.where(free, 0.0, UNSEEN_BIAS)
    bias[-1] = 0.0
    mask = np.where(np.hstack([sums.allowed, np.ones((texts, 1), bool)]), 0.0, -np.inf)
    for _ in range(40):
        scores = sums.features @ weights.astype(np.float32) + bias + mask
        p = np.exp(scores - scores.max(axis=1, keepdims=True))
        p = (p / p.sum(axis=1, keepdims=True)) * sums.weights[:, None]
        step = _newton_step(sums, p, weights, np.where(free, bias, 0.0), free)
        weights, bias = weights + step[:width], bias + np.where(free, step[width:], 0.0)
        if np.abs(step).max() < 1e-4:
            break
    return weights, bias[:-1]


def _newton_step(sums: Sums, p: Array, weights: Array, bias: Array, free: NDArray[np.bool_]) -> Array:
    x, width = sums.features, sums.features.shape[2]
    mass = np.maximum(sums.weights, 1e-12)[:, None]
    mean = np.einsum("nl,nlf->nf", p, x, optimize=True)
    right = np.take_along_axis(x, sums.right[:, None, None], axis=1)[:, 0] * sums.weights[:, None]
    hits = np.bincount(sums.right, weights=sums.weights, minlength=p.shape[1])
    ridge = np.concatenate([np.full(width, 1.0), np.full(p.shape[1], BIAS_RIDGE)])
    gradient = np.concatenate([(right - mean).sum(axis=0), hits - p.sum(axis=0)])
    gradient -= ridge * np.concatenate([weights, bias])
    squares, edges = np.zeros((width, width)), np.zeros((width, p.shape[1]))
    for start in range(0, len(x), 1_000):  # all at once would hold the features twice
        part = slice(start, start + 1_000)
        weighted = x[part] * p[part, :, None]
        squares += weighted.reshape(-1, width).T @ x[part].reshape(-1, width)
        edges += weighted.sum(axis=0).T
    corner = squares - (mean / mass).T @ mean
    edge = edges - (mean / mass).T @ p
    block = np.diag(p.sum(axis=0)) - (p / mass).T @ p
    hessian = np.block([[corner, edge], [edge.T, block]]) + np.diag(ridge)
    kept = np.concatenate([np.ones(width, bool), free])
    step = np.zeros(len(kept))
    step[kept] = np.linalg.solve(hessian[np.ix_(kept, kept)], gradient[kept])
    size = np.abs(step).max()
    return step if size < 2 else step * (2 / size)


def collect(
    texts: Sequence[Sample],
    languages: tuple[str, ...],
    features: Callable[[Evidence, NDArray[np.bool_]], Array | None],
) -> Sums:
    """Texts in shared scripts only; those for which `features` gives None are left out."""
    masks = {s: np.array([written_in(c, s) for c in languages]) for s in ("Latn", *SHARED)}
    order = {language: index for index, language in enumerate(languages)}
    rows, right, allowed = [], [], []
    for sample in texts:
        evidence = Evidence.of(sample.text)
        mask = masks.get(writing_of(evidence.text).script or "") if evidence else None
        if evidence is None or mask is None:
            continue
        x = features(evidence, mask)
        index = order.get(sample.language, len(languages))
        if x is None or (index < len(languages) and not mask[index]):
            continue
        rows.append(x)
        right.append(index)
        allowed.append(mask)
    where = np.array(right)
    unknown = where == len(languages)
    ratio = UNKNOWN_SHARE / (1 - UNKNOWN_SHARE) * (~unknown).sum() / max(1, unknown.sum())
    return Sums(
        np.stack(rows).astype(np.float32), where, np.where(unknown, min(1.0, ratio), 1.0), np.stack(allowed)
    )


def fit_all(folder: Path) -> dict[str, object]:
    blank = _blank()
    two, alone = VoteOfTwo(blank), LangdetectAlone(blank)
    texts = samples(folder, odd=False, per_bucket=FIT_PER_BUCKET)
    seen = {sample.language for sample in texts}
    vote = collect(texts, two.languages, lambda e, m: two.features(e, m)[0])
    vote_model = _named(
        fit(vote, two.languages, set(two.languages) - seen), two.languages, cal.VOTE + cal.OTHER, seen
    )
    model = _model(vote_model)
    bias = model.bias_over(two.languages)

    def tied(evidence: Evidence, mask: NDArray[np.bool_]) -> Array | None:
        features, disagree = two.features(evidence, mask)
        if not disagree or not two.doubtful(model.posterior(features, bias, mask)):
            return None
        return np.hstack([features, two.tie_features(evidence, mask)])

    tie = collect(samples(folder, odd=False, per_bucket=TIE_PER_BUCKET), two.languages, tied)
    tie_names = cal.VOTE + cal.OTHER + cal.TIE
    tie_model = _named(fit(tie, two.languages, set(two.languages) - seen), two.languages, tie_names, seen)
    known = {language for language, is_known in zip(alone.languages, alone.known, strict=True) if is_known}
    ours = collect(texts[::4], alone.languages, lambda e, m: alone.features(e, m & (alone.known > 0)))
    alone_names = (*cal.TIE[:4], *cal.OTHER_LANGDETECT)
    alone_fit = fit(ours, alone.languages, set(alone.languages) - (seen & known))
    return {
        "origin": "FLORES-101 (CC BY-SA 4.0), even lines and slices of them; only fitted numbers, no sentences",
        "made_by": "benchmarks/detection_calibration.py",
        "date": DATE,
        "sizes": {
            "languages": len(seen),
            "vote": len(vote.right),
            "tie": len(tie.right),
            "langdetect": len(ours.right),
        },
        "unknown_share": UNKNOWN_SHARE,
        "tie_below": TIE_BELOW,
        "han": _han(folder),
        "vote": vote_model,
        "tie": tie_model,
        "langdetect": _named(alone_fit, alone.languages, alone_names, seen & known),
    }


def _han(folder: Path) -> dict[str, float]:
    """Share of n-sign slices of Japanese that hold ideographs and no kana, as exp(intercept + slope * n)."""
    lines = (folder / "jpn.txt").read_text(encoding="utf-8").splitlines()[1::2]
    sizes = np.arange(1, 7)
    logs = []
    for size in sizes.tolist():
        slices = [line[i : i + size] for line in lines for i in range(0, len(line) - size, size)]
        scripts = [writing_of(part) for part in slices]
        kept = [w.script for w in scripts if w.letters == size]
        logs.append(np.log((kept.count("Hani") + 0.5) / (len(kept) + 1)))
    slope, intercept = np.polyfit(sizes, np.array(logs), 1)
    return {"intercept": round(float(intercept), 4), "slope": round(float(slope), 4)}


def _blank() -> cal.Calibration:
    empty = cal.Model(np.zeros(0), {}, 0.0)
    return cal.Calibration(empty, empty, empty, TIE_BELOW, -0.5, -0.5)


def _named(
    fitted: tuple[Array, Array], languages: tuple[str, ...], names: Sequence[str], seen: set[str]
) -> dict[str, object]:
    weights, bias = fitted
    return {
        "weights": {name: round(float(w), 4) for name, w in zip(names, weights, strict=True)},
        "bias": {c: round(float(b), 3) for c, b in zip(languages, bias, strict=True) if c in seen and b},
        "unseen_bias": UNSEEN_BIAS,
    }


def _model(stored: dict[str, object]) -> cal.Model:
    weights, bias = stored["weights"], stored["bias"]
    assert isinstance(weights, dict)  # noqa: S101
    assert isinstance(bias, dict)  # noqa: S101
    return cal.Model(np.array(list(weights.values())), bias, UNSEEN_BIAS)
