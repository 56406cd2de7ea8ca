"""A clock that a test moves."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(slots=True)
class Clock:
    now: datetime

    def __call__(self) -> datetime:
        return self.now
