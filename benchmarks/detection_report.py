"""How right language detection is, and how honest about it, on the held-back lines of FLORES-101."""

import random
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from app.detection import Detection, Detector
from app.detection.codes import base_code
from app.detection.posterior import VoteOfTwo
from app.detection.voters import Eldc, Langdetect, Py3langid, load
from benchmarks.detection_samples import BCP_47, BUCKETS, DATE, WITHOUT_SPACES, Sample, part, samples

Array = NDArray[np.float64]

REPORT_PER_BUCKET = 50
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
        segments = [part(dice.choice(lines[host]), "1-3", dice, signs=False) for _ in range(11)]
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
