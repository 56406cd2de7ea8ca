"""Which values of a table or a data file are language, and which are numbers, codes, addresses and keys."""

import re

from app.verbatim import verbatim

_PUNCTUATION = ".,;:!?…()[]{}\"'“”‘’«»¿¡-–—*/"  # noqa: RUF001 - quotes and dashes
_SPELLED = re.compile(r"[^\W\d_]{2,}(?:['’-][^\W\d_]+)*")  # noqa: RUF001 - an apostrophe
_UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_LONGEST_LOOK = 2_000


def is_prose(text: str) -> bool:
    """Whether a word stands in it on its own: letters between spaces."""
    look = text[:_LONGEST_LOOK]
    if _UNSPACED.search(look):
        return True
    blanked = list(look)
    for start, end in verbatim(look):
        blanked[start:end] = " " * (end - start)
    return any(_SPELLED.fullmatch(word.strip(_PUNCTUATION)) for word in "".join(blanked).split())
