"""Stand-ins for translation: what comes back, and how long it may take."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from app.documents.format import Composed, Document, DocumentFormat, Options, Translated, Unit

LINEAR_SECONDS = 20.0
"""CPU seconds for a megabyte; work that grows with its square takes hours."""


def same(unit: Unit) -> Translated:
    return Translated(unit.text, unit.tags)


def shout(unit: Unit) -> Translated:
    """Every letter changes, no length does, so that tags keep their places."""
    text = "".join(each.upper() if len(each.upper()) == 1 else each for each in unit.text)
    for tag in unit.tags:
        if tag.kind.value == "kept":
            text = text[: tag.start] + unit.text[tag.start : tag.end] + text[tag.end :]
    return Translated(text, unit.tags)


def read(form: DocumentFormat, source: str | bytes, options: Options | None = None) -> Document:
    data = source if isinstance(source, bytes) else source.encode()
    return form.extract(data, options or Options())


def texts(form: DocumentFormat, source: str | bytes, options: Options | None = None) -> list[str]:
    return [unit.text for unit in read(form, source, options).units]


def through(
    form: DocumentFormat,
    source: str | bytes,
    translate: Callable[[Unit], Translated | None] = shout,
    *,
    options: Options | None = None,
    target: str | None = None,
) -> Composed:
    document = read(form, source, options)
    return form.compose(document, [translate(unit) for unit in document.units], target=target)


def shouted(form: DocumentFormat, source: str, options: Options | None = None) -> str:
    return through(form, source, options=options).data.decode()


def assert_untouched(form: DocumentFormat, data: bytes, options: Options | None = None) -> None:
    """The promise of every format: what is not translated comes back to the byte."""
    document = read(form, data, options)
    assert form.compose(document, [same(unit) for unit in document.units]).data == data
    assert form.compose(document, [None] * len(document.units)).data == data


@contextmanager
def linear() -> Iterator[None]:
    started = time.process_time()
    yield
    assert time.process_time() - started < LINEAR_SECONDS
