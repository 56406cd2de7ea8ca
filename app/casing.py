"""Segments written in capitals: models that learnt from sentence case answer them with garbage.

`sentence_case` gives the text the engine can read, `capitals` puts its answer back into capitals.
"""

import re
import unicodedata

from app.segmentation import Segment, join, united
from app.verbatim import verbatim

_TOKEN = re.compile(r"\S+")
_WORD = re.compile(r"(?<![^\W\d_])[^\W\d_]+(?:['’.-][^\W\d_]+)*(?![^\W\d_]|\$)")  # noqa: RUF001 - an apostrophe
_SENTENCE_ENDS = (".", "!", "?", "…")
# "ª" and "º" are lower case to Unicode, and stand in capitals as they are.
_ORDINALS = frozenset("ªº")
_ROMAN = re.compile(r"(?=[IVX]{2})X{0,3}(?:IX|IV|V?I{0,3})")
_PRONOUN = re.compile(r"I(?=$|['’])")  # noqa: RUF001 - an apostrophe
_VOWELS = re.compile("[AEIOUY]")
_CURRENCIES = frozenset({"BRL", "EUR", "GBP", "JPY", "USD"})
_BODIES = frozenset({"CIA", "EUA", "FBI", "NATO", "ONU", "OTAN", "UE", "UK", "UN", "USA"})
_ACRONYMS = _CURRENCIES | _BODIES | {"ADN", "DNA", "HIV", "ID", "IVA", "NIF", "VAT"}
_MOST_LOWER = 0.05
_SHORTEST_ALONE = 4
"""Letters of a single word that is taken for a word ("STOP"); shorter ones are acronyms as often."""
_DOTTED = str.maketrans({"İ": "i", "I": "ı"})  # noqa: RUF001 - the dotless i of Turkish
_DOTLESS = str.maketrans({"i": "İ", "ı": "I"})  # noqa: RUF001 - the dotless i of Turkish
_TURKIC = frozenset({"tr", "az", "azj"})
_GREEK_ACUTE = re.compile("(?<=[\u0391-\u03a9\u0308])\u0301")


def sentence_case(text: str, language: str) -> str | None:
    """`text` in sentence case for the engine; None where it is not written in capitals.

    Codes, addresses, acronyms and whatever holds a digit stay as they are.
    """
    if not _in_capitals(text):
        return None
    # A token with a small letter comes back as it stands (_kept), so it goes out as it stands.
    mixed = {at for token in _TOKEN.finditer(text) if _has_lower(token[0]) for at in range(*token.span())}
    places = [place for place in _words(text) if place.start not in mixed]
    begins = True
    written: list[str] = []
    for before, place in zip([0, *(each.end for each in places)], places, strict=False):
        begins = begins or _ends_sentence(text[before : place.start])
        written.append(_lowered(text[place.start : place.end], language, begins=begins))
        begins = False
    return join(text, places, written)


def capitals(text: str, *, source: str, language: str) -> str:
    """A translation in capitals, but for what stands in `source` to the letter: addresses, codes, units."""
    kept = _kept(text, source)
    uppered: list[str] = []
    position = 0
    for place in kept:
        uppered += [_upper(text[position : place.start], language), text[place.start : place.end]]
        position = place.end
    return "".join((*uppered, _upper(text[position:], language)))


def _in_capitals(text: str) -> bool:
    tokens = text.split()
    # Cheaper than the exact count below, and enough for most sentences.
    if sum(map(str.islower, tokens)) > 4 * (1 + sum(map(str.isupper, tokens))):
        return False
    words = [text[place.start : place.end] for place in _words(text)]
    letters = [letter for word in words for letter in word if letter.isalpha() and letter not in _ORDINALS]
    lower = sum(map(str.islower, letters))
    if lower > _MOST_LOWER * len(letters) or lower + sum(map(str.isupper, letters)) < len(letters):
        return False
    spoken = [word for word in words if not _stays(word)]
    return (len(words) > 1 and bool(spoken)) or len("".join(spoken)) >= _SHORTEST_ALONE


def _words(text: str) -> list[Segment]:
    """Words of letters; none in a token with a digit, a tag, an address or a code."""
    closed = [Segment(*place) for place in verbatim(text)]
    closed += [Segment(*token.span()) for token in _TOKEN.finditer(text) if _is_code(token[0])]
    closed = united(closed)
    found: list[Segment] = []
    position = 0
    for place in (*closed, Segment(len(text), len(text))):
        found += [Segment(*word.span()) for word in _WORD.finditer(text, position, place.start)]
        position = place.end
    return found


def _lowered(word: str, language: str, *, begins: bool) -> str:
    if _stays(word) or not word.isupper():
        return word
    if language == "en" and _PRONOUN.match(word):
        return word[0] + word[1:].lower()
    low = (word.translate(_DOTTED) if language in _TURKIC else word).lower()
    low = word[0] + low[1:] if begins else low
    # Not "ẞ" or a Kelvin sign, which would not come back.
    return low if _raised(low, language) == word else word


def _stays(word: str) -> bool:
    """Acronyms and Roman numbers. "VI" is also the Portuguese for "I saw"."""
    if word in _ACRONYMS or (word != "VI" and _ROMAN.fullmatch(word)):
        return True
    plain = unicodedata.normalize("NFD", word)
    latin = "A" <= plain[0] <= "Z"
    return latin and len(word) > 1 and not _VOWELS.search(plain)


def _ends_sentence(between: str) -> bool:
    return between[-1:].isspace() and between.rstrip("\"'»”)] \t\n").endswith(_SENTENCE_ENDS)


def _kept(text: str, source: str) -> list[Segment]:
    known = {source[start:end] for start, end in verbatim(source)}
    exact = {token for token in _TOKEN.findall(source) if _is_code(token) or _has_lower(token)}
    places = [Segment(*place) for place in verbatim(text) if text[slice(*place)] in known]
    places += [Segment(*token.span()) for token in _TOKEN.finditer(text) if token[0] in exact]
    return united(places)


def _is_code(token: str) -> bool:
    return token[0] in "#@" or any(map(str.isdigit, token))


def _has_lower(token: str) -> bool:
    return any(letter.islower() for letter in token if letter not in _ORDINALS)


def _upper(text: str, language: str) -> str:
    upper = _raised(text, language)
    if language != "el":
        return upper
    return unicodedata.normalize("NFC", _GREEK_ACUTE.sub("", unicodedata.normalize("NFD", upper)))


def _raised(text: str, language: str) -> str:
    return (text.translate(_DOTLESS) if language in _TURKIC else text).upper()
