"""The ladder's steps, cheapest first, and the doubts that each has been seen to clear (docs/benchmarks.md, "Repair").

Not tried for: words_copied and source_copied (nine of 360 got better), dates_differ (one of 32), language_unexpected
(none), and what is the source's doing. Not a step: a text in capitals goes to the engine in sentence case at once
(app.casing); a segment alone gets the answer it got in company (models.marian).
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from models.contracts import PLAIN, Decoding


class Step(StrEnum):
    SENTENCES = "sentences"
    """Of a segment of several sentences each goes to the model by itself."""
    PROTECT = "protect"
    """Numbers, codes and addresses go to the model as plain figures in brackets and are put back."""
    NO_REPEAT = "no_repeat"
    """No three pieces of a word may come twice in the answer."""
    BEAM = "beam"
    """Four hypotheses, under the same rule."""


@dataclass(frozen=True, slots=True)
class _Rule:
    decoding: Decoding
    against: frozenset[str]


_VALUES = frozenset({"currencies_differ", "identifiers_differ", "numbers_differ", "symbol_lost"})
_RUNAWAY = frozenset({"empty_translation", "ends_early", "length_unusual", "repetition", "truncated"})
_SENSE = frozenset({"negation_lost"})
_RULES: Mapping[Step, _Rule] = {
    Step.SENTENCES: _Rule(PLAIN, _RUNAWAY | {"sentence_lost"}),
    Step.PROTECT: _Rule(PLAIN, _VALUES),
    Step.NO_REPEAT: _Rule(Decoding(no_repeat=3), _RUNAWAY),
    Step.BEAM: _Rule(Decoding(beam_size=4, no_repeat=3), _RUNAWAY | _SENSE | {"numbers_differ"}),
}
DECODING: Mapping[Step, Decoding] = {step: rule.decoding for step, rule in _RULES.items()}
REPAIRABLE = _VALUES | _RUNAWAY | _SENSE | {"sentence_lost"}
UNSETTLED = frozenset({"low_confidence"})
"""Left aside when answers are compared: it is known only where it was asked for, and asking changes no answer."""
STEPS: Mapping[Step, str] = MappingProxyType(
    {
        Step.SENTENCES: "Each of its sentences was translated by itself.",
        Step.PROTECT: "Numbers, codes and addresses were replaced by figures in brackets, and put back.",
        Step.NO_REPEAT: "No run of three pieces of words was allowed twice.",
        Step.BEAM: "Four hypotheses were weighed, and no run of three pieces was allowed twice.",
    }
)


def following(found: Collection[str], tried: Collection[Step]) -> Step | None:
    """The next step for a segment with these flags; None when the ladder ends."""
    return next(
        (step for step, rule in _RULES.items() if step not in tried and rule.against.intersection(found)),
        None,
    )
