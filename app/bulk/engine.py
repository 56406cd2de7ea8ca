"""What a bulk run needs of whoever translates: an embedded engine or a server."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

ENGINE = "engine"
"""The term that says who translates. Others that say the rest alike may go on with a run."""

Body = Mapping[str, Any]
"""JSON, as app.bodies makes it and the API sends it."""


@dataclass(frozen=True, slots=True)
class Enforced:
    """What is to stand in every translation."""

    glossary: str | Mapping[str, str] | None = None
    """Id or name of one that is stored, or terms and what they are in the target language."""
    names: Sequence[str] = ()
    """What stands as it is."""


@dataclass(frozen=True, slots=True)
class Order:
    """What is asked for every record of a run."""

    job: str
    """Names the run in the ledger: window n has the idempotency key `<job>:<n>`."""
    target: str
    source: str | None = None
    """None: detect, for every segment."""
    candidates: Sequence[str] | None = None
    cost_centre: str | None = None
    enforced: Enforced = field(default_factory=Enforced)
    scored: bool = False
    """Each text is to say how likely it is to be a good translation."""

    def key(self, window: int) -> str:
        return f"{self.job}:{window}"


@dataclass(frozen=True, slots=True)
class Answer:
    """To one window."""

    translations: tuple[Body, ...]
    """One a text, in order."""
    usages: tuple[Body, ...]
    """One a charge."""


class Engine(Protocol):
    """Translates a window alike wherever it runs; asked twice for the same one of a job, it charges once."""

    @property
    def in_flight(self) -> int:
        """Windows to hand over at once, so that the engine always has something waiting."""

    async def translate(self, texts: Sequence[str], window: int) -> Answer: ...


class KnownEngine(Engine, Protocol):
    """One that says what its answers depend on, so that a run can tell whether it goes on alike."""

    @property
    def models(self) -> Mapping[str, str]:
        """Id to fingerprint of all that are installed: they decide the routes and the translations."""

    @property
    def terms(self) -> Mapping[str, Any]:
        """What else decides the translations, and whose ledger is charged. JSON. `--glossary`: app.bulk.enforced."""
