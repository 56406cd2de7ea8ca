"""Labels of what is counted by pair and models: codes and ids, and not many of them."""

MOST = 100
"""Pairs of languages with their models that have series of their own; what comes after is `other`."""
OTHER = ("other", "other")
NO_MODEL = ("none", "none")
"""Of what no model translated: its target may be any code that a caller thought of."""


class Series:
    def __init__(self) -> None:
        self._known: dict[tuple[str, str, tuple[str, ...]], tuple[str, str]] = {}

    def labels(self, source: str, target: str, models: tuple[str, ...]) -> tuple[str, str]:
        """Pair and model. The same for ever for the same route."""
        if not models:
            return NO_MODEL
        key = (source, target, models)
        known = self._known.get(key)
        if known is not None:
            return known
        if len(self._known) >= MOST:
            return OTHER
        made = (f"{source}-{target}", "+".join(models))
        self._known[key] = made
        return made
