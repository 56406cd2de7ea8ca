"""The best Route between two languages: direct, else through one pivot, by measured quality."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from models.card import ModelCard
from models.catalogue import STARTER, Catalogue, installable
from models.contracts import LanguagePair, NoRouteError

UNMEASURED_CHRF = 45.0
"""What a model without scores is taken for when routes are compared: a middling OPUS-MT model."""

_SUGGESTIONS = 2
_READABLE = 40
"""Characters of a model's name."""


@dataclass(frozen=True, slots=True)
class Hop:
    card: ModelCard
    pair: LanguagePair

    @property
    def quality(self) -> float:
        """Measured chrF, 0 to 100, or the value assumed for an unmeasured model."""
        chrf = self.card.chrf(self.pair)
        return UNMEASURED_CHRF if chrf is None else chrf


@dataclass(frozen=True, slots=True)
class Route:
    hops: tuple[Hop, ...]

    @property
    def languages(self) -> tuple[str, ...]:
        return (self.hops[0].pair.source, *(hop.pair.target for hop in self.hops))

    @property
    def models(self) -> tuple[str, ...]:
        return tuple(hop.card.id for hop in self.hops)

    @property
    def quality(self) -> float:
        """Product of the hops' chrF, each over 100, times 100: errors of one hop are input to the next."""
        product = 1.0
        for hop in self.hops:
            product *= hop.quality / 100
        return 100 * product


class Router:
    """Routes over one catalogue. A route once found stays found: the answer to a text must not wander."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._hops: dict[LanguagePair, Hop] = {}
        for card in catalogue.cards:
            for pair in card.pairs:
                self._offer(Hop(card, pair))
        self._found: dict[LanguagePair, Route] = {}

    def route(self, source: str, target: str) -> Route:
        """Direct where a model exists; else the pivot of best quality; else NoRouteError."""
        pair = LanguagePair(source, target)
        found = self._found.get(pair)
        if found is not None:
            return found
        route = self._best(pair)
        if route is None:
            raise NoRouteError(
                pair,
                installed=[str(each) for each in self._catalogue.pairs],
                installable=self._installable(pair),
            )
        self._found[pair] = route
        return route

    def routes(self) -> list[Route]:
        """Every pair that can be served, with its best route, in order of source and target."""
        sources = sorted({pair.source for pair in self._hops})
        targets = sorted({pair.target for pair in self._hops})
        pairs = (LanguagePair(s, t) for s in sources for t in targets if s != t)
        return [route for pair in pairs if (route := self._best(pair)) is not None]

    def _offer(self, hop: Hop) -> None:
        held = self._hops.get(hop.pair)
        if held is None or _rank(hop) > _rank(held):
            self._hops[hop.pair] = hop

    def _best(self, pair: LanguagePair) -> Route | None:
        direct = self._hops.get(pair)
        if direct is not None:
            return Route((direct,))
        if pair.source == pair.target:
            return None
        return max(self._pivots(pair), key=lambda route: (route.quality, route.models), default=None)

    def _pivots(self, pair: LanguagePair) -> Iterator[Route]:
        for first in self._hops.values():
            if first.pair.source != pair.source:
                continue
            second = self._hops.get(LanguagePair(first.pair.target, pair.target))
            if second is not None:
                yield Route((first, second))

    def _installable(self, pair: LanguagePair) -> Sequence[str]:
        """The direct releases, or two that meet at English."""
        # Models for whole families are named after every member; they come last, and only where nothing else is.
        names = [release.name for release in installable(pair)]
        direct = ([name for name in names if len(name) <= _READABLE] or names[:1])[:_SUGGESTIONS]
        if direct or "en" in (pair.source, pair.target):
            return direct
        legs = (
            LanguagePair(pair.source, "en"),
            LanguagePair("en", pair.target),
        )
        missing = [installable(leg)[:1] for leg in legs if leg not in self._hops]
        if not all(missing):
            return []
        return [" and ".join(releases[0].name for releases in missing)] if missing else []


def _rank(hop: Hop) -> tuple[bool, float, str]:
    """What the operator installed comes before what is embedded, then quality, then a stable order."""
    return (STARTER not in hop.card.path.parents, hop.quality, hop.card.id)
