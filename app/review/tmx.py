"""A translation memory as TMX 1.4b, which translators' tools read. Deterministic but for the entries' own times."""

from collections.abc import Iterable, Iterator
from xml.sax.saxutils import escape, quoteattr

from app import __version__
from app.review.memory import Entry

MEDIA_TYPE = "application/x-tmx+xml"
_FORBIDDEN = dict.fromkeys((*range(9), 11, 12, *range(14, 32), 65534, 65535), "�")
"""Characters that XML 1.0 cannot hold, whatever is done."""
_FORBIDDEN |= dict.fromkeys(range(0xD800, 0xE000), "\N{REPLACEMENT CHARACTER}")


def written(entries: Iterable[Entry]) -> Iterator[str]:
    """In parts, as the entries come."""
    yield '<?xml version="1.0" encoding="UTF-8"?>\n<tmx version="1.4">\n'
    yield (
        f'<header creationtool="Dragoman" creationtoolversion={quoteattr(__version__)} segtype="sentence" '
        'o-tmf="Dragoman" adminlang="en" srclang="*all*" datatype="plaintext"/>\n<body>\n'
    )
    for each in entries:
        changed = f"{each.changed_at:%Y%m%dT%H%M%SZ}"
        yield (
            f'<tu tuid={quoteattr(each.id)} changedate="{changed}" srclang={quoteattr(each.source)}>'
            f"{_variant(each.source, each.source_text)}{_variant(each.target, each.target_text)}</tu>\n"
        )
    yield "</body>\n</tmx>\n"


def _variant(language: str, text: str) -> str:
    return f"<tuv xml:lang={quoteattr(language)}><seg>{escape(text.translate(_FORBIDDEN))}</seg></tuv>"
