# ruff: noqa: RUF001 - dashes that look alike
"""Signs that stand at a number and give it its meaning: £40, 40 €, #12.

A model that does not know a currency writes another or none. `restore_marks` puts the source's sign back where
the number, or the only currency of the segment, leaves no doubt. Words are known in English and Portuguese.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.numerals import Number, numbers
from app.segmentation import Segment, join

_SIGNS = r"(?<![A-Za-z])(?:US ?|R ?|AU|A|CA|C|NZ|HK)?\$|[£€¥\u20a0-\u20cf]|\b(?:GBP|EUR|USD|BRL|JPY)\b"
_WORDS = (
    r"(?P<pound>pounds?(?: sterling)?|libras?(?: esterlinas?)?|quid)|(?P<euro>euros?)"
    r"|(?P<dollar>(?:US )?dollars?|d[óo]lar(?:es)?)|(?P<real>reais)|(?P<yen>yens?|ienes?)|(?P<rupee>rupees?|r[úu]pias?)"
)
_CURRENCY_WORDS = (
    "pound pounds libra libras quid euro euros dollar dollars dólar dólares dolar dolares reais yen yens iene ienes"
    " rupee rupees rúpia rúpias rupia rupias"
)
CURRENCY_WORDS = frozenset(_CURRENCY_WORDS.split())
"""In small letters."""
_SIGN = re.compile(_SIGNS)
_WORD = re.compile(rf"\b(?:{_WORDS})\b", re.IGNORECASE)
_BEFORE = re.compile(rf"(?:{_SIGNS}|(?<![\w&])\#)$|(?<!\d)(?:{_SIGNS}|(?<![\w&])\#)[ \xa0\u202f]$")
# Of two numbers, a sign belongs to the one it touches: "on day 3 £40", "3€ 40".
_AFTER = re.compile(rf"(?:{_SIGNS})(?!\d)|[ \xa0\u202f](?:{_SIGNS})(?![ \xa0\u202f]?\d)")
_WORD_AFTER = re.compile(rf"[ \xa0-](?:de )?(?:{_WORDS})\b", re.IGNORECASE)
_OF_SIGN = {"GBP": "£", "EUR": "€", "USD": "$", "BRL": "R$", "JPY": "¥", "US$": "$"}
_OF_WORD = {"pound": "£", "euro": "€", "dollar": "$", "real": "R$", "yen": "¥", "rupee": "₹"}
# A currency spelt out in other languages: a sign beside it would say it twice.
_SPELT = re.compile(
    r"\b(?:eur(?:ot?|oj?a|ów)?\b|d[oó]l[aá]r|doll[ae]r|pfund|livres? st|sterlin|pond\b|funt|pauni|jen(?:ów|y)?\b|yuan"
    r"|евро|єв|долл|долар|фунт|иен|йен|єн|рупи|юан|ευρ|δολ|λίρ|λιρ)"
    r"|[元円镑鎊]|ポンド|ユーロ|ドル|파운드|유로|달러|यूरो|पाउंड|डॉलर|يورو|دولار|جنيه|יורו|דולר",
    re.IGNORECASE,
)
_NUMBERED = re.compile(r"(?:\bn\S{0,7}|№)\s?$", re.IGNORECASE)
_COMPACT = re.compile(r"(?:k|m|mi|mn|b|bn|tn|mil)\b", re.IGNORECASE)
_LONGEST_SIGN = 6


@dataclass(frozen=True, slots=True)
class Mark:
    kind: str
    """One name for each currency, or "#"."""
    written: str
    """As it stands there, with its space."""
    after: bool

    @property
    def is_sign(self) -> bool:
        """Not a word, which would be of the wrong language on the other side."""
        return self.kind == "#" or _SIGN.search(self.written) is not None


@dataclass(frozen=True, slots=True)
class Amount:
    """A number with the sign or currency word at it; `start` and `end` take in both."""

    number: Number
    start: int
    end: int
    mark: Mark | None
    free: bool
    """Whether it stands alone: no part of a date, a code or an address."""


def restore_marks(source: str, translation: str) -> tuple[str, bool]:
    """The translation with the source's signs, and whether one was placed by no number of its own.

    Such a one replaces another currency, because the source speaks of one alone.
    """
    here, there = amounts(source), amounts(translation)
    wanted = _by_number(here, there)
    only = _only_currency(source, here)
    spelt = _SPELT.search(translation) is not None
    changes: list[tuple[Segment, str]] = []
    inferred = False
    for amount in there:
        mark = wanted.get(amount.start)
        if mark is None and only and amount.mark and amount.mark.kind not in ("#", only.kind):
            mark, inferred = only, True
        if mark and (amount.mark or not _said_in_words(mark, translation, amount, spelt)):
            changes.append(_marked(translation, amount, mark))
    translation = join(translation, [place for place, _ in changes], [written for _, written in changes])
    restored = _SIGN.sub(lambda found: _only(found[0], only), translation) if only else translation
    return restored, inferred or restored != translation


def currencies_differ(source: str, translation: str) -> bool:
    """Whether a currency sign is missing, or one stands there that the source does not know."""
    if not (_SIGN.search(source) or _SIGN.search(translation)):
        return False
    signs = Counter(_currency(sign) for sign in _SIGN.findall(translation))
    if not signs.keys() <= _mentioned(source) and not _SPELT.search(source):
        return True
    missing = Counter(_currency(sign) for sign in _SIGN.findall(source)) - signs
    # One word may serve several numbers: "between 20 and 30 pounds".
    unsaid = missing.keys() - {_OF_WORD[found.lastgroup or ""] for found in _WORD.finditer(translation)}
    return bool(unsaid) and not _SPELT.search(translation)


def currencies_exchanged(source: str, translation: str) -> bool:
    """Whether each side speaks of a currency that the other does not, in a sign, a code or a word."""
    here, there = _spoken_of(source), _spoken_of(translation)
    return bool(here - there) and bool(there - here)


def _spoken_of(text: str) -> set[str]:
    """Dollars of all countries are one: "A$ 5" is "5 dólares australianos"."""
    return {"$" if kind.endswith("$") and kind != "R$" else kind for kind in _mentioned(text)}


def currency_places(text: str) -> dict[str, list[tuple[int, int]]]:
    """Where each currency's signs, codes and words stand, in that order."""
    found: defaultdict[str, list[tuple[int, int]]] = defaultdict(list)
    for sign in _SIGN.finditer(text):
        found[_currency(sign[0])].append(sign.span())
    for word in _WORD.finditer(text):
        found[_OF_WORD[word.lastgroup or ""]].append(word.span())
    return found


def amounts(text: str) -> list[Amount]:
    return [_amount(text, number) for number in numbers(text)]


def _amount(text: str, number: Number) -> Amount:
    free = _is_free(text, number)
    low = max(0, number.start - _LONGEST_SIGN)
    # Not a match up to `number.start` in `text` itself: the pattern must not search all that comes before.
    if before := _BEFORE.search(text[low : number.start]):
        mark = Mark(_currency(before[0]), before[0], after=False)
        return Amount(number, low + before.start(), number.end, mark, free)
    if after := _AFTER.match(text, number.reach):
        mark = Mark(_currency(after[0]), after[0], after=True)
        return Amount(number, number.start, after.end(), mark, free)
    if word := _WORD_AFTER.match(text, number.reach):
        mark = Mark(_OF_WORD[word.lastgroup or ""], word[0], after=True)
        return Amount(number, number.start, word.end(), mark, free)
    return Amount(number, number.start, number.reach, None, free)


def _is_free(text: str, number: Number) -> bool:
    before, after = text[max(0, number.start - 2) : number.start], text[number.end : number.end + 2]
    if before[-1:].isalnum() or before.endswith(("/", "_", "@", "=")) or re.fullmatch(r"\d[-:.,–]", before):
        return False
    if after[:1].isalpha():
        return _COMPACT.match(text, number.end) is not None
    return not re.match(r"[/:_@=]|[-.,–]\d", after)


def _currency(written: str) -> str:
    sign = re.sub(r"\s", "", written)
    return _OF_SIGN.get(sign, sign)


def _by_number(here: Sequence[Amount], there: Sequence[Amount]) -> Mapping[int, Mark]:
    """For places of the translation where the sign differs, the one that the source has at that number.

    The number must stand as often on both sides, always with the same sign, and be no part of something else.
    """
    wanted: dict[int, Mark] = {}
    for scaled in (False, True):
        right = _grouped(there, scaled=scaled)
        for value, group in _grouped(here, scaled=scaled).items():
            mark, twins = group[0].mark, right.get(value, [])
            alike = len(group) == len(twins) and all(amount.mark == mark for amount in group)
            if (
                mark is not None
                and mark.is_sign
                and alike
                and all(amount.free for amount in (*group, *twins))
            ):
                wanted |= {
                    amount.start: mark for amount in twins if not (amount.mark and _agrees(amount.mark, mark))
                }
    return wanted


def _grouped(found: Sequence[Amount], *, scaled: bool) -> Mapping[str, list[Amount]]:
    groups: defaultdict[str, list[Amount]] = defaultdict(list)
    for amount in found:
        groups[amount.number.value if scaled else amount.number.digits].append(amount)
    return groups


def _agrees(one: Mark, other: Mark) -> bool:
    return one.kind == other.kind or "#" in (one.kind, other.kind)


def _only_currency(source: str, here: Sequence[Amount]) -> Mark | None:
    """The sign of a source that speaks of one currency alone, as it stands at a number if it does."""
    sign = _SIGN.search(source)
    if sign is None or len(_mentioned(source)) > 1:
        return None
    at_numbers = (
        amount.mark for amount in here if amount.mark and amount.mark.kind != "#" and amount.mark.is_sign
    )
    return next(at_numbers, Mark(_currency(sign[0]), sign[0], after=False))


def _mentioned(text: str) -> set[str]:
    words = {_OF_WORD[found.lastgroup or ""] for found in _WORD.finditer(text)}
    return words | {_currency(sign) for sign in _SIGN.findall(text)}


def _said_in_words(mark: Mark, translation: str, amount: Amount, spelt: bool) -> bool:
    if mark.kind == "#":
        return _NUMBERED.search(translation, max(0, amount.start - 9), amount.start) is not None
    return spelt


def _marked(text: str, amount: Amount, mark: Mark) -> tuple[Segment, str]:
    number = text[amount.number.start : amount.number.reach]
    # A sign right after the digits leaves no room for a scale word; a currency word stands after it.
    place = Segment(amount.start, max(amount.end, amount.number.reach))
    return place, number + mark.written if mark.after else mark.written + number


def _only(sign: str, only: Mark) -> str:
    return sign if _currency(sign) == only.kind else only.written.strip()
