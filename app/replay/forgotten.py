"""Which charges memory let go of before their time: 64 bits each, so that the ledger is asked for those alone."""

MOST = 1_000_000
"""Of one generation, 60 MB or so; past it everything counts as forgotten."""


class Forgotten:
    """Keeps a place for one lifetime at least and two at most. May take another place for one it holds, never the
    other way round.
    """

    def __init__(self, lifetime: float) -> None:
        """`lifetime`: seconds."""
        self._lifetime = lifetime
        self._turned = 0.0
        self._young: set[int] = set()
        self._old: set[int] = set()

    def add(self, place: tuple[str, str], *, now: float) -> None:
        self._turn(now)
        if len(self._young) < MOST:
            self._young.add(hash(place))

    def may_hold(self, place: tuple[str, str], *, now: float) -> bool:
        self._turn(now)
        if max(len(self._young), len(self._old)) >= MOST:
            return True
        found = hash(place)
        return found in self._young or found in self._old

    def _turn(self, now: float) -> None:
        if now - self._turned < self._lifetime:
            return
        self._old = self._young if now - self._turned < 2 * self._lifetime else set()
        self._young = set()
        self._turned = now
