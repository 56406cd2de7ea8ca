"""JSON that somebody else wrote, read so that whatever is wrong with it is one kind of error.

Python's own reader takes Infinity, makes it of 1e400 too, and gives up on deep nesting with a RecursionError.
"""

import json
from math import isfinite
from typing import Any, NoReturn

_MOST = 2**63
"""Past it a whole number fits into no column and no answer of ours."""


def parsed(text: str | bytes) -> Any:
    """Raises ValueError for what is no JSON, nests too deeply, or holds a number past all bounds."""
    try:
        return json.loads(text, parse_constant=_refused, parse_float=_finite, parse_int=_whole)
    except RecursionError:
        raise ValueError("it nests too deeply") from None


def _refused(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number")


def _finite(digits: str) -> float:
    if not isfinite(found := float(digits)):
        raise ValueError("a number is too large")
    return found


def _whole(digits: str) -> int:
    if not -_MOST <= (found := int(digits)) < _MOST:
        raise ValueError("a number is too large")
    return found
