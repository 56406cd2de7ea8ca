"""The Router: the best Route between two languages, for a tenant, over the catalogue of the moment."""

from models.catalogue import Catalogue
from models.contracts import LanguagePair, NoRouteError
from models.network import Network
from models.preferences import Preferences, allows
from models.route import Route
from models.suggestions import suggested

ANYONE = ""
"""As a tenant: one that may use every model."""


class Router:
    """Routes over one catalogue at a time. A route once found stays found until the catalogue is replaced: the answer
    to a text must not wander. Safe to use from several threads.
    """

    def __init__(self, catalogue: Catalogue, preferences: Preferences | None = None) -> None:
        self._networks = _Networks(catalogue, preferences or Preferences())

    @property
    def catalogue(self) -> Catalogue:
        return self._networks.catalogue

    @property
    def preferences(self) -> Preferences:
        return self._networks.preferences

    def replace(self, catalogue: Catalogue, preferences: Preferences) -> None:
        """From now on. Routes given out before stay what they are."""
        self._networks = _Networks(catalogue, preferences)

    def route(self, source: str, target: str, *, tenant: str = ANYONE) -> Route:
        """As the operator's rule for the pair says, else the one of best quality. Raises NoRouteError."""
        pair = LanguagePair(source, target)
        networks = self._networks
        found = networks.of(tenant).route(pair)
        if found is None:
            raise _no_route(pair, networks, tenant)
        return found

    def installed(self, *, tenant: str = ANYONE) -> Catalogue:
        """What the tenant may know of: the models that it may use, and folders that would hold such."""
        networks = self._networks
        patterns, found = networks.preferences.patterns(tenant), networks.catalogue
        return Catalogue(
            tuple(card for card in found.cards if allows(patterns, card.id)),
            tuple(problem for problem in found.problems if allows(patterns, problem.folder.name)),
        )

    def routes(self, *, tenant: str = ANYONE) -> tuple[Route, ...]:
        """Every pair that can be served, with its best route, in order of source and target."""
        return self._networks.of(tenant).routes()


class _Networks:
    """One catalogue and the operator's preferences: a map for each set of models that tenants may use."""

    def __init__(self, catalogue: Catalogue, preferences: Preferences) -> None:
        self.catalogue = catalogue
        self.preferences = preferences
        self._networks: dict[tuple[str, ...] | None, Network] = {}

    def of(self, tenant: str) -> Network:
        patterns = self.preferences.patterns(tenant)
        found = self._networks.get(patterns)
        if found is None:
            cards = [card for card in self.catalogue.cards if allows(patterns, card.id)]
            # Two threads may make it at once: they find the same.
            found = self._networks.setdefault(patterns, Network(cards, self.preferences))
        return found


def _no_route(pair: LanguagePair, networks: _Networks, tenant: str) -> NoRouteError:
    mine, every = networks.of(tenant), networks.of(ANYONE)
    reason = ""
    if mine is not every and every.route(pair) is not None:
        reason = "The models that would are not among those this tenant may use"
    elif pair in networks.preferences.rules:
        reason = "The routes file has a rule for this pair, which the installed models do not fulfil"
    return NoRouteError(
        pair,
        installed=[str(each) for each in mine.pairs],
        installable=() if reason else suggested(pair, leads=mine.leads),
        reason=reason,
    )
