"""Language codes: whatever people and models write, brought to one form."""

import re
from functools import lru_cache

import langcodes

NOT_LANGUAGES = frozenset({"und", "mul", "zxx", "mis"})
_KEPT_APART = frozenset({"sr", "hr", "bs", "yue"})  # members of a macro-language that people do tell apart
_FILED_AS = {"nb": "no", "fil": "tl"}  # what identifiers and most OPUS-MT releases call them
_SHAPE = re.compile(r"[A-Za-z]{2,3}([-_][A-Za-z0-9]{1,8})*")


class UnknownCode(ValueError):
    """Not a BCP 47 language code."""


@lru_cache(maxsize=4096)
def normalise(code: str) -> str:
    """The base BCP 47 code that models are filed under: `pt-BR`, `PT` and `por` are all `pt`, `cmn` is `zh`.

    Regions, scripts and variants are dropped: no model here tells them apart. Raises UnknownCode.
    """
    if len(code) > 35 or not _SHAPE.fullmatch(code) or not langcodes.tag_is_valid(code):
        raise UnknownCode(code[:35])
    language = langcodes.Language.get(code)
    base = language.language or "und"
    if base in NOT_LANGUAGES:
        raise UnknownCode(code)
    if base in _KEPT_APART:
        return base
    code = language.prefer_macrolanguage().language or base
    return _FILED_AS.get(code, code)
