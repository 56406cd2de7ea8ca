"""Departure: a client hangs up, and the request that waits for its answer is told.

ASGI has an application wait for the message that says so, which takes a task for every request; a connection of ours
tells it at once.
"""

from collections.abc import Callable

DEPARTURE = "dragoman.departure"
"""In the scope of a request whose connection tells."""


class Departure:
    """Of one connection. Lives on its event loop."""

    def __init__(self) -> None:
        self._happened = False
        self._told: list[Callable[[], object]] = []

    def tell(self, whom: Callable[[], object]) -> None:
        """At once, where it has happened already."""
        self._told.append(whom)
        if self._happened:
            whom()

    def forget(self, whom: Callable[[], object]) -> None:
        self._told.remove(whom)

    def happen(self) -> None:
        self._happened = True
        for each in (*self._told,):
            each()
