"""What every text format does last: characters to bytes, and a word about it where the encoding had to change."""

from collections.abc import Callable, Sequence

from app.documents.encoding import Source
from app.documents.format import Composed, DocumentFormat, Note

CONVERTED = "encoding_changed"


def composed(form: DocumentFormat, source: Source, text: str, *, notes: Sequence[Note] = ()) -> Composed:
    """In the source's encoding; in UTF-8, with a note, where the translation has characters that it has not."""
    data, converted = source.encode(text)
    found = list(notes)
    if converted:
        message = f"Written in UTF-8: the translation has characters that {source.encoding} cannot hold."
        found.append(Note(CONVERTED, message))
    return Composed(data, form.media_types[0], form.suffixes[0], tuple(found))


def fitting(source: Source, escape: Callable[[str], str]) -> Callable[[str], str]:
    """Writes with `escape` each character that the source's encoding does not hold."""

    def write(text: str) -> str:
        try:
            text.encode(source.encoding)
        except UnicodeEncodeError:
            return "".join(each if _holds(source.encoding, each) else escape(each) for each in text)
        return text

    return write


def _holds(encoding: str, character: str) -> bool:
    try:
        character.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True
