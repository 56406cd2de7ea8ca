"""The identifiers' labels as the codes that models are filed under."""

from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType

from models.language import UnknownCode, normalise

# Labels of older stages, which no identifier tells safely from the language of today. A caller who names one means it.
_OLDER: Mapping[str, str] = MappingProxyType({"grc": "el", "hbo": "he"})


@lru_cache(maxsize=4_096)
def base_code(label: str) -> str:
    """`pt-BR` -> `pt`, `zh_Hant` -> `zh`, `nb` -> `no`; a label that is no code stays as it is."""
    try:
        code = normalise(label)
    except UnknownCode:
        return label
    return _OLDER.get(code, code)
