"""What running text seldom holds (plates, IBANs), made by chance for both sides of a pair, and ways to hurt it."""

import random
import re
from collections.abc import Callable

Sentence = tuple[str, str]
"""Source and its right translation."""
Make = Callable[[random.Random, str], Sentence]
"""Of a language: the phrase for the source and for the translation into it."""
Hurt = Callable[[str, random.Random], str]

DIGITS = re.compile(r"\d+")
_NAMES = {
    "en": "January February March April May June July August September October November December",
    "pt": "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro",
}
_MONTHS = {language: names.split() for language, names in _NAMES.items()}


def changed(text: str, place: re.Match[str], chance: random.Random) -> str:
    at = chance.randrange(place.start(), place.end())
    digit = chance.choice([each for each in "123456789" if each != text[at]])
    return text[:at] + digit + text[at + 1 :]


def lost(phrase: str) -> str:
    return phrase[: phrase.index(": ") + 1] + "."


def _digit(phrase: str, chance: random.Random) -> str:
    return changed(phrase, chance.choice(list(DIGITS.finditer(phrase))), chance)


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


ENTITIES: dict[str, tuple[Make, Hurt]] = {
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
NEVER_WHOLE = (_swapped, _another_word, _unsigned, _another_unit)
"""Where the sign is the fault; a whole that is lost is a number's."""
