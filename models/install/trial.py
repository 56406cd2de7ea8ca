"""Whether an installed model translates at all: what a wrong vocabulary, target token or end marker would spoil.

It is tried on the sentences of sentences.tsv; a language that has none there on words of the model's own vocabulary.
A model that answers with nothing, with what it was given, in circles, in another script or in something that does not
resemble the other language's version is refused. It is no measure of quality.
"""

import csv
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib import resources
from itertools import cycle, islice
from pathlib import Path

import psutil
from langcodes import Language

from models.card import ModelCard, read_card
from models.contracts import Backend, EngineOptions, InstallError, LanguagePair, TokenizedSegment, Translation
from models.discovery import vocabulary
from models.install import sandbox
from models.marian import MarianBackend
from models.memory import give_back

LEAST_RESEMBLANCE = 0.2
"""Of an answer to the other language's version, as F-score of groups of three characters. Two languages of one
script have 0.05 to 0.15 in common, the starter models' answers 0.6 to 0.9 with what they should be."""
MOST_UNKNOWN = 0.3
"""Share of a sentence's pieces."""
BATCH_TOKENS = 1024
"""What a batch holds unless DRAGOMAN_BATCH_TOKENS says otherwise."""
_FULL_BATCHES = 3
"""How much of one the allocator keeps varies: 44 to 54 MB were seen of a starter model; the most counts."""
_PAIRS = 8
"""Of a model with many targets as many are tried."""
_LENGTHS = (0.2, 5.0)
_GROUP = 3
_WORDS = 12
_CIRCLE = 0.34
"""Different pieces among all of an answer; fewer are a circle."""


def main() -> None:
    sandbox.answer(lambda order: _answered(Path(order["folder"])))


def _answered(folder: Path) -> dict[str, object]:
    trial, memory = attempt(folder)
    return {"trial": trial, "memory": memory}


def attempt(folder: Path) -> tuple[list[str], int]:
    """A sentence for every pair tried, and the bytes that the process grew by once it has worked, with EngineOptions as
    they are unless set. Raises InstallError that says what is wrong with the first bad answer.
    """
    card = read_card(folder)
    before = psutil.Process().memory_info().rss
    backend = MarianBackend(card, EngineOptions())
    try:
        trial = tried(card, backend)
        full = _full(card, backend)
        return trial, max(_left(backend, full) - before for _ in range(_FULL_BATCHES))
    except InstallError as error:
        raise InstallError(f"{error} --skip-self-test installs it all the same.") from None
    finally:
        backend.close()


def _full(card: ModelCard, backend: Backend) -> Sequence[TokenizedSegment]:
    """As many padded tokens as the largest batch that the service makes."""
    pair = _chosen(card.pairs)[0]
    segments = backend.tokenize(_sentences().get(pair.source) or _words(card, pair), pair)
    count = BATCH_TOKENS // max(each.length for each in segments)
    return [*islice(cycle(segments), max(count, 1))]


def _left(backend: Backend, segments: Sequence[TokenizedSegment]) -> int:
    """Bytes of the process after this work."""
    backend.translate(segments)
    give_back()
    return psutil.Process().memory_info().rss


def tried(card: ModelCard, backend: Backend) -> list[str]:
    """The same of a model that is loaded."""
    return [_try(card, backend, pair) for pair in _chosen(card.pairs)]


def _chosen(pairs: Sequence[LanguagePair]) -> Sequence[LanguagePair]:
    """Those with sentences on both sides first."""
    known = _sentences()
    return sorted(pairs, key=lambda pair: (pair.source not in known) + (pair.target not in known))[:_PAIRS]


def _try(card: ModelCard, backend: Backend, pair: LanguagePair) -> str:
    known = _sentences()
    sources = known.get(pair.source) or _words(card, pair)
    segments = backend.tokenize(sources, pair)
    answers = backend.translate(segments)
    faults = [fault_of(source, found, pair) for source, found in zip(sources, answers, strict=True)]
    if pair.source not in known:
        # A word may be the same in both languages, or a name.
        if all(faults):
            raise _refused(pair, str(faults[0]))
        return (
            f"{pair}: {len(sources)} words of its own vocabulary; no sentence of {pair.source} is known here"
        )
    unknown = sum(each.unknown for each in segments) / sum(each.length for each in segments)
    if unknown > MOST_UNKNOWN:
        raise _refused(pair, f"its vocabulary lacks {unknown:.0%} of the pieces of a plain sentence")
    for fault in filter(None, faults):
        raise _refused(pair, fault)
    return _compared(pair, " ".join(found.text for found in answers), " ".join(known.get(pair.target, ())))


def _compared(pair: LanguagePair, answers: str, expected: str) -> str:
    if not expected:
        return f"{pair}: neither empty nor in circles; no sentence of {pair.target} is known here to compare with"
    found = resemblance(answers, expected)
    if found < LEAST_RESEMBLANCE:
        raise _refused(
            pair, f"its answers do not resemble {pair.target} ({found:.2f}, at least {LEAST_RESEMBLANCE})"
        )
    return f"{pair}: resemblance {found:.2f}"


def fault_of(source: str, found: Translation, pair: LanguagePair) -> str | None:
    """What is wrong with an answer, for the person who installs."""
    text = found.text.strip()
    ratio = len(text) / len(source)
    wanted = _scripts(pair.target)
    faults = (
        (not text, "an answer is empty"),
        ("<unk>" in text or "\u2047" in text, "an answer holds the sign of an unknown piece"),
        (found.truncated or _circles(text), "an answer goes in circles"),
        (text == source.strip(), "an answer is what was asked"),
        (
            len(source) > 2 * _WORDS and not _LENGTHS[0] <= ratio <= _LENGTHS[1],
            "an answer's length is far from its source's",
        ),
        (
            wanted and not any(_script(letter) in wanted for letter in text if letter.isalpha()),
            f"an answer has no letter of the script of {pair.target}",
        ),
    )
    return next((reason for bad, reason in faults if bad), None)


def resemblance(found: str, expected: str) -> float:
    """0 to 1: the F-score of the groups of characters that both have."""
    mine, theirs = Counter(_groups(found)), Counter(_groups(expected))
    total = mine.total() + theirs.total()
    return 2 * (mine & theirs).total() / total if total else 0.0


def _groups(text: str) -> Iterator[str]:
    plain = "".join(character for character in text.lower() if character.isalnum())
    # Two thirds of a Chinese sentence's words are shorter than three characters.
    width = (
        1 if any(_script(letter) in {"CJK", "HIRAGANA", "KATAKANA", "HANGUL"} for letter in plain) else _GROUP
    )
    return (plain[at : at + width] for at in range(len(plain) - width + 1))


def _circles(text: str) -> bool:
    words = text.split() if " " in text else list(text)
    return len(words) >= _WORDS and len(set(words)) / len(words) < _CIRCLE


def _words(card: ModelCard, pair: LanguagePair) -> tuple[str, ...]:
    pieces = (piece[1:] for piece in vocabulary(card.path) if piece.startswith("\u2581"))
    words = [piece for piece in pieces if piece.isalpha() and len(piece) > _GROUP]
    if not words:
        raise _refused(pair, "its vocabulary holds no word to try it on")
    return tuple(words[:_GROUP])


@cache
def _sentences() -> Mapping[str, tuple[str, ...]]:
    text = resources.files("models.install").joinpath("sentences.tsv").read_text(encoding="utf-8")
    lines = (line for line in text.splitlines() if not line.startswith("#"))
    rows = csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
    return {code: tuple(sentences) for code, *sentences in rows}


_SCRIPTS: Mapping[str, frozenset[str]] = {
    "Arab": frozenset({"ARABIC"}),
    "Beng": frozenset({"BENGALI"}),
    "Cyrl": frozenset({"CYRILLIC", "LATIN"}),
    "Deva": frozenset({"DEVANAGARI"}),
    "Grek": frozenset({"GREEK"}),
    "Hans": frozenset({"CJK"}),
    "Hebr": frozenset({"HEBREW"}),
    "Jpan": frozenset({"CJK", "HIRAGANA", "KATAKANA"}),
    "Kore": frozenset({"HANGUL"}),
    "Latn": frozenset({"LATIN"}),
}
"""First word of a letter's Unicode name; Serbian and its like are written in either alphabet."""


def _scripts(language: str) -> frozenset[str]:
    """Empty where nothing is asked."""
    return _SCRIPTS.get(str(Language.get(language).maximize().script), frozenset())


def _script(letter: str) -> str:
    return unicodedata.name(letter, "").partition(" ")[0]


def _refused(pair: LanguagePair, fault: str) -> InstallError:
    return InstallError(
        f"The model was tried on {pair} and is refused: {fault}. Its files do not belong together, or it is no "
        f"model of this pair."
    )
