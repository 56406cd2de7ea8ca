"""A thin, typed client of Dragoman's own API, blocking or not; docs/client.md shows it."""

from app.client.asynchronous import AsyncDragoman
from app.client.blocking import Dragoman
from app.client.files import File, TranslatedFile
from app.client.glossaries import dictionary

__all__ = ["AsyncDragoman", "Dragoman", "File", "TranslatedFile", "dictionary"]
