"""How a term gets into a translation: what the model is shown in its place, and what is made of its answer. Pure.

A ladder, best sentence first (docs/benchmarks.md, "Glossaries"): the translation as it comes, which may have the
term already; a noun of the term's gender and number in its place; the target's term itself, which models copy; a
code. A rung counts where every stand-in came back exactly once, and nothing else of the sentence was hurt.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from app import fidelity
from app.glossary import carriers
from app.glossary.inflection import indefinite
from app.glossary.matching import Match
from app.restoration import restore
from app.segmentation import Segment, join

MOST = 40
"""Terms of one segment that are put in; a segment with more is a list, and longer than what models read well."""
_HARM = frozenset(
    (
        "currencies_differ", "dates_differ", "emoji_differ", "ends_early", "identifiers_differ", "negation_lost",
        "numbers_differ", "repetition", "symbol_lost", "empty_translation",
    )
)  # fmt: skip
"""Doubts that a rung must not add."""
_ARTICLE = re.compile(r"\b([Aa])n?(?= $)")
_REMAINS = re.compile(r"K[XQWZ]|7\d", re.IGNORECASE)
"""What is left of a code that a model garbled."""
_JOINT = "\ufdd0"
"""A character of no text: in a translation that is being filled, where the source has no space."""
_JOINTS = re.compile(f"{_JOINT} ?| ?{_JOINT}")
_BEGINS = re.compile(r"(?:^|[.!?…]\s)[\"'“‘«(¿¡]*$")  # noqa: RUF001 - a quotation mark


class Rung(Enum):
    CARRIER = "carrier"
    """A noun that agrees as the term does."""
    INLINE = "inline"
    """The target's term, in the source."""
    CODE = "code"
    """A code that no model translates."""


@dataclass(frozen=True, slots=True)
class Given:
    """A segment, its terms by their places in `text`, and the pair; `direct`: one model leads there."""

    text: str
    matches: tuple[Match, ...]
    pair: tuple[str, str]
    direct: bool = True
    linked: bool = False
    """Whether its outcome is to have links."""


@dataclass(frozen=True, slots=True)
class Slot:
    expected: str
    """What the model must answer where the term is to stand."""
    match: Match
    spaced: tuple[bool, bool] = (False, False)
    """Whether it was sent with a space that the source does not have, before and after."""


@dataclass(frozen=True, slots=True)
class Variant:
    """What the model is shown in place of a segment."""

    text: str
    slots: tuple[Slot, ...]


@dataclass(frozen=True, slots=True)
class Judged:
    text: str
    missing: int
    """Terms that are not in it."""
    harm: frozenset[str]


def without_engine(given: Given) -> str | None:
    """The translation of a segment that holds nothing but terms, numbers and signs."""
    places = _places(given.matches)
    if any(each.isalpha() for each in join(given.text, places, [""] * len(places))):
        return None
    return _upper_first(given.text, join(given.text, places, [match.wanted for match in given.matches]))


def variant(given: Given, rung: Rung) -> Variant | None:
    """None where the rung cannot be tried, or would say nothing new."""
    if len(given.matches) > MOST:
        return None
    if rung is Rung.INLINE:
        return _inline(given)
    if rung is Rung.CARRIER and not (given.direct and carriers.has(given.pair)):
        return None
    taken = " ".join((given.text, *(match.wanted for match in given.matches))).casefold()
    shown: list[str] = []
    slots: list[Slot] = []
    for number, match in enumerate(given.matches, start=1):
        sent, expected = _stand_in(given, match, rung, number, taken)
        taken = f"{taken} {sent} {expected}".casefold()
        spaced = _spaced(given, match) if sent != match.wanted else (False, False)
        shown.append(" " * spaced[0] + sent + " " * spaced[1])
        slots.append(Slot(expected, match, spaced))
    if rung is Rung.CARRIER and all(match.exact for match in given.matches):
        return None
    return Variant(join(given.text, _places(given.matches), shown), tuple(slots))


def as_it_came(given: Given, answer: str) -> Judged:
    """What the plain translation is worth."""
    restored, _ = restore(given.text, answer.strip())
    return Judged(answer, missing(restored, given.matches), _harm(given.text, restored, given.pair))


def filled(given: Given, made: Variant, answer: str) -> Judged | None:
    """The translation with the terms in it; None unless each stand-in is there exactly as often as it was sent.

    But for identifiers that nobody asked for: one that the model lost takes none of the others with it.
    """
    restored, _ = restore(made.text, answer.strip())
    came = [slot for slot in made.slots if slot.match.asked or _found(restored, slot.expected)]
    if not came or any(len(_found(restored, each)) != count for each, count in _sent(came).items()):
        return None
    harm = _harm(made.text, restored, given.pair)
    text = restored
    for slot in came:
        text = _put(text, slot, english=given.pair[1] == "en")
    text = _JOINTS.sub("", text)
    if len(came) < len(made.slots) and _remains(text) > _remains(given.text):
        return None
    left = missing(text, given.matches)
    return Judged(text, left, harm)


def _sent(slots: Sequence[Slot]) -> dict[str, int]:
    """How often each stand-in should be there: one may be part of another ("ACME" and the code "KX71 ACME")."""
    expected = {slot.expected.casefold() for slot in slots}
    return {each: sum(len(_found(slot.expected, each)) for slot in slots) for each in expected}


def missing(text: str, matches: Sequence[Match]) -> int:
    """How many of the terms are not there, as often as they are wanted."""
    wanted = Counter(
        (match.wanted if match.exact else match.wanted.casefold(), match.exact) for match in matches
    )
    return sum(
        max(0, count - len(_found(text, form, exact=exact))) for (form, exact), count in wanted.items()
    )


def better(best: Judged, other: Judged | None) -> Judged:
    """`other` only where it has more of the terms and no doubt that `best` has not."""
    if other is None or other.missing >= best.missing or other.harm - best.harm:
        return best
    return other


def _inline(given: Given) -> Variant | None:
    """Protected text stands there already."""
    shown = join(given.text, _places(given.matches), [match.wanted for match in given.matches])
    if shown == given.text:
        return None
    return Variant(
        _upper_first(given.text, shown), tuple(Slot(match.wanted, match) for match in given.matches)
    )


def _stand_in(given: Given, match: Match, rung: Rung, number: int, taken: str) -> tuple[str, str]:
    """What is sent and what is expected."""
    found = None if rung is Rung.CODE or match.exact else carriers.carrier(match, given.pair, taken)
    if found is None:
        name = carriers.code(number, taken)
        return name, name
    return (found.sent.capitalize() if match.start == 0 else found.sent), found.expected


def _spaced(given: Given, match: Match) -> tuple[bool, bool]:
    """A code that touches a word or another code, as of tags round a word, is no word to the model."""
    if not match.exact or _JOINT in given.text:
        return False, False
    starts = {each.start for each in given.matches}
    ends = {each.end for each in given.matches}
    return (
        match.start not in ends and _is_letter(given.text[: match.start][-1:]),
        match.end in starts or _is_letter(given.text[match.end : match.end + 1]),
    )


def _is_letter(character: str) -> bool:
    """Or figure, of a script that has spaces between words."""
    return character.isalnum() and character < "\u0e00"


def _remains(text: str) -> int:
    return len(_REMAINS.findall(text))


def _put(text: str, slot: Slot, *, english: bool) -> str:
    match = slot.match
    place = _found(text, slot.expected)[0]
    before, wanted = text[: place.start()], match.wanted
    joints = [_JOINT * each for each in slot.spaced]
    if not match.exact and wanted.islower() and _BEGINS.search(before):
        wanted = wanted[:1].upper() + wanted[1:]
    if english and slot.expected != match.wanted:
        before = _ARTICLE.sub(lambda found: found[1] + indefinite(wanted)[1:], before)
    return before + joints[0] + wanted + joints[1] + text[place.end() :]


def _found(text: str, form: str, *, exact: bool = False) -> list[re.Match[str]]:
    """Whole words; scripts without spaces have none to be whole."""
    left = r"(?<![^\W_])" if form[:1].isalnum() and form[0] < "\u0e00" else ""
    right = r"(?![^\W_])" if form[-1:].isalnum() and form[-1] < "\u0e00" else ""
    pattern = re.compile(left + re.escape(form) + right, 0 if exact else re.IGNORECASE)
    return list(pattern.finditer(text))


def _harm(source: str, translation: str, pair: tuple[str, str]) -> frozenset[str]:
    return _HARM.intersection(fidelity.check(source, translation, languages=pair))


def _upper_first(like: str, text: str) -> str:
    return text[:1].upper() + text[1:] if like[:1].isupper() else text


def _places(matches: Sequence[Match]) -> list[Segment]:
    return [Segment(match.start, match.end) for match in matches]
