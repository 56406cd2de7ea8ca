"""Libraries that only some runs need: the extras `dragoman[bulk]` and `dragoman[ray]`."""

from importlib import import_module
from typing import Any

from app.errors import ConfigurationError


def extra(name: str, what: str, *, group: str = "bulk") -> Any:
    """Raises ConfigurationError that says what to install."""
    try:
        return import_module(name)
    except ImportError as error:
        raise ConfigurationError(
            f"{what} needs the package {name.partition('.')[0]}: pip install 'dragoman[{group}]'."
        ) from error


def zstandard() -> Any:
    return extra("zstandard", "Zstandard (.zst)")
