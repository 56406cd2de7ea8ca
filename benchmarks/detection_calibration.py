"""Fit the calibration of language detection and report its accuracy, on FLORES-101.

    python benchmarks/detection_calibration.py --flores ../shared/data/flores

Lines are numbered from 1. Even lines, whole and as slices of 1-3 and 4-8 words (signs, where a script has no
spaces), fit a conditional logit by Newton's method in plain numpy; odd lines are held back for the report. The
logit goes to app/detection/calibration.json (numbers only, no sentence), the report to standard output as
Markdown. Slices are drawn with a fixed seed: two runs give the same file. `--report` skips the fit.
"""

import argparse
import json
import random
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from app.detection import Detection, Detector
from app.detection import calibration as cal
from app.detection.codes import base_code
from app.detection.evidence import Evidence
from app.detection.posterior import LangdetectAlone, VoteOfTwo
from app.detection.scripts import SHARED, writing_of, written_in
from app.detection.voters import Eldc, Langdetect, Py3langid, load

Array = NDArray[np.float64]

STORED = Path(__file__).parents[1] / "app" / "detection" / "calibration.json"
DATE = "2026-11-22"
BUCKETS = ("1-3", "4-8", "9+")
WORDS = {"1-3": (1, 3), "4-8": (4, 8)}
SIGNS = {"1-3": (2, 6), "4-8": (7, 20)}
FIT_PER_BUCKET = 100
TIE_PER_BUCKET = 253
REPORT_PER_BUCKET = 50
UNKNOWN_SHARE = 0.03
"""Weight in the fit of texts in languages no identifier knows: an assumption about traffic, not a measurement."""

BIAS_RIDGE = 20.0
"""Weaker fits the slices better and turns close pairs (pt, gl) by what FLORES happens to hold."""

UNSEEN_BIAS = -1.5
TIE_BELOW = 0.5
WITHOUT_SPACES = frozenset(["cmn_Hans", "cmn_Hant", "jpn", "khm", "lao", "mya", "tha"])
# FLORES-101 names its files by ISO 639-3: file, then BCP 47.
_FILES = """
    afr:af amh:am ara:ar asm:as ast:ast azj:az bel:be ben:bn bos:bs bul:bg cat:ca ceb:ceb ces:cs
    ckb:ckb cmn_Hans:zh cmn_Hant:zh cym:cy dan:da deu:de ell:el eng:en est:et fas:fa fin:fi fra:fr
    ful:ff gle:ga glg:gl guj:gu hau:ha heb:he hin:hi hrv:hr hun:hu hye:hy ibo:ig ind:id isl:is
    ita:it jav:jv jpn:ja kam:kam kan:kn kat:ka kaz:kk kea:kea khm:km kir:ky kor:ko lao:lo lav:lv
    lin:ln lit:lt ltz:lb lug:lg luo:luo mal:ml mar:mr mkd:mk mlt:mt mon:mn mri:mi msa:ms mya:my
    nld:nl nob:nb npi:ne nso:nso nya:ny oci:oc orm:om ory:or pan:pa pol:pl por:pt pus:ps ron:ro
    rus:ru slk:sk slv:sl sna:sn snd:sd som:so spa:es srp:sr swe:sv swh:sw tam:ta tel:te tgk:tg
    tgl:fil tha:th tur:tr ukr:uk umb:umb urd:ur uzb:uz vie:vi wol:wo xho:xh yor:yo zul:zu
"""
BCP_47 = dict(pair.split(":") for pair in _FILES.split())


@dataclass(frozen=True, slots=True)
class Sample:
    text: str
    language: str
    bucket: str


@dataclass(frozen=True, slots=True)
class Sums:
    """What a fit needs of its texts: features, index of the right row, and a weight a text."""

    features: NDArray[np.float32]
    """Shape (texts, languages + 1, features)."""

    right: NDArray[np.intp]
    weights: Array
    allowed: NDArray[np.bool_]


def samples(folder: Path, *, odd: bool, per_bucket: int) -> list[Sample]:
    return [
        sample
        for path in sorted(folder.glob("*.txt"))
        if path.stem in BCP_47
        for sample in _samples_of(path, odd=odd, per_bucket=per_bucket)
    ]


def _samples_of(path: Path, *, odd: bool, per_bucket: int) -> Iterator[Sample]:
    dice = random.Random(f"{path.stem} {odd}")  # noqa: S311 - reproducible, not secret
    lines = path.read_text(encoding="utf-8").splitlines()[0 if odd else 1 :: 2]
    for bucket in BUCKETS:
        for line in dice.sample(lines, min(per_bucket, len(lines))):
            text = _slice(line, bucket, dice, signs=path.stem in WITHOUT_SPACES)
            if Evidence.of(text):
                yield Sample(text, base_code(BCP_47[path.stem]), bucket)


def _slice(line: str, bucket: str, dice: random.Random, *, signs: bool) -> str:
    if bucket == "9+":
        return line
    units = list(line) if signs else line.split()
    low, high = (SIGNS if signs else WORDS)[bucket]
    count = dice.randint(low, high)
    start = dice.randint(0, max(0, len(units) - count))
    return ("" if signs else " ").join(units[start : start + count])


# --- the fit ----------------------------------------------------------------------------------------------


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


# --- the report -------------------------------------------------------------------------------------------

Guess = Callable[[str], str]


def macro(texts: Iterable[Sample], guesses: Iterable[str]) -> float:
    """Mean over languages of the share of right answers."""
    hits: dict[str, list[bool]] = {}
    for sample, guess in zip(texts, guesses, strict=True):
        hits.setdefault(sample.language, []).append(guess == sample.language)
    return float(np.mean([np.mean(found) for found in hits.values()])) if hits else float("nan")


def calibration_error(confidences: Array, right: NDArray[np.bool_]) -> float:
    """Expected calibration error over ten equal bins."""
    bins = np.minimum((confidences * 10).astype(int), 9)
    return sum(
        float((bins == b).mean() * abs(confidences[bins == b].mean() - right[bins == b].mean()))
        for b in range(10)
        if (bins == b).any()
    )


def guess_of(found: Detection) -> str:
    return found.alternatives[0][0] if found.language == "und" and found.alternatives else found.language


def alone(voter: Langdetect | Py3langid | Eldc) -> Guess:
    """One identifier as it comes, on the text as it comes."""
    order = {language: index for index, language in enumerate(sorted(voter.known))}
    names = sorted(voter.known)

    def guess(text: str) -> str:
        scores = voter.scores(text, order)
        return names[int(scores.argmax())] if scores.any() else "und"

    return guess


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    shown = (
        "| " + " | ".join(f"{c:.3f}" if isinstance(c, float) else str(c) for c in row) + " |" for row in rows
    )
    return "\n".join([*lines, *shown])


def report(folder: Path) -> str:
    detector = Detector()
    every = samples(folder, odd=True, per_bucket=REPORT_PER_BUCKET)
    texts = [sample for sample in every if sample.language in detector.languages]
    unknown = [sample for sample in every if sample.language not in detector.languages]
    found = detector.detect([sample.text for sample in texts])
    parts = [
        _accuracy(texts, found, _without_tie(texts, detector)),
        _honesty(texts, found, detector.detect([sample.text for sample in unknown])),
        _pairs(folder, detector),
        _documents(folder, detector),
        _confusions(texts, found),
        _speed(detector, [sample.text for sample in texts]),
    ]
    return "\n\n".join(parts)


def _without_tie(texts: list[Sample], detector: Detector) -> list[Detection]:
    votes = _votes(detector)
    asked, votes.calibration = votes.calibration, replace(votes.calibration, tie_below=0.0)
    found = detector.detect([sample.text for sample in texts])
    votes.calibration = asked
    return found


def _votes(detector: Detector) -> VoteOfTwo:
    votes = detector._posterior._votes  # noqa: SLF001
    assert isinstance(votes, VoteOfTwo)  # noqa: S101
    return votes


def _accuracy(texts: list[Sample], found: list[Detection], untied: list[Detection]) -> str:
    voters: list[tuple[str, Langdetect | Py3langid | Eldc]] = [
        ("langdetect alone", Langdetect()),
        ("py3langid alone", Py3langid()),
        ("eldc alone", Eldc()),
    ]
    columns = {"Dragoman": [guess_of(d) for d in found], "without tie-breaker": [guess_of(d) for d in untied]}
    columns |= {name: [guess(s.text) for s in texts] for name, v in voters for guess in [alone(v)]}
    shared = voters[0][1].known
    languages = {sample.language for sample in texts}
    rows = [
        (name, scope, *(_macro_in(texts, guesses, bucket, within) for bucket in (*BUCKETS, None)))
        for scope, within in (
            (f"{len(languages)}", languages),
            (f"{len(languages & shared)}", languages & shared),
        )
        for name, guesses in columns.items()
    ]
    return "Macro accuracy of the best guess (a language a tool lacks counts 0):\n\n" + table(
        ("tool", "languages", "1-3 words", "4-8 words", "9+ words", "all"), rows
    )


def _macro_in(texts: list[Sample], guesses: list[str], bucket: str | None, languages: Iterable[str]) -> float:
    chosen = [i for i, s in enumerate(texts) if bucket in (None, s.bucket) and s.language in languages]
    return macro([texts[i] for i in chosen], [guesses[i] for i in chosen])


def _honesty(texts: list[Sample], found: list[Detection], unknown: list[Detection]) -> str:
    rows = []
    for bucket in (*BUCKETS, None):
        chosen = [(s, d) for s, d in zip(texts, found, strict=True) if bucket in (None, s.bucket)]
        right = np.array([guess_of(d) == s.language for s, d in chosen])
        sure = np.array([d.confidence for _, d in chosen])
        answered = np.array([d.language != "und" for _, d in chosen])
        rows.append(
            (
                bucket or "all",
                len(chosen),
                calibration_error(sure, right),
                float(answered.mean()),
                float(right[answered].mean()),
                float((sure >= 0.9).mean()),
                float(right[sure >= 0.9].mean()),
            )
        )
    head = ("words", "texts", "ECE", "answered at 0.5", "right when answered", "share at 0.9", "right at 0.9")
    named = float(np.mean([d.language != "und" for d in unknown]))
    return (
        "Calibration:\n\n"
        + table(head, rows)
        + f"\n\nOf {len(unknown)} texts in languages that no identifier knows, "
        f"{named:.3f} were named something at 0.5."
    )


def _pairs(folder: Path, detector: Detector) -> str:
    texts = [s for s in samples(folder, odd=True, per_bucket=253) if s.language in {"en", "pt", "es", "gl"}]
    wide = detector.detect([s.text for s in texts])
    rows: list[Sequence[object]] = []
    for language in ("pt", "en"):
        mine = [i for i, s in enumerate(texts) if s.language == language]
        close = detector.detect([texts[i].text for i in mine], candidates=("en", "pt"))
        for name, found in (("all", [wide[i] for i in mine]), ("en, pt", close)):
            rows.append((language, name, *_right_and_wrong([texts[i] for i in mine], found)))
    head = ("language", "candidates", *(f"{b} best guess / wrong at 0.5" for b in BUCKETS))
    strangers = [s for s in texts if s.language in {"es", "gl"} and s.bucket == "9+"]
    taken = detector.detect([s.text for s in strangers], candidates=("en", "pt"))
    refused = float(np.mean([d.language == "und" for d in taken]))
    return (
        "Portuguese and English:\n\n" + table(head, rows) + "\n\nWhole Spanish and Galician lines with the "
        f"candidates en and pt: {refused:.3f} answered `und`."
    )


def _right_and_wrong(texts: list[Sample], found: list[Detection]) -> list[str]:
    cells = []
    for bucket in BUCKETS:
        chosen = [(s, d) for s, d in zip(texts, found, strict=True) if s.bucket == bucket]
        right = np.mean([guess_of(d) == s.language for s, d in chosen])
        wrong = np.mean([d.language not in ("und", s.language) for s, d in chosen])
        cells.append(f"{right:.3f} / {wrong:.3f}")
    return cells


def _documents(folder: Path, detector: Detector) -> str:
    """Twelve slices of 1-3 words of one language, the seventh a whole line of another."""
    lines = {p.stem: p.read_text(encoding="utf-8").splitlines()[::2] for p in folder.glob("*.txt")}
    hosts = [
        s for s in sorted(lines) if base_code(BCP_47[s]) in detector.languages and s not in WITHOUT_SPACES
    ]
    dice = random.Random(DATE)  # noqa: S311 - reproducible, not secret
    own, smoothed, kept = [], [], []
    for host in hosts * 3:
        guest = dice.choice([other for other in hosts if other != host])
        segments = [_slice(dice.choice(lines[host]), "1-3", dice, signs=False) for _ in range(11)]
        segments.insert(6, dice.choice(lines[guest]))
        single, together = detector.detect(segments), detector.detect_document(segments)
        for i, (a, b) in enumerate(zip(single, together, strict=True)):
            truth = base_code(BCP_47[guest if i == 6 else host])
            if i == 6:
                kept.append((a.language == truth, b.language == truth))
            elif a.linguistic:
                own.append((a.language == truth, guess_of(a) == truth, a.confidence))
                smoothed.append((b.language == truth, guess_of(b) == truth, b.confidence))
    rows = [
        (
            name,
            *(float(np.mean([f[i] for f in found])) for i in (0, 1)),
            calibration_error(np.array([f[2] for f in found]), np.array([f[1] for f in found])),
            float(np.mean(foreign)),
        )
        for name, found, foreign in (
            ("each alone", own, [k[0] for k in kept]),
            ("smoothed", smoothed, [k[1] for k in kept]),
        )
    ]
    head = ("segments", "right at 0.5", "best guess right", "ECE", "foreign line keeps its language")
    return f"Documents of eleven segments of 1-3 words and one foreign line ({len(kept)}):\n\n" + table(
        head, rows
    )


def _confusions(texts: list[Sample], found: list[Detection]) -> str:
    wrong: dict[str, int] = {}
    for s, d in zip(texts, found, strict=True):
        if s.bucket == "9+" and guess_of(d) != s.language:
            wrong[f"{s.language}→{guess_of(d)}"] = wrong.get(f"{s.language}→{guess_of(d)}", 0) + 1
    worst = sorted(wrong.items(), key=lambda item: -item[1])[:12]
    return (
        "Most frequent errors on whole lines (of 50 a language): "
        + ", ".join(f"{k} {n}" for k, n in worst)
        + "."
    )


def _speed(detector: Detector, texts: list[str]) -> str:
    votes = _votes(detector)
    asked = 0

    class Counting:
        known = load(Langdetect).known

        def scores(self, text: str, order: object) -> Array:
            nonlocal asked
            asked += 1
            return load(Langdetect).scores(text, order)  # type: ignore[arg-type]

    votes.tie = Counting()
    plain: list[float] = []
    tied: list[float] = []
    for text in random.Random(DATE).sample(texts, 3000):  # noqa: S311 - reproducible, not secret
        before, start = asked, time.perf_counter()
        detector.detect([text])
        (tied if asked > before else plain).append(time.perf_counter() - start)
    votes.tie = load(Langdetect)
    both = np.array(plain + tied) * 1e6
    return (
        f"Time a text, one core: median {np.median(plain) * 1e6:.0f} µs without the tie-breaker, "
        f"{np.median(tied) * 1e6:.0f} µs with it ({len(tied) / len(both):.1%} of these texts), "
        f"mean {both.mean():.0f} µs."
    )


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--flores", type=Path, required=True)
    parser.add_argument("--report", action="store_true", help="only report on what is checked in")
    arguments = parser.parse_args()
    started = time.perf_counter()
    if not arguments.report:
        STORED.write_text(json.dumps(fit_all(arguments.flores), indent=1) + "\n", encoding="utf-8")
    print(f"fit: {time.perf_counter() - started:.0f} s", file=sys.stderr)
    print(report(arguments.flores))
    print(f"all: {time.perf_counter() - started:.0f} s", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
