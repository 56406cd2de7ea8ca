"""What must stand there to the letter: the addresses and codes of app/verbatim.py, and what only a check looks for."""

import re
from collections.abc import Iterator

from app.fidelity import plates
from app.verbatim import codes, exact, hinted

# Domains without "www."; only ends that no word after a full stop without its space has. Names of variables.
_NAMED = re.compile(
    r"(?<![\w@./-])(?:[\w-]+\.)+(?:com|org|net|edu|gov|info|pt|uk|br)\b(?:/[^\s<>\"']*[\w/])?(?!\.?\w|@)"
    r"|(?<!\w)\$(?-i:[A-Z_][A-Z\d_]{2,})|(?<!\w)__\w+__(?!\w)",
    re.IGNORECASE,
)
# Postcodes of Portugal and Brazil, addresses of machines and versions, whose parts have an order; UUIDs.
_ORDERED = re.compile(
    r"(?<![\w.,-])(?:\d{4,5}-\d{3}(?![\w-])|v?(?!\d{1,3}(?:\.\d{3})+(?![.\d]))\d{1,4}(?:\.\d{1,4}){2,3}(?![\w-]|\.\d))"
    r"|\b[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}\b",
    re.IGNORECASE,
)
_PARTED = re.compile(r"[\d-](?:(?<=\d)(?:-\d{3}|\.\d{1,4}\.\d)|(?<=-)[\da-fA-F]{4}-)")
IBAN = re.compile(r"(?<![A-Za-z\d])[A-Z]{2}\d{2}(?: ?[A-Z\d]{4}){3,7}(?: ?[A-Z\d]{1,3})?(?![A-Za-z\d])")
_HINT = re.compile(r"\$|__|\.(?:com|org|net|edu|gov|info|pt|uk|br)")


def differ(source: str, translation: str, *, digits: bool) -> bool:
    """`digits`: whether one of them may have a figure."""
    if digits or any(hinted(text) or _may_be(text) for text in (source, translation)):
        return _written(source) != _written(translation)
    return False


def compact(iban: str) -> str:
    """As it is written without spaces."""
    return iban.replace(" ", "").casefold()


def places(text: str) -> Iterator[tuple[str, tuple[int, int]]]:
    """Each with its range: as it is written, or in small letters where capitals make no difference."""
    for start, end in exact(text):
        yield text[start:end], (start, end)
    for start, end in codes(text):
        written = text[start:end]
        yield (compact(written) if IBAN.fullmatch(written) else written.casefold()), (start, end)
    yield from ((text[start:end], (start, end)) for start, end in plates.places(text))
    if _may_be(text):
        yield from ((match[0], match.span()) for match in _NAMED.finditer(text))
    if _PARTED.search(text):
        yield from ((match[0], match.span()) for match in _ORDERED.finditer(text))


def _written(text: str) -> list[str]:
    return sorted(written for written, _ in places(text))


def _may_be(text: str) -> bool:
    return _HINT.search(text) is not None
