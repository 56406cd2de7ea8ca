"""The same where the kernel allows no namespace, as in many containers."""

import ctypes
from typing import Any

from tests.models.install import reaching


class _Refusing:
    def unshare(self, _flags: int) -> int:
        return -1


def main() -> None:
    def load(_name: Any, **_options: Any) -> _Refusing:
        return _Refusing()

    ctypes.CDLL = load  # type: ignore[misc, assignment]
    reaching.main()
