"""Libraries that only some corpora need: the extra `dragoman[bulk]`."""

from importlib import import_module
from typing import Any

from app.errors import ConfigurationError


def extra(name: str, what: str) -> Any:
    """Raises ConfigurationError that says what to install."""
    try:
        return import_module(name)
    except ImportError as error:
        raise ConfigurationError(
            f"{what} needs the package {name.partition('.')[0]}: pip install 'dragoman[bulk]'."
        ) from error


def zstandard() -> Any:
    return extra("zstandard", "Zstandard (.zst)")
