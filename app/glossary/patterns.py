"""Users' regular expressions, on RE2: time linear in the text whatever the pattern, so none can hang the service.

RE2 has no back-references and no look-around; those are what needs exponential time.
"""

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import re2

from app.errors import InvalidRequest

LONGEST = 500
"""Characters of a pattern."""
_MEMORY = 1 << 20
"""Bytes that a compiled pattern may take: bounds repetitions of repetitions, such as (a{100}){100}."""


def compiled(pattern: str) -> Any:
    """Raises InvalidRequest for what is no pattern, and for one that matches nothing at all."""
    if not pattern or len(pattern) > LONGEST:
        raise InvalidRequest(f"A pattern is 1 to {LONGEST} characters.")
    return _compiled(pattern)


def places(pattern: str, text: str) -> Iterator[tuple[int, int]]:
    """Half-open ranges of code points."""
    for match in compiled(pattern).finditer(text):
        if match.end() > match.start():
            yield match.span()


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> Any:
    options = re2.Options()
    options.log_errors = False
    options.max_mem = _MEMORY
    try:
        found = re2.compile(pattern, options)
    except re2.error as error:
        raise InvalidRequest(
            "A pattern is not a regular expression as RE2 writes them (no look-around, no back-references)."
        ) from error
    if found.search("") is not None:
        raise InvalidRequest("A pattern must not match the empty text.")
    return found
