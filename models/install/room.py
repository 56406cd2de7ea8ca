"""Room on the disk: asked for before it is filled."""

import shutil
from pathlib import Path

from models.contracts import InstallError

_MEGABYTE = 1_000_000
_SPARE = 64 << 20
"""Left to everything else on that disk."""


def ensure_room(folder: Path, needed: int, what: str) -> None:
    """Raises InstallError where `needed` bytes more would not fit on the disk of `folder`."""
    free = shutil.disk_usage(folder).free
    if needed and needed + _SPARE > free:
        raise InstallError(
            f"{what} needs {megabytes(needed)} on the disk of {folder}, where {megabytes(free)} are free. "
            f"Make room, or name another folder with DRAGOMAN_MODEL_DIR."
        )


def megabytes(size: int) -> str:
    return f"{size / 1e6:,.0f} MB" if size >= _MEGABYTE else f"{size / 1e3:,.0f} kB"
