"""What the engine reads in place of a segment as it is written, because models read it better. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.casing import capitals, sentence_case
from app.chat import WrittenOut, may_be_chat, unread, written_out


@dataclass(frozen=True, slots=True)
class Reading:
    text: str
    recased: bool = False
    """Written in capitals, and read in sentence case."""
    chat: WrittenOut | None = None
    """Abbreviations of chat, and what they were written out to."""

    def moved(self, span: tuple[int, int]) -> tuple[int, int]:
        """Of a range that stands to the letter: where it is in `text`."""
        return span if self.chat is None else self.chat.moved(span)

    def as_written(self, answer: str, *, source: str, language: str) -> str:
        """The answer to `text` as one to `source`."""
        if self.recased:
            answer = capitals(answer, source=source, language=language)
        if self.chat is None:
            return answer
        behind = source[len(source) - len(self.chat.tail) :]
        return f"{source[: len(self.chat.lead)]}{answer}{behind}"


def read(written: str, language: str, kept: Sequence[tuple[int, int]]) -> tuple[Reading | None, bool]:
    """None where it is read as it is written; and whether what is read may be wrong, or is chat that models do
    not know.

    `kept`: ranges that stand to the letter.
    """
    cased = sentence_case(written, language)
    text = cased or written
    hinted = may_be_chat(text, language)
    chat = None
    # Where a letter is two in the other case, the places of `kept` do not hold any more.
    if hinted and len(text) == len(written):
        chat = written_out(text, language, kept, shouted=cased is not None)
    if chat is None:
        left, noisy = text, unread(text, language, kept, chat=False, hinted=hinted)
    else:
        left = chat.text
        noisy = unread(left, language, [*map(chat.moved, kept)], chat=True)
    noisy = noisy or (chat is not None and chat.doubtful)
    changed = cased is not None or chat is not None
    return (Reading(left, cased is not None, chat) if changed else None), noisy
