"""What `dragoman bench tune` found out: the batch budget that suits a model on this machine."""

import json
import os
import platform
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from urllib.parse import quote

from app.errors import StorageError
from models.card import ModelCard

FOLDER = "tuning"
LEAST, MOST = 64, 1_048_576
"""Bounds of `DRAGOMAN_BATCH_TOKENS`."""


@dataclass(frozen=True, slots=True)
class Tuning:
    batch_tokens: int
    measured: Mapping[int, float]
    """Characters a second by budget, medians."""
    machine: str
    date: date
    fingerprint: str
    """Of the model measured: other weights are another model."""


def tuned_budget(data_dir: Path, card: ModelCard) -> int | None:
    """Padded tokens, or None where nothing was measured for this model on this machine, or nothing readable."""
    try:
        found = json.loads(tuning_file(data_dir, card).read_text(encoding="utf-8"))
        tokens, machine, fingerprint = found["batch_tokens"], found["machine"], found["fingerprint"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    if type(tokens) is not int or not LEAST <= tokens <= MOST:
        return None
    return tokens if (machine, fingerprint) == (this_machine(), card.fingerprint) else None


@dataclass(frozen=True, slots=True)
class Rate:
    characters_per_second: float
    """Of all engine threads, never idle."""
    date: date


def tuned_rate(data_dir: Path, card: ModelCard) -> Rate | None:
    """At the budget that was recommended; None as for `tuned_budget`."""
    budget = tuned_budget(data_dir, card)
    if budget is None:
        return None
    try:
        found = json.loads(tuning_file(data_dir, card).read_text(encoding="utf-8"))
        rate = Rate(float(found["measured"][str(budget)]), date.fromisoformat(found["date"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return rate if rate.characters_per_second > 0 else None


def write_tuning(data_dir: Path, card: ModelCard, tuning: Tuning) -> Path:
    """Raises StorageError."""
    file = tuning_file(data_dir, card)
    body = {
        "batch_tokens": tuning.batch_tokens,
        "measured": {str(budget): round(rate, 1) for budget, rate in tuning.measured.items()},
        "machine": tuning.machine,
        "date": tuning.date.isoformat(),
        "fingerprint": tuning.fingerprint,
    }
    part = file.with_suffix(".part")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        part.write_text(json.dumps(body, indent=2) + "\n", encoding="utf-8")
        part.replace(file)
    except OSError as error:
        raise StorageError(f"{file} cannot be written: {error.strerror}.") from error
    return file


def tuning_file(data_dir: Path, card: ModelCard) -> Path:
    """A card's id may hold anything; the file's name may not."""
    return data_dir / FOLDER / f"{quote(card.id, safe='')}.json"


def this_machine() -> str:
    """Kind of processor and how many cores this process may use: what a budget depends on."""
    return f"{_processor()}, {len(os.sched_getaffinity(0))} cores"


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.machine()
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, platform.machine())
