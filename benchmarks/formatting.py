"""How well tags find their words again, on the sentences of benchmarks/tagged.txt with the embedded models.

    python benchmarks/formatting.py [--json] [--missed] [--cost]

Each sentence is sent as HTML, its phrases as elements, through the real service. Where the translation says a phrase
in one of the ways that the file knows, and once, the right place of its element is known by construction: precision and
recall are of the words in the elements against those of the phrase. A phrase that the model put otherwise is not
judged, and counted. What comes back is read by the standard library's XML parser: every element once, in its parent.
`--cost`: what the alignment takes of processor time, and whether it changes an answer.
"""

import argparse
import asyncio
import json
import random
import re
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from xml.etree import ElementTree as ET

from app.documents.format import Options
from app.flags import FORMATTING_APPROXIMATE
from app.marked import Marked
from app.results import TextResult, TranslationRequest
from app.runtime import open_runtime
from app.settings import Settings
from benchmarks.texts import flores
from models.card import read_card
from models.contracts import EngineOptions, LanguagePair
from models.marian import MarianBackend

STARTER = Path(__file__).parents[1] / "models" / "starter"
FILE = Path(__file__).with_name("tagged.txt")
_POINT = "^"

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Phrase:
    here: Span
    there: tuple[str, ...]
    """What may say it in the translation."""
    point: bool


@dataclass(frozen=True, slots=True)
class Sentence:
    text: str
    source: str
    target: str
    phrases: tuple[Phrase, ...]
    """An outer one before those within it."""

    @property
    def markup(self) -> str:
        """A paragraph; element n is phrase n."""
        edges: list[tuple[int, int, int, str]] = []
        for number, phrase in enumerate(self.phrases):
            start, end = phrase.here
            if phrase.point:
                edges.append((end, 1, number, f'<img id="{number}"/>'))
                continue
            edges.append((start, 2, number, f'<b id="{number}">'))
            edges.append((end, 0, -number, "</b>"))
        parts: list[str] = []
        position = 0
        for place, _, _, tag in sorted(edges):
            parts += (self.text[position:place], tag)
            position = place
        return f"<p>{''.join((*parts, self.text[position:]))}</p>"


@dataclass(frozen=True, slots=True)
class Verdict:
    sentence: Sentence
    valid: bool
    approximate: bool
    tally: Counter[str]
    """`placed` words in the elements, `wanted` words in the phrases, `right` ones in both; `exact` of the `judged`
    phrases, and those that the model put `otherwise`, or twice."""
    missed: tuple[str, ...] = ()


def sentences() -> list[Sentence]:
    blocks = [block.splitlines() for block in FILE.read_text(encoding="utf-8").strip().split("\n\n")]
    both = [block for block in blocks if not block[0].startswith("#")]
    return [_sentence(block, way) for way in (0, 1) for block in both]


async def judged(found: Sequence[Sentence], data: Path) -> list[Verdict]:
    """Through a service of its own with the embedded models."""
    async with open_runtime(Settings(data_dir=data)) as running:
        verdicts: list[Verdict] = []
        for source, target in sorted({(each.source, each.target) for each in found}):
            mine = [each for each in found if each.source == source]
            marked = Marked.read([each.markup for each in mine], "html", Options())
            asked = marked.asked(TranslationRequest((), target, source), counted=True)
            result = marked.answered(await running.translation.translate(asked))
            verdicts += map(judge, mine, result.texts)
        return verdicts


def judge(sentence: Sentence, result: TextResult) -> Verdict:
    approximate = FORMATTING_APPROXIMATE in result.flags
    try:
        root = ET.fromstring(result.text or "")  # noqa: S314  what we have written ourselves
    except ET.ParseError:
        return Verdict(sentence, False, approximate, Counter())
    spans: dict[int, Span] = {}
    text = "".join(_spans(root, 0, spans))
    tally: Counter[str] = Counter()
    missed: list[str] = []
    for number, phrase in enumerate(sentence.phrases):
        gold = _occurrence(text, phrase.there)
        if gold is None:
            tally["otherwise"] += 1
            continue
        tally["judged"] += 1
        ours, theirs = _words(text, spans.get(number, (0, 0)), phrase), _words(text, gold, phrase)
        tally["right"] += len(ours & theirs)
        tally["placed"] += len(ours)
        tally["wanted"] += len(theirs)
        tally["exact"] += ours == theirs
        if ours != theirs:
            missed.append(f"{sentence.markup}  {result.text}  {phrase.there[0]}")
    valid = sorted(spans) == list(range(len(sentence.phrases))) and _nested(sentence, spans)
    return Verdict(sentence, valid, approximate, tally, tuple(missed))


def _sentence(block: Sequence[str], way: int) -> Sentence:
    text = block[way].replace(_POINT, "")
    phrases = []
    for line in block[2:]:
        sides = [[one.strip() for one in side.split("|")] for side in line.removeprefix("- ").split("~")]
        here = next(span for one in sides[way] if (span := _occurrence(text, [one.strip(_POINT)])))
        there = tuple(one.strip(_POINT) for one in sides[1 - way])
        phrases.append(Phrase(here, there, sides[way][0].startswith(_POINT)))
    phrases.sort(key=lambda phrase: (phrase.here[0], -phrase.here[1]))
    codes = ("en", "pt")
    return Sentence(text, codes[way], codes[1 - way], tuple(phrases))


def _occurrence(text: str, ways: Sequence[str]) -> Span | None:
    """Of the longest that is there; None where there is none, or two."""
    for way in sorted(ways, key=len, reverse=True):
        found = list(re.finditer(rf"\b{re.escape(way)}\b", text, re.IGNORECASE))
        if found:
            return found[0].span() if len(found) == 1 else None
    return None


def _spans(element: ET.Element, start: int, spans: dict[int, Span]) -> Iterator[str]:
    """The text of an element, and where those with an id are in it."""
    position = start
    for part in (element.text or "", *element):
        if isinstance(part, str):
            yield part
            position += len(part)
            continue
        inner = "".join(_spans(part, position, spans))
        yield inner
        yield part.tail or ""
        position += len(inner) + len(part.tail or "")
    if "id" in element.attrib:
        end = position
        spans[int(element.attrib["id"])] = (start, end)


def _words(text: str, span: Span, phrase: Phrase) -> set[int]:
    """Numbers of the words in it; of a point, the word that it stands behind."""
    found = list(enumerate(re.finditer(r"\w+", text)))
    if phrase.point:
        return set([number for number, word in found if word.start() < span[1]][-1:])
    return {number for number, word in found if word.start() < span[1] and span[0] < word.end()}


def _nested(sentence: Sentence, spans: dict[int, Span]) -> bool:
    """Whether those that were within another still are."""
    return all(
        spans[outer][0] <= spans[inner][0] <= spans[inner][1] <= spans[outer][1]
        for outer, one in enumerate(sentence.phrases)
        for inner, other in enumerate(sentence.phrases)
        if outer < inner and one.here[0] <= other.here[0] and other.here[1] <= one.here[1]
    )


def summary(verdicts: Sequence[Verdict]) -> dict[str, float]:
    right, placed, wanted, exact, known = (
        sum(each.tally[name] for each in verdicts)
        for name in ("right", "placed", "wanted", "exact", "judged")
    )
    return {
        "sentences": len(verdicts),
        "tags": known,
        "otherwise": sum(each.tally["otherwise"] for each in verdicts),
        "precision": right / placed,
        "recall": right / wanted,
        "exact": exact / known,
        "valid": sum(each.valid for each in verdicts) / len(verdicts),
        "approximate": sum(each.approximate for each in verdicts),
    }


@dataclass(frozen=True, slots=True)
class Cost:
    segments: int
    ratio: float
    """CPU time with links over that without, tokenizer included."""
    different: int
    """Answers that are not the same with links."""


def cost(pair: LanguagePair, texts: Sequence[str], *, sizes: Sequence[int] = (1, 4, 16, 64)) -> Cost:
    """In batches of all sizes; each twice, in turns, so that what disturbs one disturbs the other."""
    backend = MarianBackend(read_card(STARTER / str(pair)), EngineOptions())
    spent, different = [0.0, 0.0], 0
    order = random.Random(7).sample(texts, len(texts))  # noqa: S311  any order will do
    for size, start in zip(cycle(sizes), _starts(len(order), sizes), strict=False):
        batch = order[start : start + size]
        answers: list[list[str]] = [[], []]
        for linked in (0, 1, 1, 0):
            begun = time.process_time()
            segments = backend.tokenize(batch, pair, placed=range(len(batch)) if linked else ())
            answers[linked] = [each.text for each in backend.translate(segments)]
            spent[linked] += time.process_time() - begun
        different += sum(one != other for one, other in zip(*answers, strict=True))
    return Cost(len(order), spent[1] / spent[0], different)


def _starts(count: int, sizes: Sequence[int]) -> Iterator[int]:
    start = 0
    for size in cycle(sizes):
        if start >= count:
            return
        yield start
        start += size


def _print_costs() -> None:
    print("| | segments | CPU time with links ÷ without | answers that differ |")
    print("|---|---|---|---|")
    folder = flores()
    for pair, file in ((LanguagePair("en", "pt"), "eng.txt"), (LanguagePair("pt", "en"), "por.txt")):
        lines = (folder / file).read_text(encoding="utf-8").splitlines() if folder else []
        found = cost(pair, lines or [each.text for each in sentences() if each.source == pair.source])
        print(f"| {pair} | {found.segments} | {found.ratio:.3f} | {found.different} |")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--missed", action="store_true", help="print what was placed elsewhere")
    parser.add_argument("--cost", action="store_true")
    chosen = parser.parse_args()
    if chosen.cost:
        _print_costs()
        return
    with tempfile.TemporaryDirectory() as folder:
        verdicts = asyncio.run(judged(sentences(), Path(folder)))
    rows = {
        "en-pt": [each for each in verdicts if each.sentence.source == "en"],
        "pt-en": [each for each in verdicts if each.sentence.source == "pt"],
        "both": verdicts,
        "flagged": [each for each in verdicts if each.approximate],
        "not flagged": [each for each in verdicts if not each.approximate],
    }
    found = {name: summary(mine) for name, mine in rows.items() if mine}
    if chosen.json:
        print(json.dumps(found, indent=2))
        return
    print("| | sentences | tags | put otherwise | precision | recall | exact | valid | flagged |")
    print("|---|---|---|---|---|---|---|---|---|")
    for name, row in found.items():
        shares = " | ".join(f"{row[key]:.3f}" for key in ("precision", "recall", "exact", "valid"))
        counts = " | ".join(f"{row[key]:.0f}" for key in ("sentences", "tags", "otherwise"))
        print(f"| {name} | {counts} | {shares} | {row['approximate']:.0f} |")
    for verdict in verdicts if chosen.missed else ():
        for each in verdict.missed:
            print("~" if verdict.approximate else " ", each)


if __name__ == "__main__":
    main()
