"""Traces: where a request's time went, for whoever runs a collector. Off unless DRAGOMAN_TRACES_ENDPOINT names one.

A span has counts, languages, models and ids; never text, keys, or the name of a tenant. What is off costs a request a
few calls of nothing, and a segment none.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Protocol, Self, TypeVar

from app.errors import ConfigurationError
from app.settings import Settings
from batching.observer import Served

T = TypeVar("T")
Value = str | int | float | Sequence[str]


class Span(Protocol):
    def say(self, name: str, value: Value) -> None:
        """Beside what was known when it began."""

    def rename(self, name: str) -> None: ...

    def fail(self, kind: str) -> None:
        """Marks it as failed; `kind` of the error, not its message."""


class Traces(Protocol):
    @property
    def on(self) -> bool: ...

    def span(self, name: str, **attributes: Value) -> AbstractContextManager[Span]:
        """Of what happens within; a part of the span that it happens in. Its exception's kind is kept, never its
        message.
        """

    def request(
        self, method: str, *, caller: Mapping[str, str] | None = None
    ) -> AbstractContextManager[Span]:
        """The span of a whole request. `caller`: headers of whom is believed to say of which trace it is part."""

    def carried(self, work: Callable[[], T]) -> Callable[[], T]:
        """`work` for another thread, with the span that it is part of."""

    def mark(self) -> object | None:
        """The span under way, for `served`; None: nobody wants to know."""

    def served(self, works: Sequence[Served]) -> None:
        """Spans, after the fact, of what a batch was for each submission in it: its wait, and the engine's call."""

    def close(self) -> None:
        """Sends what is left, for a few seconds at most. Blocking."""


class _Nothing:
    """The span of nobody: one for all."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None: ...
    def say(self, name: str, value: Value) -> None: ...
    def rename(self, name: str) -> None: ...
    def fail(self, kind: str) -> None: ...


_NOTHING = _Nothing()


class Untraced:
    on = False

    def span(self, name: str, **attributes: Value) -> AbstractContextManager[Span]:  # noqa: ARG002
        return _NOTHING

    def request(
        self,
        method: str,  # noqa: ARG002
        *,
        caller: Mapping[str, str] | None = None,  # noqa: ARG002
    ) -> AbstractContextManager[Span]:
        return _NOTHING

    def carried(self, work: Callable[[], T]) -> Callable[[], T]:
        return work

    def mark(self) -> object | None:
        return None

    def served(self, works: Sequence[Served]) -> None: ...
    def close(self) -> None: ...


UNTRACED = Untraced()


def open_traces(settings: Settings) -> Traces:
    """Raises ConfigurationError where a collector is named and OpenTelemetry is not installed."""
    if not settings.traces_endpoint:
        return UNTRACED
    try:
        # Only here: nothing that could ask anyone is loaded unless somebody is named.
        from app.otlp import CollectedTraces  # noqa: PLC0415
    except ImportError as error:
        raise ConfigurationError(
            "DRAGOMAN_TRACES_ENDPOINT is set, and OpenTelemetry is not installed: pip install 'dragoman[otel]'."
        ) from error
    return CollectedTraces.to(settings.traces_endpoint)
