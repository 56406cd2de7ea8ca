"""How often the repair ladder helps, and what it changes: tables by kind of text.

Run: python -m benchmarks.repair. Needs ../shared; 4 minutes of processor time.
"""

import asyncio
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sacrebleu.metrics.chrf import CHRF

from app.repair.steps import REPAIRABLE
from app.results import SegmentResult, TextResult, TranslationRequest
from app.runtime import Runtime, open_runtime
from app.settings import load_settings
from benchmarks.noise import KINDS, noisy
from benchmarks.texts import shared

_CODES = {"en": "eng", "pt": "por"}
_CHUNK = 100
"""Texts of one request, as in a document's chunk."""


@dataclass(frozen=True, slots=True)
class Run:
    texts: Sequence[TextResult]

    @property
    def segments(self) -> list[SegmentResult]:
        return [segment for text in self.texts for segment in text.segments]

    @property
    def doubted(self) -> int:
        return sum(not REPAIRABLE.isdisjoint(segment.flags) for segment in self.segments)


async def translated(running: Runtime, texts: Sequence[str], source: str, target: str) -> Run:
    found: list[TextResult] = []
    for start in range(0, len(texts), _CHUNK):
        request = TranslationRequest(texts[start : start + _CHUNK], target, source)
        result = await running.translation.translate(request)
        found += result.texts
    return Run(found)


async def measured(repair: str, work: Sequence[tuple[str, str, Sequence[str]]]) -> list[Run]:
    with tempfile.TemporaryDirectory() as folder:
        settings = load_settings(data_dir=Path(folder), repair=repair, cache="off", threads=1)
        async with open_runtime(settings, unlimited=True) as running:
            await running.warm()
            return [await translated(running, texts, *pair) for *pair, texts in work]


def lines(language: str) -> list[str]:
    folder = shared()
    if folder is None:
        raise SystemExit("Needs FLORES in ../shared, or DRAGOMAN_SHARED to name its place.")
    return (folder / "data" / "flores" / f"{_CODES[language]}.txt").read_text(encoding="utf-8").splitlines()


def chrf(texts: Sequence[TextResult], references: Sequence[str]) -> float:
    return float(CHRF().corpus_score([text.text or "" for text in texts], [list(references)]).score)


def steps(run: Run) -> str:
    tried, kept = Counter[str](), Counter[str]()
    for segment in run.segments:
        tried.update(each.step for each in segment.repairs)
        kept.update(each.step for each in segment.repairs if each.kept)
    return ", ".join(f"{step} {kept[step]}/{count}" for step, count in sorted(tried.items()))


def main() -> None:
    work = [
        (source, target, noisy(kind, lines(source), lines(target)))
        for source, target in (("en", "pt"), ("pt", "en"))
        for kind in KINDS
    ]
    names = [kind for _ in range(2) for kind in KINDS]
    before = asyncio.run(measured("off", work))
    after = asyncio.run(measured("on", work))
    print("| pair | text | segments | doubted | after repair | kept/tried |")
    print("| --- | --- | ---: | ---: | ---: | --- |")
    for (source, target, _), kind, first, second in zip(work, names, before, after, strict=True):
        print(
            f"| {source}-{target} | {kind} | {len(first.segments)} | {first.doubted} | {second.doubted} "
            f"| {steps(second)} |"
        )
    for (source, target, _), kind, first, second in zip(work, names, before, after, strict=True):
        if kind == "clean":
            references = lines(target)
            changed = [
                at
                for at, pair in enumerate(zip(first.texts, second.texts, strict=True))
                if pair[0].text != pair[1].text
            ]
            mine = [references[at] for at in changed]
            print(
                f"\n{source}-{target}, clean: chrF {chrf(first.texts, references):.2f} before,"
                f" {chrf(second.texts, references):.2f} after; of the {len(changed)} changed"
                f" {chrf([first.texts[at] for at in changed], mine):.1f} and"
                f" {chrf([second.texts[at] for at in changed], mine):.1f}"
            )


if __name__ == "__main__":
    main()
