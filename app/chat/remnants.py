"""What is left in a text that the engine will not understand. Pure."""

import re
from collections.abc import Sequence

from app.chat.laughter import LAUGHED, Span
from app.chat.line import DRAWN, ROMAN, has_digit, is_line, is_sentence, may_be_chat, words
from app.chat.places import is_unit_or_letter
from app.chat.words import BARE, LEFT, SURE
from app.segmentation import Segment

_BARE = re.compile(r"\b[bcdfghjklmnpqrstvwxz]{2,5}\b")
_FIGURE = re.compile(r"(?<![\w.,:/-])[24] (?=[a-z])")
_STRANGE = re.compile(r"(?!s[chp][hlr]|str|[ckpt]h[lr]|phth|tch|ps[ct])[bcdfghjklmnpqrstvwxz]{3}\w")
"""No word of either language begins like that."""


def unread(
    text: str, language: str, kept: Sequence[Span] = (), *, chat: bool, hinted: bool | None = None
) -> bool:
    """Whether `text`, as the engine reads it, holds chat still. `chat`: it was written out in part. `hinted`: what
    `may_be_chat` said of it, if anything.
    """
    if language not in SURE:
        return False
    if chat and language == "en" and _FIGURE.search(text):
        return True
    if hinted is None:
        hinted = may_be_chat(text, language)
    if not (chat or hinted or _BARE.search(text)):
        return False
    found = [*words(text, kept)]
    line = is_line(text, found)
    if line and LAUGHED.search(text):
        return True
    informal = chat or (line and len(found) > 1)
    return any(_odd(text, place, language, informal=informal, chat=chat) for place in found)


def _odd(text: str, place: Segment, language: str, *, informal: bool, chat: bool) -> bool:
    """`informal`: it has the form of chat; `chat`: some of it was written out."""
    word = text[place.start : place.end].lower()
    if word in LEFT[language]:
        return informal and not is_unit_or_letter(text, place)
    if ROMAN.fullmatch(word) or has_digit(word):
        return False
    if (DRAWN.search(word) and word != "ieee" and (chat or not is_sentence(text))) or (
        chat and _STRANGE.match(word)
    ):
        return True
    if _BARE.fullmatch(word) is None or word in BARE or is_sentence(text):
        return False
    before, behind = text[place.start - 2 : place.start - 1], text[place.end : place.end + 1]
    return not (before.isdigit() or behind in (".", ")"))
