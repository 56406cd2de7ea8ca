"""The best Route between two languages, direct or over a third: by measured quality, unless the operator rules."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from models.card import ModelCard
from models.catalogue import STARTER, Catalogue
from models.contracts import LanguagePair, NoRouteError
from models.preferences import DIRECT, Preferences, allows
from models.suggestions import suggested

UNMEASURED_CHRF = 45.0
"""What a model without scores is taken for when routes are compared: a middling OPUS-MT model."""

ANYONE = ""
"""As a tenant: one that may use every model."""


@dataclass(frozen=True, slots=True)
class Hop:
    card: ModelCard
    pair: LanguagePair

    @property
    def measured(self) -> bool:
        return self.card.chrf(self.pair) is not None

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
    def cards(self) -> tuple[ModelCard, ...]:
        return tuple(hop.card for hop in self.hops)

    @property
    def measured(self) -> bool:
        return all(hop.measured for hop in self.hops)

    @property
    def quality(self) -> float:
        """Product of the hops' chrF, each over 100, times 100: errors of one hop are input to the next."""
        product = 1.0
        for hop in self.hops:
            product *= hop.quality / 100
        return 100 * product


class Router:
    """Routes over one catalogue at a time. A route once found stays found until the catalogue is replaced: the answer
    to a text must not wander. Safe to use from several threads.
    """

    def __init__(self, catalogue: Catalogue, preferences: Preferences | None = None) -> None:
        self._maps = _Maps(catalogue, preferences or Preferences())

    @property
    def catalogue(self) -> Catalogue:
        return self._maps.catalogue

    @property
    def preferences(self) -> Preferences:
        return self._maps.preferences

    def replace(self, catalogue: Catalogue, preferences: Preferences) -> None:
        """From now on. Routes given out before stay what they are."""
        self._maps = _Maps(catalogue, preferences)

    def route(self, source: str, target: str, *, tenant: str = ANYONE) -> Route:
        """As the operator's rule for the pair says, else the one of best quality. Raises NoRouteError."""
        pair = LanguagePair(source, target)
        maps = self._maps
        found = maps.of(tenant).route(pair)
        if found is None:
            raise _no_route(pair, maps, tenant)
        return found

    def routes(self, *, tenant: str = ANYONE) -> tuple[Route, ...]:
        """Every pair that can be served, with its best route, in order of source and target."""
        return self._maps.of(tenant).routes()


class _Maps:
    """One catalogue and the operator's preferences: a map for each set of models that tenants may use."""

    def __init__(self, catalogue: Catalogue, preferences: Preferences) -> None:
        self.catalogue = catalogue
        self.preferences = preferences
        self._maps: dict[tuple[str, ...] | None, _Map] = {}

    def of(self, tenant: str) -> "_Map":
        patterns = self.preferences.patterns(tenant)
        found = self._maps.get(patterns)
        if found is None:
            cards = [card for card in self.catalogue.cards if allows(patterns, card.id)]
            # Two threads may make it at once: they find the same.
            found = self._maps.setdefault(patterns, _Map(cards, self.preferences))
        return found


class _Map:
    def __init__(self, cards: list[ModelCard], preferences: Preferences) -> None:
        self._preferences = preferences
        self._cards = {card.id: card for card in cards}
        self._hops: dict[LanguagePair, Hop] = {}
        for card in cards:
            for pair in card.pairs:
                self._offer(Hop(card, pair))
        self._leaving: defaultdict[str, list[Hop]] = defaultdict(list)
        for hop in self._hops.values():
            self._leaving[hop.pair.source].append(hop)
        self._found: dict[LanguagePair, Route] = {}
        self._all: tuple[Route, ...] | None = None

    def route(self, pair: LanguagePair) -> Route | None:
        found = self._found.get(pair) or self._best(pair)
        # Of two threads the first to write wins: one pair has one Route.
        return None if found is None else self._found.setdefault(pair, found)

    def routes(self) -> tuple[Route, ...]:
        if self._all is None:
            sources = sorted({pair.source for pair in self._hops})
            targets = sorted({pair.target for pair in self._hops})
            pairs = (LanguagePair(s, t) for s in sources for t in targets if s != t)
            self._all = tuple(route for pair in pairs if (route := self.route(pair)) is not None)
        return self._all

    @property
    def pairs(self) -> list[LanguagePair]:
        return sorted(self._hops)

    def leads(self, pair: LanguagePair) -> bool:
        return pair in self._hops

    def _offer(self, hop: Hop) -> None:
        held = self._hops.get(hop.pair)
        if held is None or self._rank(hop) > self._rank(held):
            self._hops[hop.pair] = hop

    def _rank(self, hop: Hop) -> tuple[bool, bool, float, bool, str]:
        """What the operator installed comes before what is embedded, then quality, then a model for this pair alone
        before one for a group, then a stable order.
        """
        group = len(hop.card.pairs) > 1
        demoted = group and self._preferences.group_last
        return (STARTER not in hop.card.path.parents, not demoted, hop.quality, not group, hop.card.id)

    def _best(self, pair: LanguagePair) -> Route | None:
        if pair.source == pair.target:
            return None
        rule = self._preferences.rules.get(pair)
        if rule is not None and rule.models:
            return self._pinned(pair, rule.models)
        via = rule.via if rule is not None else None
        hop = self._hops.get(pair)
        direct = Route((hop,)) if hop is not None else None
        if via == DIRECT:
            return direct
        pivot = max(self._pivots(pair, via), key=lambda route: (route.quality, route.models), default=None)
        if via is not None or direct is None:
            return pivot
        return pivot if pivot is not None and self._beats(pivot, direct) else direct

    def _beats(self, pivot: Route, direct: Route) -> bool:
        """An assumed score overrules no model that is installed for the very pair."""
        measured = pivot.measured and direct.measured
        return measured and pivot.quality * self._preferences.hop_penalty > direct.quality

    def _pivots(self, pair: LanguagePair, via: str | None) -> Iterator[Route]:
        for first in self._leaving.get(pair.source, ()):
            middle = first.pair.target
            second = self._hops.get(LanguagePair(middle, pair.target))
            if second is not None and via in (None, middle):
                yield Route((first, second))

    def _pinned(self, pair: LanguagePair, models: tuple[str, ...]) -> Route | None:
        """The models in this order, whatever their scores; None where one is missing or they do not meet."""
        cards = [self._cards.get(model) for model in models]
        first, last = cards[0], cards[-1]
        if first is None or last is None:
            return None
        if len(cards) == 1:
            return Route((Hop(first, pair),)) if pair in first.pairs else None
        starts = {each.target for each in first.pairs if each.source == pair.source}
        ends = {each.source for each in last.pairs if each.target == pair.target}
        middle = min((starts & ends) - {pair.source, pair.target}, default=None)
        if middle is None:
            return None
        return Route(
            (Hop(first, LanguagePair(pair.source, middle)), Hop(last, LanguagePair(middle, pair.target)))
        )


def _no_route(pair: LanguagePair, maps: _Maps, tenant: str) -> NoRouteError:
    mine, every = maps.of(tenant), maps.of(ANYONE)
    reason = ""
    if mine is not every and every.route(pair) is not None:
        reason = "The models that would are not among those this tenant may use"
    elif pair in maps.preferences.rules:
        reason = "The routes file has a rule for this pair, which the installed models do not fulfil"
    return NoRouteError(
        pair,
        installed=[str(each) for each in mine.pairs],
        installable=() if reason else suggested(pair, leads=mine.leads),
        reason=reason,
    )
