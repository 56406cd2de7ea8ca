"""What a run adds to a record, and under which names."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.bulk.engine import Body

NAME = "translation"
ADDED = (
    "text", "source", "confidence", "target", "status", "flags", "models", "fingerprints", "error", "characters",
)  # fmt: skip
"""What is kept of the API's answer to a text, and, as `fingerprints`, of the models that made it."""
SCORED = "translation_confidence"
"""What is kept besides, where it was asked for."""
_COLUMNS = {
    "text": "",
    "source": "_language",
    "confidence": "_language_confidence",
    "target": "_target",
    "status": "_status",
    "flags": "_flags",
    "models": "_models",
    "fingerprints": "_fingerprints",
    "error": "_error",
    "characters": "_characters",
    SCORED: "_confidence",
}
"""Endings of the names of columns of their own."""

Answers = Sequence[Body | None]
"""To the texts of one record, field by field."""


@dataclass(frozen=True, slots=True)
class Added:
    fields: tuple[str, ...]
    flat: bool
    """Columns of their own, rather than one struct a field."""
    scored: bool = False

    @property
    def parts(self) -> tuple[str, ...]:
        """Of each field."""
        return (*ADDED, SCORED) if self.scored else ADDED

    @property
    def names(self) -> list[str]:
        if not self.flat:
            return [self._name(field) for field in self.fields]
        return [self._name(field) + _COLUMNS[part] for field in self.fields for part in self.parts]

    def values(self, answers: Answers) -> list[Any]:
        """One a name, in the order of `names`."""
        if not self.flat:
            return [answer and {part: answer[part] for part in self.parts} for answer in answers]
        return [_column(answer, part) for answer in answers for part in self.parts]

    def _name(self, field: str) -> str:
        return NAME if len(self.fields) == 1 else f"{field}_{NAME}"


def kept(answer: Body, fingerprints: Mapping[str, str]) -> dict[str, Any]:
    found = {name: answer.get(name) for name in (*ADDED, SCORED)}
    found["fingerprints"] = [fingerprints.get(model, "") for model in answer["models"]]
    return found


def _column(answer: Body | None, part: str) -> Any:
    """An error is its code: its sentence is in the list of failures."""
    value = None if answer is None else answer[part]
    return value["code"] if part == "error" and value is not None else value
