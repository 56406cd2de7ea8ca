"""Language codes: whatever people and models write, brought to one form."""

import re
from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType

import langcodes

NOT_LANGUAGES = frozenset({"und", "mul", "zxx", "mis"})
_KEPT_APART = frozenset({"sr", "hr", "bs"})  # members of a macro-language that people do tell apart
# No identifier here tells these from the main form of their language, so neither can a request: a text named `no`
# could never be seen to be in the target `nn` already.
_VARIETIES: Mapping[str, str] = MappingProxyType(
    {
        "ary": "ar",
        "arz": "ar",
        "ckb": "ku",
        "fuv": "ff",
        "nn": "no",
        "sdh": "ku",
        "uzs": "uz",
        "wuu": "zh",
        "yue": "zh",
    }
)
# What identifiers and most OPUS-MT releases call them.
_FILED_AS: Mapping[str, str] = MappingProxyType({**_VARIETIES, "bik": "bcl", "fil": "tl", "nb": "no"})
# ISO 639-5: families, which some models are named after. No text is written in one.
_FAMILIES = frozenset(
    re.findall(
        r"\w+",
        "aav afa alv apa aqa aql art ath auf aus awd azc bad bai bat ber bih bnt btk cai cau cba ccn ccs cdc "
        "cdd cel cmc cpe cpf cpp crp csu cus day dmn dra egx esx euq fiu fox gem gme gmq gmw grk hmx hok hyx "
        "iir ijo inc ine ira iro itc jpx kar kdo khi kro map mkh mno mun myn nah nai ngf nic nub omq omv oto "
        "paa phi plf poz pqe pqw pra qwe roa sai sal sdv sem sgn sio sit sla smi son sqj ssa syd tai tbq trk "
        "tup tut tuw urj wak wen xgn xnd ypk zhx zle zls zlw znd ",
    )
)
_SHAPE = re.compile(r"[A-Za-z]{2,3}([-_][A-Za-z0-9]{1,8})*")


class UnknownCode(ValueError):
    """Not a BCP 47 language code."""


@lru_cache(maxsize=4096)
def normalise(code: str) -> str:
    """The base BCP 47 code that models are filed under: `pt-BR`, `PT` and `por` are all `pt`, `cmn` is `zh`.

    Regions, scripts, variants and close varieties are dropped: nothing here tells them apart. Raises UnknownCode.
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


def is_family(code: str) -> bool:
    """Whether it names many languages at once: `roa` is the Romance ones."""
    return code.lower() in _FAMILIES


def is_variety(code: str) -> bool:
    """Whether it is filed under the main form of its language: `nno` under `no`. False for what is no code."""
    return bool(_SHAPE.fullmatch(code)) and langcodes.Language.get(code).language in _VARIETIES
