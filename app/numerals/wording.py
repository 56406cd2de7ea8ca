"""Numbers in words and in Roman letters."""

import re

_WORDS = (
    (1, "one|first|once|um|uma|primeir[oa]s?"),
    (2, "two|second|twice|both|dois|duas|ambos|ambas|segund[oa]s?"),
    (3, "three|third|três|tres|terceir[oa]s?"),
    (4, "four|fourth|quatro|quart[oa]s?"),
    (5, "five|fifth|cinco|quint[oa]s?"),
    (6, "six|sixth|seis|sext[oa]s?"),
    (7, "seven|seventh|sete|sétim[oa]s?"),
    (8, "eight|eighth|oito|oitav[oa]s?"),
    (9, "nine|ninth|nove|non[oa]s?"),
    (10, "ten|tenth|dez|décim[oa]s?"),
    (11, "eleven|eleventh|onze"),
    (12, "twelve|twelfth|dozen|noon|midday|doze|dúzia|meio-dia"),
    (0, "zero|midnight|meia-noite"),
    (15, "quarter|um quarto"),
    (30, "half past|e meia"),
    (100, "hundred|cem|cento"),
    (1000, "thousand|mil"),
    (1000000, "million|milhão"),
)
_WORDED = {str(number): re.compile(rf"\b(?:{words})\b", re.IGNORECASE) for number, words in _WORDS}
_ROMAN = ((40, "XL"), (10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I"))


def spelt_out(value: str, text: str, other: str) -> bool:
    """Whether `text` says in words what `other` has in figures, and does not merely repeat a word of it."""
    word = _WORDED.get(value)
    if word and len(word.findall(text)) > len(word.findall(other)):
        return True
    return in_roman(value, text)


def in_roman(value: str, text: str) -> bool:
    if len(value) > 2 or not value.isdecimal() or not 0 < int(value) < 50:
        return False
    return re.search(rf"\b{_roman(int(value))}\b", text) is not None


def _roman(number: int) -> str:
    """Centuries and reigns; below fifty."""
    letters = ""
    for value, sign in _ROMAN:
        letters += sign * (number // value)
        number %= value
    return letters
