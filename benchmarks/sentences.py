"""Sentences that go missing where several go to the engine as one: how many the flag finds, how many it invents.

Made from FLORES: neighbouring lines joined, one line of the human translation left out; and what the embedded models
themselves leave out. Run: python -m benchmarks.sentences. Needs ../shared; a minute of processor time.
"""

import asyncio
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from app.edges import Manner
from app.fidelity import check
from app.results import TranslationRequest
from app.runtime import Runtime, open_runtime
from app.segmentation import Splitting
from app.settings import load_settings
from benchmarks.fidelity import sentences

FLAG = "sentence_lost"
_SPAN = 4
"""Characters of a piece by which a sentence is looked for in a translation."""
_THERE = 0.35
"""Part of a sentence's pieces below which it is missing; each was seen with 0.6 or more where it is there."""


@dataclass(frozen=True, slots=True)
class Joined:
    source: str
    right: str
    lines: tuple[str, ...]
    """Of the right translation."""


def joined(pairs: Sequence[tuple[str, str]], size: int) -> Iterator[Joined]:
    for start in range(0, len(pairs) - size + 1, size):
        here, there = zip(*pairs[start : start + size], strict=True)
        lines = tuple(line.strip() for line in there)
        yield Joined(" ".join(line.strip() for line in here), " ".join(lines), lines)


def without_one(text: Joined) -> Iterator[str]:
    for left in range(len(text.lines)):
        yield " ".join(line for number, line in enumerate(text.lines) if number != left)


def flagged(pairs: Sequence[tuple[str, str]], languages: tuple[str, str]) -> int:
    return sum(FLAG in check(*pair, languages=languages) for pair in pairs)


async def translated(
    running: Runtime, texts: Sequence[str], languages: tuple[str, str]
) -> list[tuple[str, tuple[str, ...]]]:
    """With their flags, each text as one sentence."""
    found = []
    for start in range(0, len(texts), 50):
        request = TranslationRequest(
            texts[start : start + 50], languages[1], languages[0], manner=Manner(Splitting.NOTHING)
        )
        result = await running.translation.translate(request)
        found += [(text.text or "", text.flags) for text in result.texts]
    return found


async def by_the_model(languages: tuple[str, str], sizes: Sequence[int], *, repair: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        settings = load_settings(data_dir=Path(folder), cache="off", threads=1, repair=repair)
        async with open_runtime(settings, unlimited=True) as running:
            pairs = sentences(languages)
            alone = [
                text for text, _ in await translated(running, [each.strip() for each, _ in pairs], languages)
            ]
            for size in sizes:
                texts = [each.source for each in joined(pairs, size)]
                answers = await translated(running, texts, languages)
                parts = [alone[start : start + size] for start in range(0, len(texts) * size, size)]
                lost = [
                    flags
                    for (text, flags), part in zip(answers, parts, strict=True)
                    if any(_part(line, text) < _THERE for line in part)
                ]
                print(
                    f"| {'-'.join(languages)} | {size} | {repair} | {len(texts)} | {len(lost)} "
                    f"| {sum(FLAG in flags for flags in lost)} | {sum(map(bool, lost))} |"
                )


def _part(line: str, text: str) -> float:
    wanted = _pieces(line)
    return (wanted & _pieces(text)).total() / max(1, wanted.total())


def _pieces(text: str) -> Counter[str]:
    plain = " ".join(text.lower().split())
    return Counter(plain[start : start + _SPAN] for start in range(len(plain) - _SPAN + 1))


def main() -> None:
    directions = (("en", "pt"), ("pt", "en"))
    print(
        "| pair | lines | whole | doubted | one left out | doubted |\n| --- | --: | --: | --: | --: | --: |"
    )
    for languages in directions:
        for size in (1, 2, 3):
            whole = list(joined(sentences(languages), size))
            right = flagged([(each.source, each.right) for each in whole], languages)
            faults = [(each.source, text) for each in whole for text in without_one(each) if size > 1]
            found = flagged(faults, languages)
            print(f"| {'-'.join(languages)} | {size} | {len(whole)} | {right} | {len(faults)} | {found} |")
    print("\n| pair | lines | repair | texts | lost a sentence | sentence_lost | any flag |")
    print("| --- | --: | --- | --: | --: | --: | --: |")
    for languages in directions:
        for repair in ("off", "on"):
            asyncio.run(by_the_model(languages, (2, 3), repair=repair))


if __name__ == "__main__":
    main()
