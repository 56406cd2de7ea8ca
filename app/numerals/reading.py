# ruff: noqa: RUF001 - apostrophes and spaces that group digits
"""Numbers where they stand, and what they come to: 1.700,50 is 1,700.50 and 5 million is 5,000,000."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

# Patterns of this package that are tried on every text with figures begin with what they need, a digit, and look back
# after it: a search skips what cannot begin a match only where no condition comes before that.
NUMBER = re.compile(
    r"\d(?:(?!(?<=0)[.,])\d{0,2}(?P<sep>[.,'’ \xa0\u2009\u202f])\d{3}(?:(?P=sep)\d{3})*(?!\d)(?:[.,](?P<rest>\d+))?"
    r"|\d*(?:[.,](?P<part>\d+)(?![.,]?\d))?)"
)
DIGITS = re.compile(r"[0-9]+")
# Of nine European languages; "billion" is the English one, "billón" and "bilião" are a thousand times more.
_SCALE = re.compile(
    r"[ \xa0\u202f]?(?:(?P<p3>thousand|mil\b(?! mil[hl])|mila\b|mille\b|tausend|duizend|tys\.|tysi[ąę]\w+"
    r"|тыс\w*|хил(?:яди|\.)|тис\w*)"
    r"|(?P<p6>millions?\b|milh(?:ões|ão)|mill(?:ones|ón)|millionen\b|mio\b|milion[ei]?\b|milioane\b|milion(?:y|ów)\b|mln\b"
    r"|miljoen|милл?ион\w*|мільйон\w*|млн)"
    r"|(?P<p9>billions?\b|mil mil(?:h(?:ões|ão)|lones)|bilh(?:ões|ão)|milliards?\b|milliarden?\b|mrd\b|mld\b|miliard\w*"
    r"|miljard|мил?лиард\w*|мільярд\w*|млрд)"
    r"|(?P<p12>trillions?\b|trilh(?:ões|ão)|bili(?:ões|ão)|bill(?:ones|ón)|billionen\b))",
    re.IGNORECASE,
)
# "1.2bn", "3k", and what says a scale only beside a currency: "£5m" is five million, "100m" a hundred metres.
_COMPACT = re.compile(
    r"(?:(?P<p9>bn)|(?P<p12>tn)|(?P<p6>mn)|(?P<p3>k)|[ \xa0\u202f]?(?P<sum>[mkMKbB]|mi|bi|tri|M[di]))(?!\w)"
)
_SPACES = " \xa0\u202f"
_FIRST = "bdkmtхмтBDKMTХМТ"
"""Letters with which a scale begins."""
_POWERS = {"k": "p3", "m": "p6", "mi": "p6", "b": "p9", "bi": "p9", "md": "p9", "tri": "p12"}
_SUM = r"[$£€¥\u20a0-\u20cf]|(?:GBP|EUR|USD|BRL)"
_OF_SUM = re.compile(rf"(?:{_SUM})[ \xa0\u202f]?$")
_SUM_AFTER = re.compile(rf"[ \xa0\u202f]?(?:{_SUM})")
_LONGEST_SUM = 4


@dataclass(frozen=True, slots=True)
class Number:
    """A number where it stands: half-open range of its digits."""

    start: int
    end: int
    reach: int
    """End of the scale word that follows (5 million), else `end`."""
    value: str
    digits: str
    """The value without the scale word."""
    power: int
    """Of ten, by which the scale word multiplies it."""


class Numbered:
    """A text with its numbers, which are looked for once, and only when somebody asks."""

    __slots__ = ("_numbers", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self._numbers: Sequence[Number] | None = None

    @property
    def numbers(self) -> Sequence[Number]:
        if self._numbers is None:
            self._numbers = numbers(self.text)
        return self._numbers

    def now(self, text: str) -> "Numbered":
        """The same where the text is, so that nothing is looked for again."""
        return self if text == self.text else Numbered(text)


def numbers(text: str) -> list[Number]:
    found: list[Number] = []
    for match in NUMBER.finditer(text):
        power, reach = scale(match, text)
        figure = scaled(match, 0)
        value = scaled(match, power) if power else figure
        found.append(Number(match.start(), match.end(), reach, value, figure, power))
    return found


def bare(figure: str) -> str:
    return "".join(DIGITS.findall(figure))


def scaled(match: re.Match[str], power: int) -> str:
    """One spelling for one number. Zeros in front of three digits or more are kept: they make codes and phones."""
    fraction = match["rest"] or match["part"] or ""
    whole = match[0][: -len(fraction) - 1] if fraction else match[0]
    if match["sep"]:
        whole = bare(whole)
    if power:
        fraction = fraction.ljust(power, "0")
        whole, fraction = (whole + fraction[:power]).lstrip("0"), fraction[power:]
    return f"{short(whole)}.{fraction}".rstrip("0").rstrip(".") if fraction else short(whole)


def scale(match: re.Match[str], text: str) -> tuple[int, int]:
    """The power of ten that is written after a number, and where that ends."""
    end = match.end()
    first = text[end : end + 1]
    if first in _SPACES:
        first = text[end + 1 : end + 2]
    # A look at one letter saves two patterns after most numbers.
    if not first or first not in _FIRST:
        return 0, end
    if found := _SCALE.match(text, end):
        return int((found.lastgroup or "p0")[1:]), found.end()
    found = _COMPACT.match(text, end)
    if found is None:
        return 0, end
    name = found.lastgroup or ""
    if name == "sum":
        if not (is_sum(match, text) or _SUM_AFTER.match(text, found.end())):
            return 0, end
        name = _POWERS[found["sum"].lower()]
    return int(name[1:]), found.end()


def is_sum(match: re.Match[str], text: str) -> bool:
    return _OF_SUM.search(text[max(0, match.start() - _LONGEST_SUM) : match.start()]) is not None


def short(digits: str) -> str:
    return digits if len(digits) > 2 else digits.lstrip("0") or "0"
