"""Routes: by which models, over which languages, and why by these."""

from dataclasses import dataclass, field

from models.card import ModelCard
from models.comparison import Choice
from models.contracts import LanguagePair


@dataclass(frozen=True, slots=True)
class Hop:
    card: ModelCard
    pair: LanguagePair
    why: Choice = field(default=Choice(), compare=False)
    """This model and no other of the pair."""

    @property
    def chrf(self) -> float | None:
        """Mean over its test sets, 0 to 100; None where nobody measured it."""
        return self.card.chrf(self.pair)


@dataclass(frozen=True, slots=True)
class Route:
    hops: tuple[Hop, ...]
    why: Choice = field(default=Choice(), compare=False)
    """These languages and no others."""

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
    def quality(self) -> float | None:
        """Product of the hops' chrF, each over 100, times 100: errors of one hop are input to the next. None where one
        was not measured. For whoever looks at it: a choice goes by what models have in common.
        """
        product = 100.0
        for hop in self.hops:
            chrf = hop.chrf
            if chrf is None:
                return None
            product *= chrf / 100
        return product
