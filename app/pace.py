"""How fast a route will be: from the ledger, else from `dragoman bench tune`, else a built-in figure."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from app.ledger.speed import Speed, measured
from app.storage.engine import Database
from app.tuning import tuned_rate
from models.card import ModelCard
from models.footprint import weight_bytes
from models.router import Router

BUILT_IN = 52_000.0
"""Nanoseconds of one core a character: starter-pt-en, int8, batches of 1,024 padded tokens, CPU time on a 2-core Intel
Xeon; its 18 MB of weights. Engine time is taken to grow with the weights."""
BUILT_IN_BYTES = 18_127_929
GUESS = 3.0
"""The built-in figure may be off by this factor either way: another processor, a busy machine."""
TUNED_LOW, TUNED_HIGH = 0.75, 1.4
"""Of the speed that was tuned: built-in sentences are not the text to come."""
PIECES = 0.247
"""A character of the sentences that both were measured on: 0.253 in Portuguese, 0.240 in English."""
SMALL = 4.0
"""Engine time a character of small calls over that of full ones (docs/benchmarks.md)."""

_LETTERS = 6
_WORD = re.compile(r"[\u0e00-\u0eff\u2e80-\uffdc]|[^\W\u0e00-\u0eff\u2e80-\uffdc]+|[^\w\s]")


class Pace:
    def __init__(self, database: Database, router: Router, *, data_dir: Path, threads: int) -> None:
        self._database = database
        self._router = router
        self._data_dir = data_dir
        self._threads = threads

    def speed(self, models: Sequence[str], *, batched: bool) -> Speed:
        """Of a route by these models, in engine time a character of its source."""
        today = datetime.now(UTC).date()
        whole = measured(self._database, models, batched=batched, today=today)
        if whole is not None:
            return whole
        hops = [self._hop(model, batched=batched) for model in models]
        origins = dict.fromkeys(hop.origin for hop in hops)
        return Speed(
            sum(hop.value for hop in hops),
            sum(hop.low for hop in hops),
            sum(hop.high for hop in hops),
            "; ".join(origins),
            None if any(hop.pieces is None for hop in hops) else PIECES,
        )

    def _hop(self, model: str, *, batched: bool) -> Speed:
        today = datetime.now(UTC).date()
        found = measured(self._database, [model], batched=batched, today=today)
        if found is not None:
            return found
        card = self._router.catalogue.card(model)
        tuned = None if card is None else self._tuned(card, batched=batched)
        return tuned or _built_in(card, batched=batched)

    def _tuned(self, card: ModelCard, *, batched: bool) -> Speed | None:
        rate = tuned_rate(self._data_dir, card)
        if rate is None:
            return None
        value = self._threads * 1e9 / rate.characters_per_second
        slow = 1.0 if batched else SMALL
        origin = f"`dragoman bench tune` of {rate.date.isoformat()} on this machine"
        return Speed(value, value * TUNED_LOW, value * TUNED_HIGH * slow, origin, PIECES)


def pieces(text: str) -> int:
    """About how many tokens it will be, without a model: a word has one for every six letters begun.

    The sample corpus has 1.10 (Portuguese) and 1.16 (English) times the tokens a character that the built-in sentences
    have, and by this count 1.10 and 1.16. Scripts without spaces have one a sign.
    """
    return 1 + sum(-(-len(word) // _LETTERS) for word in _WORD.findall(text))


def _built_in(card: ModelCard | None, *, batched: bool) -> Speed:
    """A model without weights takes next to nothing."""
    size = 0 if card is None else weight_bytes(card.path)
    value = BUILT_IN * size / BUILT_IN_BYTES
    slow = 1.0 if batched else SMALL
    origin = "a built-in figure: nothing was measured here yet (`dragoman bench tune --write`)"
    return Speed(value, value / GUESS, value * GUESS * slow, origin, PIECES)
