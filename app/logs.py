"""The service's log: a line an event, as text or as JSON, with the id of the request that it is about. Never text."""

import logging
import sys
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Literal

import orjson

Format = Literal["text", "json"]

REQUEST: ContextVar[str] = ContextVar("request", default="")
"""Id of the request under way, as in `X-Request-Id`; empty in what belongs to none or to several. Tasks that outlive
the request that started them begin in a context of their own, or their lines would name the wrong one."""

FIELDS = ("method", "route", "status", "seconds")
"""What a line about a request has beside its message, as values of their own in JSON."""


class TextLines(logging.Formatter):
    """Never a traceback: its lines could hold text."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        request = REQUEST.get()
        line = super().format(record)
        return f"{line} [{request}]" if request else line

    def formatException(self, ei: object) -> str:  # noqa: N802  the name is logging's
        return _kind(ei)

    def formatStack(self, stack_info: str) -> str:  # noqa: N802  the same
        del stack_info
        return ""


class JsonLines(logging.Formatter):
    """An object a line. Of an exception its kind alone, for the same reason."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        request = REQUEST.get()
        if request:
            line["request_id"] = request
        if record.exc_info:
            line["error"] = _kind(record.exc_info)
        line |= {name: getattr(record, name) for name in FIELDS if hasattr(record, name)}
        return orjson.dumps(line, default=str).decode()


def configure(level: str, form: Format) -> None:
    """`level`: of the service's own lines; of libraries' lines there are warnings and worse."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines() if form == "json" else TextLines())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.getLogger("dragoman").setLevel(level.upper())
    # What it says of a failed start is said by the command, once.
    logging.getLogger("uvicorn.error").addFilter(lambda record: "startup failed" not in record.getMessage())


def _kind(found: object) -> str:
    kind = found[0] if isinstance(found, tuple) else None
    return kind.__name__ if kind else ""
