# ruff: noqa: RUF001 - Cyrillic letters that look Latin
"""Plates and postcodes of more countries that are written with spaces; those in one piece are in app/verbatim.py.

Formats as the countries publish them. Letters that are a word, a currency or a unit there are no plate.
"""

import re
from collections.abc import Iterator, Mapping

_LATIN_LIKE = "A-ZАВЕКМНОРСТУХІ"
"""With the Cyrillic letters that have a Latin twin, all that plates use."""
_FORMS: Mapping[str, str] = {
    "Albania, France, Italy": r"[A-Z]{2} \d{3} ?[A-Z]{2}",
    "Bulgaria, Ukraine, Spain before 2000": rf"[{_LATIN_LIKE}]{{1,2}} \d{{4}} [{_LATIN_LIKE}]{{2}}",
    "Croatia": r"[A-ZČŠŽĐ]{2} \d{3,4}-[A-Z]{1,2}",
    "Germany": r"[A-ZÄÖÜ]{1,3}-[A-Z]{1,2} ?\d{1,4}[EH]?",
    "Hungary": r"[A-Z]{2} [A-Z]{2}-\d{3}",
    "Hungary before 2022, Lithuania, Sweden": r"[A-Z]{3} \d{3}",
    "Ireland, postcode": r"[AC-FHKNPRTV-Y]\d[\dW] [A-Z\d]{4}",
    "Netherlands, postcode": r"[1-9]\d{3} [A-EGHJ-NPR-TV-XZ][A-Z]",
    "Poland": r"[A-Z]{2,3} (?:\d{5}|\d{4}[A-Z]|\d{3}[A-Z]{2}|\d[A-Z]\d{3}|\d{2}[A-Z]\d{2}|\d[A-Z]{2}\d{2})",
    "Portugal": r"[A-Z]{2} \d\d [A-Z]{2}|\d\d [A-Z]{2} \d\d",
    "Romania": r"(?:B \d{2,3}|[A-Z]{2} \d\d) [A-Z]{3}",
    "Russia": rf"[{_LATIN_LIKE}]\d{{3}}[{_LATIN_LIKE}]{{2}} ?\d{{2,3}}",
    "Ukraine, in Cyrillic": rf"[{_LATIN_LIKE}]{{2}}\d{{4}}[{_LATIN_LIKE}]{{2}}",
    "Spain": r"\d{4} [BCDFGHJKLMNPRSTVWXYZ]{3}",
}
_PLATE = re.compile(rf"(?<![\w-])(?:{'|'.join(_FORMS.values())})(?![\w-]|[.,]\d)")
# From the digit on, which is the cheapest to look for.
_HINT = re.compile(r"\d(?:[ -]?[A-ZА-ЯІ]|(?<=[A-ZА-ЯІ]\d)|(?<=[A-ZА-ЯІ][ -]\d))")
_NO_PLATE = """
AD BC CE BCE DC AC AM PM EU UK US USA EUA UN ONU UNO NHS BBC CNN NBC ISO IEC EN DIN UTC GMT BST CET CST EST
PST MST WET KM KG KB MB GB TB CM MM ML KW MW HP CC RPM MPH KPH KMH PSI DVD TV FM HD KBPS GBP EUR USD BRL JPY
CHF PLN RON HUF BGN HRK ALL LTL UAH RUB SEK NOK DKK CZK CNY INR HKD AUD CAD NZD ZAR MXN TRY DE DO DA EM NO NA
OS AS AO LA EL LE LES LOS LAS ET OU DU AU AUX ES IS IN ON AT TO BY OF OR WE HE BE IF SO AN THE AND FOR DEL POR
DOS DAS COM NOS NAS UND DER DIE IM UM ZU EIN IL LO DI CON PER CHE SI SE JE TU MAY DEZ JAN FEB MAR APR ABR MAI
JUN JUL AUG AGO SEP SET OCT OUT NOV DEC NE NW SW NR ART DR MR
"""
_WORDS = frozenset(_NO_PLATE.split())
_LETTERS = re.compile(r"[^\W\d_]+")
_FEW = 2


def places(text: str) -> Iterator[tuple[int, int]]:
    """Half-open ranges; none in a text of several words all in capitals, where any short word looks like one."""
    if not _HINT.search(text) or (text.isupper() and len(_LETTERS.findall(text)) > _FEW):
        return
    for match in _PLATE.finditer(text):
        if _WORDS.isdisjoint(_LETTERS.findall(match[0])):
            yield match.span()
