"""Many texts as requests of a size that a server takes. Pure."""

from collections.abc import Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass

from app.client.answers import Charge, GlossaryUsed, Translation, Translations
from app.errors import Refused, Unreachable

TEXTS = 200
CHARACTERS = 40_000
"""Of one request. The engine is full with far fewer, and a server's limits are far higher by default."""
IN_FLIGHT = 4
"""Requests of one caller at once, so that the engine always has something waiting."""
_ABOUT_THE_TEXT = frozenset({"too_large", "http_413", "invalid_text", "invalid_json", "deadline_exceeded"})
"""Refusals that blame a text sent and not the caller or the server as a whole."""


@dataclass(frozen=True, slots=True)
class Window:
    texts: Sequence[str]
    key: str


Tried = Translations | Refused
"""What came of asking for a window."""


@dataclass(frozen=True, slots=True)
class Answered:
    translations: tuple[Translation, ...]
    """One a text, in order."""
    charges: tuple[Charge, ...]
    """One a request that was answered."""
    glossaries: tuple[GlossaryUsed, ...] = ()
    """One a request that a stored glossary was named in."""


def windows(texts: Iterable[str], *, key: str) -> Iterator[Window]:
    """The same texts make the same windows with the same keys, so that a run that was cut off is billed once."""
    number, waiting, size = 0, list[str](), 0
    for text in texts:
        if waiting and (len(waiting) == TEXTS or size + len(text) > CHARACTERS):
            yield Window(waiting, f"{key}:{number}")
            number, waiting, size = number + 1, [], 0
        waiting.append(text)
        size += len(text)
    if waiting:
        yield Window(waiting, f"{key}:{number}")


def halving(window: Window, *, target: str) -> Generator[Window, Tried, Answered]:
    """Yields what is to be asked, and is sent the answer or the refusal; returns the answer to the whole.

    A window over the server's limits is halved until it fits; a text that never fits fails alone. Raises other
    refusals, and Unreachable.
    """
    answer = yield window
    if not isinstance(answer, Refused):
        return _answered(answer, len(window.texts))
    if answer.problem not in _ABOUT_THE_TEXT:
        raise answer
    if len(window.texts) == 1:
        return Answered((_failed(window.texts[0], target, answer),), ())
    half = len(window.texts) // 2
    first = yield from halving(Window(window.texts[:half], f"{window.key}.0"), target=target)
    second = yield from halving(Window(window.texts[half:], f"{window.key}.1"), target=target)
    return Answered(
        first.translations + second.translations,
        first.charges + second.charges,
        first.glossaries + second.glossaries,
    )


def _answered(reply: Translations, texts: int) -> Answered:
    translations = reply.get("translations", ())
    if len(translations) != texts or "usage" not in reply:
        raise Unreachable("The server's answer is not a Dragoman's. Is there something else at this address?")
    used = reply.get("glossary")
    return Answered(tuple(translations), (reply["usage"],), () if used is None else (used,))


def _failed(text: str, target: str, error: Refused) -> Translation:
    """In the shape of the API's answer."""
    return {
        "text": None,
        "source": "und",
        "detected": False,
        "confidence": None,
        "languages": {},
        "target": target,
        "status": "failed",
        "route": [],
        "models": [],
        "characters": len(text),
        "translation_confidence": None,
        "flags": [],
        "repairs": [],
        "error": {"code": error.problem, "message": str(error)},
    }
