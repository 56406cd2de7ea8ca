"""What a bulk run came to."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from app.bulk.engine import Body
from app.bulk.parts import Charge


@dataclass(slots=True)
class Report:
    """Grows with the run."""

    job: str
    records: int = 0
    """Blank lines of JSONL and headings are none."""
    characters: int = 0
    """Code points of the texts sent, as the ledger counts them."""
    billed_characters: int = 0
    statuses: Counter[str] = field(default_factory=Counter)
    flags: Counter[str] = field(default_factory=Counter)
    """How many texts carry each."""
    languages: Counter[str] = field(default_factory=Counter)
    errors: Counter[str] = field(default_factory=Counter)
    price: Decimal = Decimal(0)
    cost: Decimal = Decimal(0)
    currency: str = ""
    compute_seconds: float = 0.0
    seconds: float = 0.0
    forecast: Mapping[str, Any] | None = None
    glossary: Mapping[str, Any] | None = None
    """Whose terms were enforced: app.bulk.enforced."""
    failures: str | None = None
    """Where they are listed."""

    @property
    def failed(self) -> int:
        return self.statuses["failed"]

    @property
    def characters_per_second(self) -> float:
        return self.characters / self.seconds if self.seconds else 0.0

    @property
    def cost_per_million(self) -> Decimal | None:
        return self.cost * 1_000_000 / self.characters if self.characters else None

    def add(self, translation: Body) -> None:
        self._count(translation)
        self.statuses[translation["status"]] += 1
        if translation["error"] is not None:
            self.errors[translation["error"]["code"]] += 1

    def add_unwritten(self, translation: Body, code: str) -> None:
        """One that was made, and charged, and could not be written."""
        self._count(translation)
        self.statuses["failed"] += 1
        self.errors[code] += 1

    def refuse(self, code: str) -> None:
        """A record that has no text."""
        self.statuses["failed"] += 1
        self.errors[code] += 1

    def _count(self, translation: Body) -> None:
        self.characters += translation["characters"]
        self.languages[translation["source"]] += 1
        self.flags.update(translation["flags"])

    def charge(self, part: Charge) -> None:
        self.billed_characters += part.billed_characters
        self.price += part.price
        self.cost += part.cost
        self.currency = part.currency or self.currency
        self.compute_seconds += part.compute_seconds

    def body(self) -> dict[str, Any]:
        """JSON; documented in docs/cli.md."""
        per_million = self.cost_per_million
        return {
            "job": self.job,
            "records": self.records,
            "characters": self.characters,
            "billed_characters": self.billed_characters,
            "translated": self.statuses["translated"],
            "unchanged": self.statuses["unchanged"],
            "failed": self.failed,
            "glossary": self.glossary,
            "flags": dict(self.flags.most_common()),
            "languages": dict(self.languages.most_common()),
            "errors": dict(self.errors.most_common()),
            "seconds": round(self.seconds, 3),
            "characters_per_second": round(self.characters_per_second, 1),
            "compute_seconds": round(self.compute_seconds, 6),
            "price": f"{self.price:.9f}",
            "cost": f"{self.cost:.9f}",
            "cost_per_million": None if per_million is None else f"{per_million:.6f}",
            "currency": self.currency,
            "forecast": None if self.forecast is None else self._compared(self.forecast),
            "failures": self.failures,
        }

    def _compared(self, forecast: Mapping[str, Any]) -> dict[str, dict[str, float]]:
        """Figure by figure what was expected, and what came of it."""
        actual = {
            "characters": self.characters,
            "billed_characters": self.billed_characters,
            "price": float(self.price),
            "cost": float(self.cost),
            "compute_seconds": self.compute_seconds,
            "seconds": self.seconds,
        }
        return {
            name: {"forecast": _value(forecast[name]), "actual": round(value, 9)}
            for name, value in actual.items()
        }


def figure(value: float) -> str:
    """For people; money may be a millionth."""
    return f"{value:,}" if isinstance(value, int) else f"{value:,.6f}"


def _value(found: Any) -> float:
    found = found["value"] if isinstance(found, Mapping) else found
    return found if isinstance(found, int) else float(found)
