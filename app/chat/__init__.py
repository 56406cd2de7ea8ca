"""Chat: what is written out for models that learnt from books, and what they will not understand."""

from app.chat.line import may_be_chat
from app.chat.remnants import unread
from app.chat.words import LANGUAGES
from app.chat.writing import WrittenOut, written_out

__all__ = ["LANGUAGES", "WrittenOut", "may_be_chat", "unread", "written_out"]
