# ruff: noqa: RUF001 - marks of many scripts
"""How a sentence begins and ends: a translation can be held to the case and the marks of its source."""

import re
from dataclasses import dataclass

from app.segmentation import Splitting


@dataclass(frozen=True, slots=True)
class Manner:
    splitting: Splitting = Splitting.SENTENCES
    edged: bool = False
    """Whether translations begin and end as their source does."""


USUAL = Manner()

_END = re.compile(r"(?<=\w)\s?[.!?…:;,。！？：；，、।؟؛،۔]+$")
_WORD = re.compile(r"[^\W\d_]+")
_ALIKE = {
    **dict.fromkeys(".。।۔", "."),
    **dict.fromkeys("!！", "!"),
    **dict.fromkeys("?？؟", "?"),
    **dict.fromkeys(":：", ":"),
    **dict.fromkeys(";；؛", ";"),
    **dict.fromkeys(",，、،", ","),
    "…": "…",
}
_WIDE = str.maketrans(".!?:;,", "。！？：；，")
_WIDELY = frozenset({"zh", "ja", "yue"})
_ARABIC = str.maketrans("?;,", "؟؛،")
_ARABICALLY = frozenset({"ar", "fa", "ur", "ps", "ckb"})
_CAPITALISING = frozenset({"de", "lb"})
"""Where a noun has its capital wherever it stands: a small letter of the source says nothing of it."""
_TURKIC = frozenset({"tr", "az", "azj"})
_DOTTED = {"i": "İ", "I": "ı"}
_SHORTENED = frozenset(
    {"etc.", "lda.", "ltd.", "inc.", "co.", "corp.", "jr.", "sr.", "bros.", "no.", "nr.", "st."}
)
"""Last words whose point is not the sentence's; those with a point inside, as "a.m.", are known by it."""


def as_in(source: str, text: str, language: str) -> str:
    """`text`, in `language`, with the final marks of `source` in its own script, and the case of its first letter.

    Abbreviations keep their point; words with capitals inside, and the English "I", their case.
    """
    return _begun(source, _ended(source, text, language), language)


def _ended(source: str, text: str, language: str) -> str:
    wanted, there = _END.search(source), _END.search(text)
    marks = wanted[0].strip() if wanted else ""
    if there is None:
        return text + _own(marks, language) if text[-1:].isalnum() else text
    if wanted is None:
        return text if not source[-1:].isalnum() or _abbreviated(text) else text[: there.start()]
    same = _kinds(marks) == _kinds(there[0].strip())
    return text if same else text[: there.start()] + _own(marks, language)


def _kinds(marks: str) -> list[str]:
    return [_ALIKE[mark] for mark in marks.replace("...", "…")]


def _own(marks: str, language: str) -> str:
    if language in _WIDELY:
        return marks.translate(_WIDE)
    return marks.translate(_ARABIC) if language in _ARABICALLY else marks


def _abbreviated(text: str) -> bool:
    last = text.rsplit(maxsplit=1)[-1].lower()
    return last in _SHORTENED or (last.endswith(".") and "." in last.rstrip(".…"))


def _begun(source: str, text: str, language: str) -> str:
    here, there = _WORD.search(source), _WORD.search(text)
    if here is None or there is None:
        return text
    first, word, at = here[0][0], there[0], there.start()
    if any(map(str.isupper, word[1:])) or any(map(str.isdigit, (*source[: here.start()], *text[:at]))):
        return text
    raised = first.isupper() and word[0].islower()
    lowered = first.islower() and word[0].isupper() and not _stays_high(word, language)
    return text[:at] + _recased(word[0], language) + text[at + 1 :] if raised or lowered else text


def _stays_high(word: str, language: str) -> bool:
    return language in _CAPITALISING or (language == "en" and word == "I")


def _recased(letter: str, language: str) -> str:
    if language in _TURKIC and letter in _DOTTED:
        return _DOTTED[letter]
    return letter.upper() if letter.islower() else letter.lower()
