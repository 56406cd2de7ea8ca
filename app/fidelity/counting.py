"""Numbers in words, read as values: "two thousand", "duas mil" and "zweitausend" are 2000.

A word that often is no number (one, um, second, sexta) may agree with a number and never asks for one.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

_SCALES = frozenset({1_000, 10**6, 10**9, 10**12})
_NOTHING = 10**15
"""Above every number here: whatever comes first may be added."""

# Value, then its words; alternatives after a slash. Ordinals count as their number.
_EN = (
    "2:two/second/twice/both 3:three/third 4:four/fourth 5:five/fifth 6:six/sixth 7:seven/seventh 8:eight/eighth"
    " 9:nine/ninth 10:ten/tenth 11:eleven/eleventh 12:twelve/twelfth/dozen 13:thirteen/thirteenth"
    " 14:fourteen/fourteenth 15:fifteen/fifteenth 16:sixteen/sixteenth 17:seventeen/seventeenth 18:eighteen/eighteenth"
    " 19:nineteen/nineteenth 20:twenty/twentieth 30:thirty/thirtieth 40:forty 50:fifty 60:sixty 70:seventy"
    " 80:eighty 90:ninety 100:hundred 1000:thousand 1000000:million 1000000000:billion 1000000000000:trillion"
    " 1:one/first/once"
)
_PT = (
    "2:dois/duas/segundo/segunda/ambos/ambas 3:três/tres/terceiro/terceira/terço/terços 4:quatro/quarto/quarta"
    " 5:cinco/quinto/quinta 6:seis/sexto/sexta/meia 7:sete/sétimo/sétima 8:oito/oitavo/oitava 9:nove/nono/nona"
    " 10:dez/décimo/décima 11:onze 12:doze/dúzia 13:treze 14:catorze/quatorze 15:quinze 16:dezasseis/dezesseis"
    " 17:dezassete/dezessete 18:dezoito 19:dezanove/dezenove 20:vinte/vigésimo/vigésima"
    " 30:trinta/trigésimo/trigésima 40:quarenta 50:cinquenta"
    " 60:sessenta 70:setenta 80:oitenta 90:noventa 100:cem/cento 200:duzentos/duzentas 300:trezentos/trezentas"
    " 400:quatrocentos/quatrocentas 500:quinhentos/quinhentas 600:seiscentos/seiscentas"
    " 700:setecentos/setecentas 800:oitocentos/oitocentas 900:novecentos/novecentas 1000:mil"
    " 1000000:milhão/milhões 1000000000:bilhão/bilhões 1000000000000:bilião/biliões/trilhão/trilhões"
    " 1:um/uma/primeiro/primeira"
)
_ES = (
    "2:dos/segundo/segunda/ambos/ambas 3:tres/tercero/tercer/tercera 4:cuatro/cuarto/cuarta 5:cinco/quinto/quinta"
    " 6:seis/sexto/sexta 7:siete 8:ocho/octavo/octava 9:nueve/noveno/novena 10:diez/décimo/décima 11:once 12:doce"
    " 13:trece 14:catorce 15:quince 16:dieciséis 17:diecisiete 18:dieciocho 19:diecinueve 20:veinte"
    " 21:veintiuno/veintiún/veintiuna 22:veintidós 23:veintitrés 24:veinticuatro 25:veinticinco 26:veintiséis"
    " 27:veintisiete 28:veintiocho 29:veintinueve 30:treinta 40:cuarenta 50:cincuenta 60:sesenta 70:setenta"
    " 80:ochenta 90:noventa 100:cien/ciento 200:doscientos/doscientas 300:trescientos/trescientas"
    " 400:cuatrocientos/cuatrocientas 500:quinientos/quinientas 600:seiscientos/seiscientas"
    " 700:setecientos/setecientas 800:ochocientos/ochocientas 900:novecientos/novecientas 1000:mil"
    " 1000000:millón/millones 1000000000000:billón/billones 1:un/uno/una/primero/primer/primera"
)
_FR = (
    "2:deux/deuxième/seconde 3:trois/troisième/tiers 4:quatre/quatrième 5:cinq/cinquième 6:six/sixième"
    " 7:sept/septième 8:huit/huitième 9:neuf/neuvième 10:dix/dixième 11:onze/onzième 12:douze/douzième/douzaine"
    " 13:treize 14:quatorze 15:quinze 16:seize 20:vingt/vingts 30:trente 40:quarante 50:cinquante 60:soixante"
    " 100:cent/cents 1000:mille 1000000:million/millions 1000000000:milliard/milliards"
    " 1000000000000:billion/billions 1:un/une/premier/première"
)
# Ordinals that are other words too, what stands for a part of an hour, and what needs a number before it.
_DOUBTFUL = """
one first once second fourth twice both dozen
hundred thousand million billion trillion
um uma primeiro primeira segundo segunda ambos ambas terço terços quarto quarta quinto quinta sexto sexta meia dúzia
milhão milhões bilhão bilhões bilião biliões trilhão trilhões
un uno una primero primer primera tercero tercer tercera cuarto cuarta octavo octava noveno novena
millón millones billón billones
une premier première seconde deuxième troisième tiers quatrième cinquième neuf douzaine
millions milliard milliards billions
"""
_UNSURE = frozenset(_DOUBTFUL.split())
_MULTIPLIED = frozenset({"hundred", "cent", "cents"})
"""Hundreds that take the number before them; elsewhere these have words of their own."""
_HALVES = (("and", "a", "half"), ("e", "meio"), ("y", "medio"), ("y", "media"), ("et", "demi"))
_TENTH = frozenset({"décimo", "décima"})
"""A unit may follow: décimo quinto."""
_PER = frozenset({"por", "per", "pour"})
"""Before "cento" or "cent" they make a percentage."""


@dataclass(frozen=True, slots=True)
class Tongue:
    values: Mapping[str, int]
    sure: frozenset[str]
    telling: frozenset[str]
    """Without one of these, no number is sure."""
    joins: frozenset[str]
    joins_tens: bool
    """Whether "and" may stand between tens and units."""
    twenties: bool
    """soixante-dix, quatre-vingts"""
    complete: bool
    """Whether it is known so well that a word asks for an equal by itself."""
    years: bool
    """nineteen eighty-four"""


@dataclass(frozen=True, slots=True)
class Said:
    value: str
    """In figures."""
    first: int
    """Place among the words."""
    end: int
    sure: bool


_TABLES = {"en": (_EN, "and"), "es": (_ES, "y"), "fr": (_FR, "et"), "pt": (_PT, "e")}
_COMPLETE = frozenset({"en", "pt"})
_UNKNOWN = ("en", "pt")
"""Read where nobody knows the language."""


@cache
def tongue(language: str | None) -> Tongue | None:
    """None for a language whose number words are not known; for no language, English and Portuguese in one."""
    languages = _UNKNOWN if language is None else (language,)
    if not _TABLES.keys() >= set(languages):
        return None
    values = {word: value for code in languages for word, value in _values(_TABLES[code][0])}
    return Tongue(
        values,
        frozenset(values) - _UNSURE,
        frozenset(word for word, value in values.items() if word not in _UNSURE or value >= 100),
        frozenset(_TABLES[code][1] for code in languages),
        joins_tens=languages != ("en",),
        twenties=language == "fr",
        complete=not _COMPLETE.isdisjoint(languages),
        years="en" in languages,
    )


def _values(table: str) -> Iterator[tuple[str, int]]:
    for value, _, words in (entry.partition(":") for entry in table.split()):
        yield from ((word, int(value)) for word in words.split("/"))


def said(words: Sequence[str], spoken: Tongue) -> Iterator[Said]:
    """The numbers among `words`, which are in small letters, with "-" parting them."""
    values, end = spoken.values, 0
    for at, word in enumerate(words):
        if word in values and at >= end and not _is_no_number(words, at):
            number, end = _read(words, at, spoken)
            value, end = _with_half(number, words, end, spoken)
            yield Said(value, at, end, sure=end > at + 1 or word in spoken.sure)


def _is_no_number(words: Sequence[str], at: int) -> bool:
    """The scale of a number in figures (20 mil), or a percentage."""
    before = words[at - 1] if at else ""
    return before[-1:].isdigit() or (before in _PER and words[at].startswith(("cent", "cien")))


def _read(words: Sequence[str], at: int, spoken: Tongue) -> tuple["_Number", int]:
    """The number that begins at `at`, and where it ends."""
    number = _Number(spoken)
    number.take(words[at], None)
    at += 1
    while at < len(words):
        step = 1 if words[at] in spoken.joins and number.may_go_on else 0
        word = words[at + step] if at + step < len(words) else ""
        following = words[at + step + 1] if at + step + 1 < len(words) else None
        if word not in spoken.values or not number.take(word, following, joined=bool(step)):
            break
        at += step + 1
    return number, at


def _with_half(number: "_Number", words: Sequence[str], end: int, spoken: Tongue) -> tuple[str, int]:
    """Two and a half; dois milhões e meio; two and a half million."""
    rest = list(words[end : end + 4])
    size = next((len(half) for half in _HALVES if rest[: len(half)] == list(half)), 0)
    if not size:
        return str(number.value), end
    scale, after = number.scale, spoken.values.get(rest[size] if size < len(rest) else "", 0)
    if scale == 1 and after in _SCALES:
        return str(number.value * after + after // 2), end + size + 1
    return str(number.value + scale // 2) if scale > 1 else f"{number.value}.5", end + size


class _Number:
    """A number as it grows, word by word: what is below the next scale stands in `_group`."""

    def __init__(self, spoken: Tongue) -> None:
        self._spoken = spoken
        self._total = self._group = 0
        self._room = self._scale = _NOTHING

    @property
    def value(self) -> int:
        return self._total + self._group

    @property
    def scale(self) -> int:
        """Of its last word; 1 where none came."""
        return 1 if self._group or self._scale == _NOTHING else self._scale

    @property
    def may_go_on(self) -> bool:
        """Whether "and" can join anything to it."""
        return self._room >= (10 if self._spoken.joins_tens else 100)

    def take(self, word: str, following: str | None, *, joined: bool = False) -> bool:
        """Whether the word belongs to this number; `following`: the word after it."""
        value, spoken = self._spoken.values[word], self._spoken
        if value in _SCALES:
            return self._take_scale(value)
        if word in _MULTIPLIED and 0 < self._group < 100 and self._room < 100:
            self._group, self._room = self._group * 100, 100
        elif spoken.twenties and value == 20 and self._group % 100 == 4:
            self._group, self._room = self._group + 76, 20
        elif spoken.years and 13 <= self._group <= 20 and not (self._total or joined) and 10 <= value < 100:
            self._group, self._room = self._group * 100 + value, self._room_after(word, value)
        elif value < min(self._room, 1_000) and not self._begins_another(following):
            self._group, self._room = self._group + value, self._room_after(word, value)
        else:
            return False
        return True

    def _take_scale(self, scale: int) -> bool:
        if scale < self._scale:
            self._total += max(self._group, 1) * scale
            self._group, self._room, self._scale = 0, scale, scale
        elif self._group == 0:  # mil milhões
            self._total, self._scale = self._total * scale, scale
        else:
            return False
        return True

    def _begins_another(self, following: str | None) -> bool:
        """Five hundred and six hundred; five thousand and six thousand."""
        if following is None or not self.value:
            return False
        value = self._spoken.values.get(following, 0)
        return (value in _SCALES and value >= self._scale) or (
            following in _MULTIPLIED and self._group >= 100
        )

    def _room_after(self, word: str, value: int) -> int:
        """What is added to it must be smaller."""
        if value >= 100:
            return 100
        if word in _TENTH:
            return 10
        if self._spoken.twenties and value in (10, 60):
            return 10 if value == 10 else 20
        return 10 if value >= 20 and value % 10 == 0 else 0
