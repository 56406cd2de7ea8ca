# ruff: noqa: RUF001 - apostrophes
"""Ways in which a translation goes wrong, made from right ones: for each kind, pairs with exactly one fault.

Deterministic. Kinds that running text seldom holds (plates, IBANs) are put into both sides first.
"""

import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from benchmarks.entities import DIGITS, ENTITIES, NEVER_WHOLE, Hurt, Make, Sentence, changed, lost

_FIGURES = re.compile(r"(?!00\b)\d+")
"""Full hours lose nothing with their minutes."""
# What denies, and what is left of it where it is lost.
_NEGATION = {
    "en": (
        (r"\b(do|does|did|is|are|was|were|has|have|had|could|would|should) ?n[o'’]t\b", r"\1"),
        (r"\bcan(?:no|['’])t\b", "can"),
        (r"\bwon['’]t\b", "will"),
        (r"\bnever\b", "always"),
        (r"\bwithout\b", "with"),
        (r"\bneither\b", "both"),
        (r"\bnor\b", "and"),
        (r"\bnobody\b", "everybody"),
        (r"\bnothing\b", "everything"),
        (r"\bnone\b", "all"),
        (r"\bno\b", "some"),
        (r"\bnot ", ""),
    ),
    "pt": (
        (r"\bnão ", ""),
        (r"\b(?:nunca|jamais)\b", "sempre"),
        (r"\bsem\b", "com"),
        (r"\bnem\b", "e"),
        (r"\bninguém\b", "todos"),
        (r"\bnada\b", "tudo"),
        (r"\bnenhum(a?)\b", r"algum\1"),
    ),
}
_DENIALS = {
    **{
        language: re.compile("|".join(f"(?:{denial})" for denial, _ in table), re.IGNORECASE)
        for language, table in _NEGATION.items()
    },
    "de": re.compile(r"\b(?:nicht|nie|niemals|kein(?:e[nmr]?)?)\b", re.IGNORECASE),
    "es": re.compile(r"\b(?:no|nunca|jamás)\b", re.IGNORECASE),
    "fr": re.compile(r"\b(?:pas|jamais)\b", re.IGNORECASE),
    "it": re.compile(r"\b(?:non|mai)\b", re.IGNORECASE),
}
_OTHERWISE = re.compile(
    r"\b(?:hardly|barely|unable|unlike|lack|fail|refus|deni|avoid|prevent|unless|instead|rather|few|little|im[pm]|in[cdev]|un|dis"
    r"|deix|falt|evit|imped|recus|neg[ao]|sequer|tampouco|raramente|des|irr?|ileg|ausên)|less\b",
    re.IGNORECASE,
)
"""With one of these in the translation the denial may be said otherwise still."""


@dataclass(frozen=True, slots=True)
class Corruption:
    kind: str
    source: str
    translation: str
    languages: tuple[str, str]


def corruptions(
    sentences: list[Sentence], languages: tuple[str, str], *, other: list[str], seed: int = 0
) -> Iterator[Corruption]:
    """`other`: the same sentences in a third language."""
    chance = random.Random(seed)  # noqa: S311
    for kind, corrupt in _kinds(languages, other).items():
        for number, (source, right) in enumerate(sentences):
            found = corrupt(source, right, number, chance)
            if found and found[1] != right:
                yield Corruption(kind, *found, languages)


def denials(sentences: list[Sentence], languages: tuple[str, str]) -> Iterator[Corruption]:
    """Only "negation", of which few lines of one pair hold one; into English or Portuguese."""
    for source, right in sentences:
        found = _negation(source, right, languages)
        if found and found[1] != right:
            yield Corruption("negation", *found, languages)


def clean(sentences: list[Sentence], language: str, *, seed: int = 0) -> Iterator[Sentence]:
    """The same sentences with what the kinds put in, unhurt on both sides."""
    chance = random.Random(seed)  # noqa: S311
    for number, (source, right) in enumerate(sentences):
        kind = list(ENTITIES)[number % len(ENTITIES)]
        here, there = ENTITIES[kind][0](chance, language)
        yield f"{source} {here}", f"{right} {there}"


Corrupt = Callable[[str, str, int, random.Random], "Sentence | None"]


def _kinds(languages: tuple[str, str], other: list[str]) -> dict[str, Corrupt]:
    language = languages[1]
    entities: dict[str, Corrupt] = {
        kind: partial(_entity, make, hurt, language) for kind, (make, hurt) in ENTITIES.items()
    }
    return {
        "number": lambda s, r, _n, c: _number(s, r, c),
        "number dropped": lambda s, r, _n, c: _dropped(s, r, _FIGURES, c),
        **entities,
        "negation": lambda s, r, _n, _c: _negation(s, r, languages),
        "length": lambda s, r, n, _c: (
            s,
            r[: len(r) * 3 // 10] + "." if n % 2 else f"{r} {other[n][::-1]} {r[::-1]}",
        ),
        "repetition": _repetition,
        "source copied": lambda s, _r, _n, _c: (s, s),
        "wrong language": lambda s, _r, n, _c: (s, other[n]),
        "cut short": _cut,
    }


def _number(source: str, right: str, chance: random.Random) -> Sentence | None:
    found = list(DIGITS.finditer(right))
    return (source, changed(right, chance.choice(found), chance)) if found else None


def _dropped(source: str, right: str, pattern: re.Pattern[str], chance: random.Random) -> Sentence | None:
    found = list(pattern.finditer(right))
    if not found:
        return None
    place = chance.choice(found)
    return source, right[: place.start()] + right[place.end() :].lstrip()


def _negation(source: str, right: str, languages: tuple[str, str]) -> Sentence | None:
    """Every denial of a translation turned into its reverse; none left in any other form."""
    here, there = _DENIALS[languages[0]], _DENIALS[languages[1]]
    if not here.search(source) or not there.search(right) or _OTHERWISE.search(right):
        return None
    for denial, reverse in _NEGATION[languages[1]]:
        right = re.sub(denial, reverse, right, flags=re.IGNORECASE)
    return source, right


def _repetition(source: str, right: str, _number: int, chance: random.Random) -> Sentence | None:
    words = right.split()
    if len(words) < 6:
        return None
    at, size = chance.randrange(len(words) - 4), chance.choice([1, 2, 3, 4])
    return source, " ".join(
        words[: at + size] + words[at : at + size] * chance.choice([2, 3, 5]) + words[at + size :]
    )


def _cut(source: str, right: str, _number: int, chance: random.Random) -> Sentence | None:
    words = right.split()
    if len(words) < 8:
        return None
    return source, " ".join(words[: int(len(words) * chance.uniform(0.3, 0.8))])


def _entity(
    make: Make, hurt: Hurt, language: str, source: str, right: str, _number: int, chance: random.Random
) -> Sentence:
    """One sign of the entity changed, or the whole lost."""
    here, there = make(chance, language)
    whole = chance.random() < 0.25 and hurt not in NEVER_WHOLE
    wrong = lost(there) if whole else hurt(there, chance)
    return f"{source} {here}", f"{right} {wrong}"
