"""Words that stand for a term on its way through a model, so that what agrees with it comes out right.

A code in a term's place ("KX71") survives every model, and is masculine singular to all of them. A noun of the
term's own gender and number brings its article, adjective and verb along. docs/benchmarks.md has the measurements.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from app.glossary.inflection import feminine
from app.glossary.matching import Match

_PORTUGUESE = {
    # Concrete, common, of one meaning, and known to give nothing but this.
    (False, False): "book=livro hat=chapéu horse=cavalo computer=computador garden=jardim boat=barco",
    (
        False,
        True,
    ): "books=livros hats=chapéus horses=cavalos computers=computadores gardens=jardins boats=barcos",
    (True, False): "bottle=garrafa shirt=camisa bicycle=bicicleta window=janela island=ilha candle=vela",
    (
        True,
        True,
    ): "bottles=garrafas shirts=camisas bicycles=bicicletas windows=janelas islands=ilhas candles=velas",
}


@dataclass(frozen=True, slots=True)
class Carrier:
    sent: str
    """What the model reads."""
    expected: str
    """What it must answer, once."""


_CARRIERS: Mapping[tuple[str, str], Mapping[tuple[bool, bool], tuple[Carrier, ...]]] = {
    ("en", "pt"): {
        kind: tuple(Carrier(*pair.split("=")) for pair in words.split())
        for kind, words in _PORTUGUESE.items()
    }
}
"""By pair, then by whether the term is feminine and plural."""


def has(pair: tuple[str, str]) -> bool:
    return pair in _CARRIERS


def carrier(match: Match, pair: tuple[str, str], taken: str) -> Carrier | None:
    """The first that nothing in `taken` (folded) could be confused with."""
    kinds = _CARRIERS.get(pair, {})
    found = kinds.get((feminine(match.wanted), match.plural), ())
    return next((each for each in found if each.sent not in taken and each.expected not in taken), None)


def code(number: int, taken: str) -> str:
    """Of the forms tried, the one that the embedded models copied without a single loss."""
    return next(
        name for letter in "XQWZ" if (name := f"K{letter}7{number}").casefold() not in taken or letter == "Z"
    )
