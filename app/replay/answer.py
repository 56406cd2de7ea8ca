"""An answer as it goes out, so that a repeat gets it byte for byte."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

import orjson


@dataclass(frozen=True, slots=True)
class Answer:
    body: bytes = field(repr=False)
    """JSON."""
    headers: Mapping[str, str]
    """Figures of this work, which a repeat is told as well."""
    whole: bool = True
    """Nothing of it failed: worth repeating."""
    replayed: bool = False

    @property
    def size(self) -> int:
        return len(self.body)

    def packed(self) -> bytes:
        return orjson.dumps(self.headers) + b"\n" + self.body

    @classmethod
    def unpacked(cls, packed: bytes) -> Self:
        headers, _, body = packed.partition(b"\n")
        return cls(body, orjson.loads(headers))
