"""Does a sentence's translation depend on its neighbours in the batch? Counted on the starter models.

    python benchmarks/invariance.py --flores ../shared/data/flores --starter ../shared/starter

The reference is every sentence alone on one engine thread. Against it: other thread counts, random batches, sorted
batches under a padded-token budget, batches of equal length; int8 and float32; without and with the lexical
shortlist (`vmap.txt`). Sentences are lines of FLORES and of the bundled sample, their clauses, halves and windows:
distinct, drawn with a fixed seed. Prints Markdown: counts and kinds of difference, never a text. Not a timing.
"""

import argparse
import json
import math
import random
import re
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import ctranslate2

from models.card import ModelCard, read_card
from models.contracts import EngineOptions, LanguagePair, TokenizedSegment, Translation
from models.discovery import vocabulary
from models.marian import MarianBackend
from models.tokenizer import MarianTokenizer

ROOT = Path(__file__).parents[1]
PAIRS = (LanguagePair("en", "pt"), LanguagePair("pt", "en"))
FLORES_FILES = {"en": "eng.txt", "pt": "por.txt"}
THREADS = (1, 2, 4)
SEED = 3
RANDOM_SIZES = (2, 64)

ALONE = "alone"
RANDOM = "random batches"
SORTED_2048 = "sorted, 2048 tokens"
SORTED_512 = "sorted, 512 tokens"
EQUAL = "equal length, 2048 tokens"

Engine = Callable[[Sequence[TokenizedSegment]], list[Translation]]
Batches = list[list[int]]
"""Positions in the list of sentences."""


@dataclass(frozen=True, slots=True)
class Counts:
    """How many sentences each part of the run takes, both directions together."""

    int8: int = 10_000
    others: int = 2_000
    """float32, beam 4, both as DRAGOMAN_STRICT_REPRODUCIBLE has them, and with the shortlist."""

    threaded: int = 4_000
    """In batches on more than one engine thread."""

    alone_again: int = 1_000
    """Alone on more than one engine thread: a sentence costs ten times what it costs in a batch."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What is judged: the model in one numeric type, with or without the shortlist."""

    compute_type: str
    shortlist: bool
    sentences: int
    beam_size: int = 1
    strict: bool = False

    def __str__(self) -> str:
        beam = f", beam {self.beam_size}" if self.beam_size > 1 else ""
        ways = f"{', shortlist' if self.shortlist else ''}{', strict' if self.strict else ''}"
        return f"{self.compute_type}{beam}{ways}"


@dataclass(frozen=True, slots=True)
class Row:
    subject: str
    arrangement: str
    threads: int
    compared: int
    kinds: Mapping[str, int]
    """Kind of difference to its count."""

    @property
    def differing(self) -> int:
        return sum(self.kinds.values())


def measure(flores: Path, starter: Path, counts: Counts, only: Collection[str] = ()) -> Iterator[Row]:
    """Rows in the order they are known; each sums both directions."""
    subjects = (
        Subject("int8", shortlist=False, sentences=counts.int8),
        Subject("float32", shortlist=False, sentences=counts.others),
        Subject("int8", shortlist=False, sentences=counts.others, beam_size=4),
        Subject("float32", shortlist=False, sentences=counts.others, beam_size=4),
        *(
            Subject(compute_type, shortlist=False, sentences=counts.others, beam_size=beam_size, strict=True)
            for compute_type in ("int8", "float32")
            for beam_size in (1, 4)
        ),
        Subject("int8", shortlist=True, sentences=counts.others),
        Subject("float32", shortlist=True, sentences=counts.others),
    )
    for subject in subjects:
        if only and str(subject) not in only:
            continue
        texts = {pair: sentences(flores, pair.source, subject.sentences // len(PAIRS)) for pair in PAIRS}
        yield from _rows(subject, texts, starter, counts)


def _rows(
    subject: Subject, texts: Mapping[LanguagePair, list[str]], starter: Path, counts: Counts
) -> Iterator[Row]:
    kinds: dict[tuple[str, int], Counter[str]] = {}
    compared: Counter[tuple[str, int]] = Counter()
    touched = 0
    for pair in PAIRS:
        trials = Trials(subject, pair, texts[pair], starter)
        for plan in _plans(trials.segments, counts):
            found = trials.compare(plan)
            kinds.setdefault(plan.name, Counter()).update(found)
            compared[plan.name] += plan.size
        touched += len(trials.differed)
    for (arrangement, threads), counted in kinds.items():
        yield Row(str(subject), arrangement, threads, compared[arrangement, threads], dict(counted))
    total = sum(map(len, texts.values()))
    yield Row(str(subject), "in any of these", 0, total, {"sentences": touched} if touched else {})


@dataclass(frozen=True, slots=True)
class Plan:
    arrangement: str
    threads: int
    batches: Batches

    @property
    def name(self) -> tuple[str, int]:
        return self.arrangement, self.threads

    @property
    def size(self) -> int:
        return sum(map(len, self.batches))


def _plans(segments: Sequence[TokenizedSegment], counts: Counts) -> Iterator[Plan]:
    lengths = [segment.length for segment in segments]
    for threads in THREADS:
        several = threads > 1
        some = range(min(len(lengths), counts.threaded // len(PAIRS)) if several else len(lengths))
        by_length = sorted(some, key=lengths.__getitem__)
        if several:
            yield Plan(ALONE, threads, [[i] for i in some[: counts.alone_again // len(PAIRS)]])
        # Other neighbours for every thread count: more of them are seen.
        yield Plan(RANDOM, threads, random_batches(some, seed=SEED + threads))
        yield Plan(SORTED_2048, threads, budgeted(by_length, lengths, budget=2048))
        yield Plan(SORTED_512, threads, budgeted(by_length, lengths, budget=512))
        if not several:
            yield Plan(EQUAL, threads, budgeted(by_length, lengths, budget=2048, equal=True))


def random_batches(some: Sequence[int], *, seed: int) -> Batches:
    dice = random.Random(seed)  # noqa: S311 - reproducible, not secret
    order = dice.sample(some, len(some))
    batches = []
    while order:
        size = dice.randint(*RANDOM_SIZES)
        batches.append(order[:size])
        order = order[size:]
    return batches


def budgeted(order: Sequence[int], lengths: Sequence[int], *, budget: int, equal: bool = False) -> Batches:
    """Runs of `order`, shortest first; the last of a run is its longest, so it pads all others."""
    batches: Batches = []
    for i in order:
        last = batches[-1] if batches else []
        fits = last and lengths[i] * (len(last) + 1) <= budget
        if fits and not (equal and lengths[last[0]] != lengths[i]):
            last.append(i)
        else:
            batches.append([i])
    return batches


class Trials:
    """One subject in one direction: its engines, the reference, and what has differed from it so far."""

    def __init__(self, subject: Subject, pair: LanguagePair, texts: list[str], starter: Path) -> None:
        card = read_card(ROOT / "models" / "starter" / str(pair))
        # The starter models' config asks the engine to add the end marker.
        tokenizer = MarianTokenizer(card.path, vocabulary=vocabulary(card.path), append_end=False)
        self.segments = tokenizer.encode(texts)
        self.engines = {
            threads: _engine(subject, card, starter / str(pair) / "vmap.txt", threads=threads)
            for threads in THREADS
        }
        self.reference = self.run(Plan(ALONE, 1, [[i] for i in range(len(self.segments))]))
        self.differed: set[int] = set()

    def compare(self, plan: Plan) -> Counter[str]:
        order = [i for batch in plan.batches for i in batch]
        found: Counter[str] = Counter()
        for i, answer in zip(order, self.run(plan), strict=True):
            if answer != self.reference[i]:
                found[kind(self.reference[i], answer)] += 1
                self.differed.add(i)
        return found

    def run(self, plan: Plan) -> list[Translation]:
        """Answers in the order of the plan."""
        batches = [[self.segments[i] for i in batch] for batch in plan.batches]
        with ThreadPoolExecutor(plan.threads) as callers:
            answers = callers.map(self.engines[plan.threads], batches)
            return [answer for batch in answers for answer in batch]


def _engine(subject: Subject, card: ModelCard, shortlist: Path, *, threads: int) -> Engine:
    if subject.shortlist:
        return _shortlist_engine(card, shortlist, subject.compute_type, threads=threads)
    options = EngineOptions(threads, subject.compute_type, subject.beam_size, strict=subject.strict)
    return MarianBackend(card, options).translate


def _shortlist_engine(card: ModelCard, shortlist: Path, compute_type: str, *, threads: int) -> Engine:
    """MarianBackend's call with `use_vmap`, which it does not offer; the same limit on the output."""
    tokenizer = MarianTokenizer(card.path, vocabulary=vocabulary(card.path), append_end=False)
    with tempfile.TemporaryDirectory(prefix="invariance-") as scratch:
        for file in (*card.path.iterdir(), shortlist):
            shutil.copyfile(file, Path(scratch) / file.name)
        translator = ctranslate2.Translator(
            scratch, compute_type=compute_type, inter_threads=threads, intra_threads=1
        )

    def translate(batch: Sequence[TokenizedSegment]) -> list[Translation]:
        limits = [min(card.positions - 1, 32 + 3 * segment.length) for segment in batch]
        results = translator.translate_batch(
            [list(segment.tokens) for segment in batch],
            beam_size=1,
            max_batch_size=0,
            max_input_length=0,
            max_decoding_length=max(limits),
            disable_unk=True,
            use_vmap=True,
        )
        outputs = [result.hypotheses[0][:limit] for result, limit in zip(results, limits, strict=True)]
        texts = tokenizer.decode(outputs)
        return [
            Translation(text, len(output), truncated=len(output) >= limit)
            for text, output, limit in zip(texts, outputs, limits, strict=True)
        ]

    return translate


def kind(left: Translation, right: Translation) -> str:
    """What sort of difference lies between two answers: the gravest that applies."""
    if left.truncated or right.truncated:
        return "cut at the limit"
    if re.findall(r"\d", left.text) != re.findall(r"\d", right.text):
        return "digits"
    words, others = re.findall(r"\w+", left.text), re.findall(r"\w+", right.text)
    if words == others:
        return "spacing or punctuation"
    if left.text.casefold() == right.text.casefold():
        return "letter case"
    if len(words) == len(others) and sum(a != b for a, b in zip(words, others, strict=True)) == 1:
        return "one word"
    return "several words"


def upper_bound(differing: int, compared: int) -> float:
    """Of the rate, 95 %: the rule of three where nothing differed, else Wilson's."""
    if not differing:
        return 3 / compared
    z, p = 1.96, differing / compared
    spread = z * math.sqrt(p * (1 - p) / compared + z * z / (4 * compared * compared))
    return (p + z * z / (2 * compared) + spread) / (1 + z * z / compared)


# --- the sentences ----------------------------------------------------------------------------------------


def sentences(flores: Path, language: str, count: int) -> list[str]:
    """Whole lines first, then clauses, halves, and windows of 3 to 25 words until there are enough."""
    lines = (flores / FLORES_FILES[language]).read_text(encoding="utf-8").splitlines() + _sample(language)
    dice = random.Random(f"{SEED} {language}")  # noqa: S311 - reproducible, not secret
    found = dict.fromkeys(lines)
    found.update(dict.fromkeys(part for line in lines for part in _parts(line)))
    while len(found) < count:
        found[_window(dice.choice(lines), dice)] = None
    chosen = list(found)
    dice.shuffle(chosen)
    return chosen[:count]


def _sample(language: str) -> list[str]:
    messages = (ROOT / "examples" / "messages.jsonl").read_text(encoding="utf-8").splitlines()
    records = map(json.loads, messages)
    texts = [record["text"] for record in records if record.get("language") == language]
    return [part for text in texts for part in re.split(r"(?<=[.!?…])\s+", text) if part.strip()]


def _parts(line: str) -> Iterator[str]:
    yield from (part.strip() for part in re.split(r"(?<=[,;:—])\s+", line) if part.strip())
    words = line.split()
    if len(words) > 3:
        yield " ".join(words[: len(words) // 2])
        yield " ".join(words[len(words) // 2 :])


def _window(line: str, dice: random.Random) -> str:
    words = line.split()
    size = dice.randint(3, 25)
    start = dice.randint(0, max(0, len(words) - size))
    return " ".join(words[start : start + size])


# --- the report -------------------------------------------------------------------------------------------


def _line(row: Row) -> str:
    kinds = ", ".join(f"{name} {count}" for name, count in sorted(row.kinds.items())) or "-"
    bound = 100 * upper_bound(row.differing, row.compared)
    threads = str(row.threads or "any")
    cells = (
        row.subject,
        row.arrangement,
        threads,
        f"{row.compared:,}",
        str(row.differing),
        f"{bound:.3f} %",
        kinds,
    )
    return f"| {' | '.join(cells)} |"


def _machine() -> str:
    fields = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    named = dict(re.findall(r"^(model name|cpu family|model)\s*: (.*)$", fields, re.MULTILINE))
    cores = fields.count("processor\t")
    return f"{named.get('model name')}, family {named.get('cpu family')} model {named.get('model')}, {cores} cores"


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--flores", type=Path, default=ROOT.parent / "shared" / "data" / "flores")
    parser.add_argument(
        "--starter", type=Path, default=ROOT.parent / "shared" / "starter", help="holds vmap.txt"
    )
    parser.add_argument("--sentences", type=int, default=10_000, help="int8 without the shortlist")
    parser.add_argument("--others", type=int, default=2_000, help="every other subject")
    parser.add_argument(
        "--only", action="append", default=[], help="a subject as the table names it; repeatable"
    )
    options = parser.parse_args(arguments)
    counts = Counts(options.sentences, options.others)
    started = time.monotonic()
    print(f"{_machine()}; CTranslate2 {ctranslate2.__version__}; seed {SEED}\n", flush=True)
    print("| weights | arrangement | engine threads | compared | differ | rate below (95 %) | kinds |")
    print("|---|---|---|---|---|---|---|", flush=True)
    for row in measure(options.flores, options.starter, counts, options.only):
        print(_line(row), flush=True)
    print(f"\n{time.monotonic() - started:.0f} s", file=sys.stderr)


if __name__ == "__main__":
    main(sys.argv[1:])
