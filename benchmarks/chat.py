"""What writing chat out does: chrF of examples/chat.tsv with and without, and how much prose it touches.

Run: python -m benchmarks.chat. Prose is FLORES in ../shared, where that is there; a minute of processor time.
"""

import asyncio
import csv
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

from app.casing import sentence_case
from app.reading import Reading, read
from app.results import TextResult
from benchmarks.repair import chrf, lines, measured
from benchmarks.texts import shared

EXAMPLES = Path(__file__).parents[1] / "examples"


@dataclass(frozen=True, slots=True)
class Line:
    language: str
    text: str
    reference: str


def chat() -> list[Line]:
    """Written along with the tables: it shows what writing out is worth, not how much of chat the tables know."""
    with (EXAMPLES / "chat.tsv").open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        return [Line(row["language"], row["text"], row["reference"]) for row in rows]


def messages() -> list[Line]:
    """Written before the tables, for other ends; those alone that are read otherwise now."""
    rows = map(json.loads, (EXAMPLES / "messages.jsonl").read_text(encoding="utf-8").splitlines())
    found = [Line(row["language"], row["text"], row["reference"]) for row in rows if row["reference"]]
    return [each for each in found if _told(each.text, each.language)]


def _told(text: str, language: str) -> bool:
    reading, noisy = read(text, language, ())
    return noisy or (reading is not None and reading.chat is not None)


def as_before(written: str, language: str, kept: Sequence[tuple[int, int]]) -> tuple[Reading | None, bool]:
    """Sentence case alone."""
    del kept
    cased = sentence_case(written, language)
    return (None if cased is None else Reading(cased, recased=True)), False


def main() -> None:
    print("| lines | pair | lines | chrF as written | written out | flagged `expanded` | `informal` |")
    print("| --- | --- | ---: | ---: | ---: | ---: | ---: |")
    for name, found in (("chat.tsv", chat()), ("messages.jsonl", messages())):
        for source, target in (("pt", "en"), ("en", "pt")):
            mine = [each for each in found if each.language == source]
            work = [(source, target, [each.text for each in mine])]
            with patch("app.plan.read", as_before):
                (before,) = asyncio.run(measured("on", work))
            (after,) = asyncio.run(measured("on", work))
            references = [each.reference for each in mine]
            print(
                f"| {name} | {source}-{target} | {len(mine)} | {chrf(before.texts, references):.1f} "
                f"| {chrf(after.texts, references):.1f} | {_flagged(after.texts, 'expanded')} "
                f"| {_flagged(after.texts, 'informal')} |"
            )
    if shared() is not None:
        for language in ("pt", "en"):
            prose = lines(language)
            print(
                f"{sum(_told(each, language) for each in prose)} of {len(prose)} lines of prose ({language})"
            )


def _flagged(texts: Sequence[TextResult], flag: str) -> int:
    return sum(flag in text.flags for text in texts)


if __name__ == "__main__":
    main()
