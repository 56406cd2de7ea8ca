"""What a translation depends on besides its text and the models: two that say the same here translate alike."""

import hashlib
from importlib.metadata import version
from pathlib import Path
from typing import Any

from app import __version__
from app.settings import Settings

DECISIVE = (
    "beam_size", "compute_type", "strict_reproducible", "detector", "detection_threshold", "candidates", "repair",
    "repair_tries",
)  # fmt: skip
"""Settings."""
_DIGITS = 16


def terms(settings: Settings) -> dict[str, Any]:
    """JSON."""
    return {
        "dragoman": __version__,
        "ctranslate2": version("ctranslate2"),
        "routes": _routes(settings),
        **{name: getattr(settings, name) for name in DECISIVE},
    }


def _routes(settings: Settings) -> str:
    """What the operator's rules for routes say, as a digest; a runtime begins only with a file that can be read."""
    try:
        rules = Path(settings.routes_file).read_bytes() if settings.routes_file else b""
    except OSError:
        return "unreadable"
    return hashlib.sha256(rules).hexdigest()[:_DIGITS]
