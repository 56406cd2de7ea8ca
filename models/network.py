"""The models that somebody may use, and by them the best way from one language to another."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace

from models.card import ModelCard
from models.catalogue import STARTER
from models.comparison import Candidate, Choice, Grounds, Marks, between_pairs, chained, choose, marks
from models.contracts import LanguagePair
from models.preferences import DIRECT, Preferences
from models.route import Hop, Route

_LINGUA_FRANCA = "en"
"""Where no score decides, a pivot over it goes first: it is what most models were trained with most text on."""


class Network:
    """A route once found stays: one pair has one Route."""

    def __init__(self, cards: Sequence[ModelCard], preferences: Preferences) -> None:
        self._preferences = preferences
        self._cards = {card.id: card for card in cards}
        offers: defaultdict[LanguagePair, list[ModelCard]] = defaultdict(list)
        for card in cards:
            for pair in card.pairs:
                offers[pair].append(card)
        self._hops = {pair: self._hop(pair, rivals) for pair, rivals in offers.items()}
        self._marks = {pair: between_pairs(marks(hop.card.scores, pair)) for pair, hop in self._hops.items()}
        self._leaving: defaultdict[str, list[Hop]] = defaultdict(list)
        for hop in self._hops.values():
            self._leaving[hop.pair.source].append(hop)
        self._found: dict[LanguagePair, Route] = {}
        self._all: tuple[Route, ...] | None = None

    def route(self, pair: LanguagePair) -> Route | None:
        found = self._found.get(pair) or self._best(pair)
        # Of two threads the first to write wins.
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

    def _hop(self, pair: LanguagePair, offers: Sequence[ModelCard]) -> Hop:
        """What the operator installed comes before what is embedded, then scores; where they do not decide, what was
        measured at all, then a model for this pair alone, then the first by name.
        """
        best = max(map(self._standing, offers))
        rivals = [card for card in offers if self._standing(card) == best]
        at, why = choose([_offered(card, pair) for card in rivals])
        if len(rivals) == 1 and len(offers) > 1:
            why = Choice(Grounds.ORDER)
        return Hop(rivals[at], pair, why)

    def _standing(self, card: ModelCard) -> tuple[bool, bool]:
        demoted = self._preferences.group_last and len(card.pairs) > 1
        return (STARTER not in card.path.parents, not demoted)

    def _best(self, pair: LanguagePair) -> Route | None:
        if pair.source == pair.target:
            return None
        rule = self._preferences.rules.get(pair)
        if rule is not None and rule.models:
            return self._pinned(pair, rule.models)
        via = rule.via if rule is not None else None
        routes = self._direct(pair) if via in (None, DIRECT) else []
        pivots = self._pivots(pair, via)
        if routes and via is None:
            return self._against(routes[0], pivots)
        routes += pivots
        if not routes:
            return None
        at, why = choose([self._candidate(route) for route in routes])
        return replace(routes[at], why=why if via is None else replace(why, by=Grounds.RULE))

    def _direct(self, pair: LanguagePair) -> list[Route]:
        hop = self._hops.get(pair)
        return [] if hop is None else [Route((hop,))]

    def _against(self, direct: Route, pivots: Iterator[Route]) -> Route:
        """Only test sets that the model for the very pair was measured on say anything against it."""
        mine = self._marks[direct.hops[0].pair]
        if not mine:
            # Not one by one: a model for all pairs of 200 languages has 40,000 of them, each with as many pivots.
            return direct if next(pivots, None) is None else replace(direct, why=Choice(Grounds.ORDER))
        routes = [direct, *pivots]
        rivals = [self._candidate(route) for route in routes]
        known = [
            replace(each, marks={name: each.marks[name] for name in each.marks if name in mine})
            for each in rivals
        ]
        at, why = choose(known)
        return replace(routes[at], why=why)

    def _candidate(self, route: Route) -> Candidate:
        return Candidate(route.models, route.languages, self._chained(route), _order(route))

    def _chained(self, route: Route) -> Marks:
        return chained([self._marks[hop.pair] for hop in route.hops], penalty=self._preferences.hop_penalty)

    def _pivots(self, pair: LanguagePair, via: str | None) -> Iterator[Route]:
        """Over any language; with `via` over this one, which may be `direct` and then is none."""
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
            return _ruled(Hop(first, pair)) if pair in first.pairs else None
        starts = {each.target for each in first.pairs if each.source == pair.source}
        ends = {each.source for each in last.pairs if each.target == pair.target}
        middle = min((starts & ends) - {pair.source, pair.target}, default=None)
        if middle is None:
            return None
        return _ruled(
            Hop(first, LanguagePair(pair.source, middle)), Hop(last, LanguagePair(middle, pair.target))
        )


def _offered(card: ModelCard, pair: LanguagePair) -> Candidate:
    found = marks(card.scores, pair)
    order = (not found, len(card.pairs) > 1, card.id)
    return Candidate((card.id,), (pair.source, pair.target), found, order)


def _order(route: Route) -> tuple[object, ...]:
    unmeasured = sum(hop.chrf is None for hop in route.hops)
    elsewhere = _LINGUA_FRANCA not in route.languages[1:-1]
    return (len(route.hops), unmeasured, elsewhere, route.languages, route.models)


def _ruled(*hops: Hop) -> Route:
    why = Choice(Grounds.RULE)
    return Route(tuple(replace(hop, why=why) for hop in hops), why)
