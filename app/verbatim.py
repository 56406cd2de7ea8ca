"""What a translation must carry over to the letter: addresses, placeholders, paths, tags, plates, codes."""

import re
from collections.abc import Iterator, Sequence
from functools import cache

# What a link's address and classes come to; no text between two tags is as long.
_TAG = r"</?[A-Za-z][^<>]{0,2048}>"
_TAGS = re.compile(_TAG)
_LETTER = re.compile(r"[^\W_]")
# What none of them is without, and its form; the order matters where two begin at one place.
_EXACT = (
    ("/", r"https?://[^\s<>\"']+"),
    ("www.", r"\bwww\.[^\s<>\"']+"),
    ("@", r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]+(?:\.[\w-]+)+|(?<![\w@.])@\w{2,}"),
    ("{", r"\$?\{\{?\s?[\w.:-]*\s?\}?\}"),
    ("%", r"(?<![\d%])%(?:\(\w+\)|\d\$)?[sdif]\b"),
    # Paths of Windows and Unix, tags of HTML and XML.
    ("\\", r"(?<![^\W_])(?:[A-Za-z]:|\\)\\[^\s<>\"'|?*]+"),
    ("/", r"(?<![\w/.~<])(?:~|\.{1,2})?/(?:[\w.-]{1,64}/){1,16}[\w.-]*"),
    ("<", _TAG),
)
_CLOSING = ".,;:!?)]}»”’…"  # noqa: RUF001 - a closing quote
# IBANs; UK, Brazilian and Portuguese plates and UK postcodes in any case; then tokens that mix capitals and digits.
# Not \b, which sees none between "H5N1" and kana; runs are bounded, or "A-A-A-" would cost the square of its length.
_CODE = re.compile(
    r"(?<![A-Za-z\d])(?:[A-Z]{2}\d{2}(?: ?[A-Z\d]{4}){2,7}(?: ?[A-Z\d]{1,3})?"
    r"|[A-Z]{2}\d{2} ?[A-Z]{3}|[a-z]{2}\d{2} ?[a-z]{3}"
    r"|(?i:[A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2}|[A-Z]{3}-?\d[A-Z\d]\d{2}"
    r"|[A-Z]{2}-\d\d-(?:\d\d|[A-Z]{2})|\d\d-[A-Z]{2}-\d\d|\d\d-\d\d-[A-Z]{2})"
    r"|(?=[A-Z-]{0,16}\d)(?=[\d-]{0,16}[A-Z])[A-Z\d]+(?:-[A-Z\d]+)*)(?![A-Za-z\d])"
)
# What every code holds; cheaper to look for than a code, and cheapest from the digit on.
_MIXED = re.compile(r"\d(?:-?[A-Za-z]|(?<=[A-Za-z]\d)|(?<=[A-Za-z]-\d))")
_QUANTITY = re.compile(r"\d+(?:H\d*|[KMB]|[KCM]?M|[KM]?G|L|AM|PM|ST|ND|RD|TH|S|MI|MIN|KM|KMH|X\d+)")
_DIGIT = re.compile(r"\d")


def may_hold(text: str) -> bool:
    """False where none of them can be; cheap."""
    return _DIGIT.search(text) is not None or hinted(text)


def hinted(text: str) -> bool:
    """False where no address, placeholder, path or tag can be."""
    # Spelt out: a loop costs four times as much, and most texts have none of these.
    return (
        "@" in text
        or "%" in text
        or "{" in text
        or "<" in text
        or "/" in text
        or "\\" in text
        or "www." in text
    )


def verbatim(text: str) -> list[tuple[int, int]]:
    """Half-open ranges of all of them; a code may lie inside an address."""
    return [*exact(text), *codes(text)]


def exact(text: str) -> Iterator[tuple[int, int]]:
    """Addresses, placeholders, paths and tags, which differ if their case does."""
    if hinted(text):
        for match in _forms(*[sign in text for sign, _ in _EXACT]).finditer(text):
            found = match.group()
            yield match.start(), match.start() + len(found if found[-1] in "}>" else found.rstrip(_CLOSING))


@cache
def _forms(*possible: bool) -> re.Pattern[str]:
    """Of `_EXACT` only those that are possible: each that is tried costs its share at every character."""
    return re.compile("|".join(form for (_, form), tried in zip(_EXACT, possible, strict=True) if tried))


def tags_inside(text: str) -> bool:
    """Whether tags of HTML or XML stand between its words, and not at its edges alone."""
    if "<" not in text:
        return False
    places = [match.span() for match in _TAGS.finditer(text)]
    words = [number for number, between in enumerate(_between(text, places)) if _LETTER.search(between)]
    return bool(words) and words[0] != words[-1]


def _between(text: str, places: Sequence[tuple[int, int]]) -> Iterator[str]:
    position = 0
    for start, end in places:
        yield text[position:start]
        position = end
    yield text[position:]


def codes(text: str) -> Iterator[tuple[int, int]]:
    """Plates, postcodes and the like, in any case."""
    if _MIXED.search(text):
        for match in _CODE.finditer(text):
            bare = match.group().replace("-", "")
            if not (bare.isdecimal() or bare.isalpha() or _QUANTITY.fullmatch(match.group())):
                yield match.span()
