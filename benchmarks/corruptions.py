# ruff: noqa: RUF001 - apostrophes
"""Ways in which a translation goes wrong, made from right ones: for each kind, pairs with exactly one fault.

Deterministic. Kinds that running text seldom holds (plates, IBANs) are put into both sides first.
"""

import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

Sentence = tuple[str, str]
"""Source and its right translation."""

_DIGITS = re.compile(r"\d+")
_FIGURES = re.compile(r"(?!00\b)\d+")
"""Full hours lose nothing with their minutes."""
_MONTHS = {
    "en": [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ],
    "pt": [
        "janeiro",
        "fevereiro",
        "março",
        "abril",
        "maio",
        "junho",
        "julho",
        "agosto",
        "setembro",
        "outubro",
        "novembro",
        "dezembro",
    ],
}
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
        kind = list(_ENTITIES)[number % len(_ENTITIES)]
        here, there = _ENTITIES[kind][0](chance, language)
        yield f"{source} {here}", f"{right} {there}"


Corrupt = Callable[[str, str, int, random.Random], "Sentence | None"]


def _kinds(languages: tuple[str, str], other: list[str]) -> dict[str, Corrupt]:
    language = languages[1]
    entities: dict[str, Corrupt] = {
        kind: partial(_entity, make, hurt, language) for kind, (make, hurt) in _ENTITIES.items()
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
    found = list(_DIGITS.finditer(right))
    return (source, _changed(right, chance.choice(found), chance)) if found else None


def _dropped(source: str, right: str, pattern: re.Pattern[str], chance: random.Random) -> Sentence | None:
    found = list(pattern.finditer(right))
    if not found:
        return None
    place = chance.choice(found)
    return source, right[: place.start()] + right[place.end() :].lstrip()


def _changed(text: str, place: re.Match[str], chance: random.Random) -> str:
    at = chance.randrange(place.start(), place.end())
    digit = chance.choice([each for each in "123456789" if each != text[at]])
    return text[:at] + digit + text[at + 1 :]


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


Make = Callable[[random.Random, str], Sentence]
Hurt = Callable[[str, random.Random], str]


def _entity(
    make: Make, hurt: Hurt, language: str, source: str, right: str, _number: int, chance: random.Random
) -> Sentence:
    """One sign of the entity changed, or the whole lost."""
    here, there = make(chance, language)
    lost = chance.random() < 0.25 and hurt not in _NEVER_WHOLE
    wrong = _lost(there) if lost else hurt(there, chance)
    return f"{source} {here}", f"{right} {wrong}"


def _lost(phrase: str) -> str:
    return phrase[: phrase.index(": ") + 1] + "."


def _digit(phrase: str, chance: random.Random) -> str:
    return _changed(phrase, chance.choice(list(_DIGITS.finditer(phrase))), chance)


def _letter(phrase: str, chance: random.Random) -> str:
    start = phrase.index(": ") + 2
    places = [i for i in range(start, len(phrase) - 1) if phrase[i].isalpha()]
    at = chance.choice(places)
    new = chance.choice([each for each in "BDFGKMPRTXZ" if each != phrase[at].upper()])
    return phrase[:at] + (new if phrase[at].isupper() else new.lower()) + phrase[at + 1 :]


def _letter_or_digit(phrase: str, chance: random.Random) -> str:
    return chance.choice([_letter, _digit])(phrase, chance)


def _digits(chance: random.Random, count: int) -> str:
    return "".join(chance.choice("123456789") for _ in range(count))


def _word(chance: random.Random, count: int) -> str:
    return "".join(chance.choice("bcdfgklmnprst" if i % 2 == 0 else "aeiou") for i in range(count))


def _capitals(chance: random.Random, count: int) -> str:
    return "".join(chance.choice("ABCDEFGHKLMNPRSTVX") for _ in range(count))


def _same(label: dict[str, str], value: str, language: str) -> Sentence:
    source = "pt" if language == "en" else "en"
    return f"{label[source]}: {value}.", f"{label[language]}: {value}."


def _phone(chance: random.Random, language: str) -> Sentence:
    number = chance.choice(
        [
            f"020 7946 0{_digits(chance, 3)}",
            f"+44 7700 900{_digits(chance, 3)}",
            f"+351 912 {_digits(chance, 3)} {_digits(chance, 3)}",
            f"07700 900{_digits(chance, 3)}",
        ]
    )
    return _same({"en": "Phone", "pt": "Telefone"}, number, language)


def _plate(chance: random.Random, language: str) -> Sentence:
    plate = chance.choice(
        [
            f"{_capitals(chance, 2)}{_digits(chance, 2)} {_capitals(chance, 3)}",
            f"{_capitals(chance, 2)}{_digits(chance, 2)}{_capitals(chance, 3)}",
            f"{_capitals(chance, 3)}-{_digits(chance, 4)}",
            f"{_digits(chance, 2)}-{_capitals(chance, 2)}-{_digits(chance, 2)}",
        ]
    )
    return _same({"en": "Plate", "pt": "Placa"}, plate, language)


def _postcode(chance: random.Random, language: str) -> Sentence:
    return _same(
        {"en": "Postcode", "pt": "Código postal"},
        f"{_capitals(chance, 2)}{_digits(chance, 1)} {_digits(chance, 1)}{_capitals(chance, 2)}",
        language,
    )


def _email(chance: random.Random, language: str) -> Sentence:
    return _same(
        {"en": "E-mail", "pt": "E-mail"},
        f"{_word(chance, 5)}.{_word(chance, 6)}@{_word(chance, 6)}.org",
        language,
    )


def _url(chance: random.Random, language: str) -> Sentence:
    url = f"https://www.{_word(chance, 7)}.org/{_word(chance, 4)}/{_word(chance, 6)}?id={_digits(chance, 3)}"
    return _same({"en": "Link", "pt": "Ligação"}, url, language)


def _handle(chance: random.Random, language: str) -> Sentence:
    return _same({"en": "Profile", "pt": "Perfil"}, f"@{_word(chance, 5)}_{_word(chance, 4)}", language)


def _iban(chance: random.Random, language: str) -> Sentence:
    groups = " ".join(_digits(chance, 4) for _ in range(3))
    iban = f"GB{_digits(chance, 2)} {_capitals(chance, 4)} {groups} {_digits(chance, 2)}"
    return _same({"en": "Account", "pt": "Conta"}, iban, language)


def _imei(chance: random.Random, language: str) -> Sentence:
    return _same({"en": "IMEI", "pt": "IMEI"}, f"35{_digits(chance, 13)}", language)


def _placeholder(chance: random.Random, language: str) -> Sentence:
    value = chance.choice(
        ["{" + _word(chance, 6) + "}", "{{ " + _word(chance, 5) + " }}", "%(" + _word(chance, 5) + ")s"]
    )
    return _same({"en": "Field", "pt": "Campo"}, value, language)


def _emoji(chance: random.Random, language: str) -> Sentence:
    return _same({"en": "Sign", "pt": "Sinal"}, chance.choice(["😀", "👍🏽", "🚗", "🇬🇧"]), language)


def _sum(chance: random.Random, language: str) -> Sentence:
    whole, cents = f"{_digits(chance, 1)}{_digits(chance, 3)}", _digits(chance, 2)
    label = {"en": "Total", "pt": "Total"}
    written = {"en": f"£{whole[0]},{whole[1:]}.{cents}", "pt": f"£{whole[0]}.{whole[1:]},{cents}"}
    source = "pt" if language == "en" else "en"
    return f"{label[source]}: {written[source]}.", f"{label[language]}: {written[language]}."


def _currency(phrase: str, chance: random.Random) -> str:
    return phrase.replace("£", chance.choice(["€", "$", ""]))


def _time(chance: random.Random, language: str) -> Sentence:
    hour, minute = chance.randrange(13, 24), chance.randrange(10, 59)
    written = {"en": f"Time: {hour - 12}:{minute} p.m.", "pt": f"Hora: {hour}h{minute}."}
    return written["pt" if language == "en" else "en"], written[language]


def _date(chance: random.Random, language: str) -> Sentence:
    day, month, year = chance.randrange(13, 29), chance.randrange(12), chance.randrange(1990, 2026)
    written = {
        "en": f"Date: {day} {_MONTHS['en'][month]} {year}.",
        "pt": f"Data: {day} de {_MONTHS['pt'][month]} de {year}.",
    }
    return written["pt" if language == "en" else "en"], written[language]


def _numeric_date(chance: random.Random, language: str) -> Sentence:
    """In figures on the source's side, with the month's name on the other."""
    day, month, year = chance.randrange(13, 29), chance.randrange(12), chance.randrange(1990, 2026)
    figures = f"{day}/{month + 1:02}/{year}"
    if language == "en":
        return f"Data: {figures}.", f"Date: {_MONTHS['en'][month]} {day}, {year}."
    return f"Date: {figures}.", f"Data: {day} de {_MONTHS['pt'][month]} de {year}."


def _ambiguous_date(chance: random.Random, language: str) -> Sentence:
    day, month = chance.sample(range(1, 13), 2)
    return _same(
        {"en": "Date", "pt": "Data"}, f"{day:02}/{month:02}/{chance.randrange(1990, 2026)}", language
    )


def _swapped(phrase: str, _chance: random.Random) -> str:
    return re.sub(r"(\d+)/(\d+)", r"\2/\1", phrase)


_VALUES = {
    "en": "two three four five six seven eight nine ten eleven twelve fifteen twenty thirty forty fifty sixty",
    "pt": "dois três quatro cinco seis sete oito nove dez onze doze quinze vinte trinta quarenta cinquenta sessenta",
}
_WORDS = {language: words.split() for language, words in _VALUES.items()}


def _in_words(chance: random.Random, language: str) -> Sentence:
    at = chance.randrange(len(_WORDS["en"]))
    thousand = chance.random() < 0.5
    written = {
        "en": f"Number: {_WORDS['en'][at]}{' thousand' if thousand else ''}.",
        "pt": f"Número: {_WORDS['pt'][at]}{' mil' if thousand else ''}.",
    }
    return written["pt" if language == "en" else "en"], written[language]


def _another_word(phrase: str, chance: random.Random) -> str:
    said = _WORDS["en" if phrase.startswith("Number") else "pt"]
    old = next(word for word in phrase.rstrip(".").split() if word in said)
    return phrase.replace(old, chance.choice([word for word in said if word != old]))


def _negative(chance: random.Random, language: str) -> Sentence:
    value = f"-{_digits(chance, 2)} °C"
    return _same({"en": "Temperature", "pt": "Temperatura"}, value, language)


def _unsigned(phrase: str, _chance: random.Random) -> str:
    return re.sub(r"(?<= )-|%", "", phrase)


def _percentage(chance: random.Random, language: str) -> Sentence:
    value = f"{_digits(chance, 2)}%"
    return _same({"en": "Share", "pt": "Parcela"}, value, language)


_UNITS = {"kg": "g", "km": "m", "mg": "g", "g": "mg", "ml": "l", "km/h": "km", "GB": "MB", "cm": "mm"}


def _measure(chance: random.Random, language: str) -> Sentence:
    value = f"{_digits(chance, 2)} {chance.choice(sorted(_UNITS))}"
    return _same({"en": "Amount", "pt": "Quantidade"}, value, language)


def _another_unit(phrase: str, _chance: random.Random) -> str:
    start, _, unit = phrase.rstrip(".").rpartition(" ")
    return f"{start} {_UNITS[unit]}."


def _month(phrase: str, chance: random.Random) -> str:
    names = _MONTHS["en" if phrase.startswith("Date") else "pt"]
    old = next(name for name in names if name in phrase)
    return phrase.replace(old, chance.choice([name for name in names if name != old]))


def _emoji_hurt(phrase: str, chance: random.Random) -> str:
    return phrase[: phrase.index(": ") + 2] + chance.choice(["😢", "👎", "🚲", "🇮🇪"]) + "."


_ENTITIES: dict[str, tuple[Make, Hurt]] = {
    "phone": (_phone, _digit),
    "plate": (_plate, _letter_or_digit),
    "postcode": (_postcode, _letter_or_digit),
    "email": (_email, _letter),
    "url": (_url, _letter_or_digit),
    "handle": (_handle, _letter),
    "iban": (_iban, _letter_or_digit),
    "imei": (_imei, _digit),
    "placeholder": (_placeholder, _letter),
    "emoji": (_emoji, _emoji_hurt),
    "sum": (_sum, _digit),
    "currency": (_sum, _currency),
    "time": (_time, _digit),
    "date": (_date, _digit),
    "month": (_date, _month),
    "date in figures": (_numeric_date, _digit),
    "day and month swapped": (_ambiguous_date, _swapped),
    "number in words": (_in_words, _another_word),
    "minus": (_negative, _unsigned),
    "per cent": (_percentage, _unsigned),
    "unit": (_measure, _another_unit),
}
_NEVER_WHOLE = (_swapped, _another_word, _unsigned, _another_unit)
"""Where the sign is the fault; a whole that is lost is a number's."""
