"""Looks for what must never be said, in all that is said while the tests run: log records of any logger at any level,
metrics and traces of every service that stops, the standard error of every `dragoman` command. Content is found by
words that the tests' texts have over and over again; keys by their form, whichever they are.
"""

import logging
import os
import re
from dataclasses import dataclass, field

from opentelemetry.sdk.trace import ReadableSpan, SpanProcessor

CANARIES = ("Bom dia", "Boa noite", "onde fica a", "van left", "canariomudo", "carrinha", "The train is")
KEY = re.compile(r"dgm_[A-Za-z0-9_-]{43}")
THE_TESTS_OWN = ("httpx", "httpcore", "selenium", "urllib3", "hypothesis", "faker")
"""Loggers of the callers' side: a browser's log has what it typed."""


def found(said: str) -> list[str]:
    """What of it must not be: canaries, and a word for keys."""
    return [*(each for each in CANARIES if each in said), *("a key" for _ in KEY.finditer(said))]


def check(where: str, said: str) -> None:
    leaks = found(said)
    assert not leaks, f"{where} has {leaks}"


@dataclass(slots=True, eq=False)
class Watch(logging.Handler):
    """Of the whole run: `leaks` are those of the test under way."""

    leaks: list[str] = field(default_factory=list)
    records: int = 0

    def __post_init__(self) -> None:
        logging.Handler.__init__(self, logging.NOTSET)

    def emit(self, record: logging.LogRecord) -> None:
        if record.name.split(".")[0] in THE_TESTS_OWN:
            return
        self.records += 1
        said = _formatter.format(record)
        where = f"{record.name} in {os.environ.get('PYTEST_CURRENT_TEST', 'no test')}"
        self.leaks += [f"{where}: {each}" for each in found(said)]

    def attach(self) -> None:
        """Again before each test: a command that sets up its log takes other handlers off."""
        root = logging.getLogger()
        if self not in root.handlers:
            root.addHandler(self)
        ours = logging.getLogger("dragoman")
        if ours.level == logging.NOTSET:
            ours.setLevel(logging.DEBUG)


@dataclass(slots=True, eq=False)
class Spans(SpanProcessor):
    """Everything that spans said, in their own words: what was said twice is kept once."""

    said: set[str] = field(default_factory=set)

    def on_end(self, span: ReadableSpan) -> None:
        self.said |= {span.name, *map(str, (span.attributes or {}).values())}
        self.said |= {str(event.attributes) for event in span.events}
        self.said.add(str(span.status.description))


_formatter = logging.Formatter("%(message)s")
"""With the traceback, as a careless log would have it."""
