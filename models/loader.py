"""Which Backend serves a card."""

from collections.abc import Callable

from models.card import ModelCard
from models.contracts import Backend, EngineOptions
from models.marian import MarianBackend
from models.reverse import IdentityBackend, ReverseBackend
from models.revisions import located

WEIGHTLESS: dict[str, Callable[[], Backend]] = {"reverse": ReverseBackend, "identity": IdentityBackend}
"""Architectures that need no weights; a card names them."""


def load(card: ModelCard, options: EngineOptions) -> Backend:
    """Raises ChecksumMismatch or ModelUnavailable."""
    weightless = WEIGHTLESS.get(card.architecture)
    return weightless() if weightless else MarianBackend(located(card), options)
