"""The identifiers' language codes as BCP 47 base codes."""

from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType

# Varieties that no translation model here tells apart go to their macrolanguage; scripts to one language.
BASE_CODES: Mapping[str, str] = MappingProxyType(
    {
        "ary": "ar",
        "arz": "ar",
        "ckb": "ku",
        "fil": "tl",
        "fuv": "ff",
        "grc": "el",
        "gug": "gn",
        "hbo": "he",
        "in": "id",
        "iw": "he",
        "ji": "yi",
        "jw": "jv",
        "kik": "ki",
        "nb": "no",
        "nn": "no",
        "sdh": "ku",
        "uzs": "uz",
        "wuu": "zh",
        "yue": "zh",
    }
)


@lru_cache(maxsize=4_096)
def base_code(code: str) -> str:
    """`pt-BR` -> `pt`, `zh_Hant` -> `zh`, `nb` -> `no`. Case and separators do not matter."""
    primary = code.strip().lower().replace("_", "-").split("-", 1)[0]
    return BASE_CODES.get(primary, primary)
