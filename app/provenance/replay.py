"""A statement run again on the models installed here, on a ledger that is thrown away."""

import asyncio
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.glossary.matching import Protection
from app.provenance.origin import Origin, models
from app.provenance.terms import protection
from app.results import TextResult, TranslationRequest
from app.runtime import Runtime, open_runtime
from app.settings import Settings
from app.tenants.tenant import LOCAL
from batching.work import Priority

_SET_ALIKE = (
    "compute_type",
    "beam_size",
    "strict_reproducible",
    "repair",
    "repair_tries",
    "detector",
    "detection_threshold",
    "candidates",
)


@dataclass(frozen=True, slots=True)
class Difference:
    chunk: int
    what: str


@dataclass(frozen=True, slots=True)
class Replayed:
    segments: int
    recalled: int
    """Of these, people's corrections: put in again as the statement has them."""
    memory: tuple[int, ...]
    """Versions of the memory that they came from."""
    differences: tuple[Difference, ...]


async def replay(statement: Mapping[str, Any], settings: Settings) -> Replayed:
    """Raises InvalidRequest for what cannot be run again."""
    segments, recalled, versions = 0, 0, set[int]()
    found: list[Difference] = []
    enforced = await asyncio.to_thread(protection, statement, settings)
    for chunk in statement["chunks"]:
        if chunk["made"] is None:
            found.append(
                Difference(chunk["number"], "was not translated, or by a version that did not say how")
            )
            continue
        with tempfile.TemporaryDirectory() as folder:
            alike = {name: chunk["made"][name] for name in _SET_ALIKE}
            chosen = Settings.model_validate(
                {
                    **settings.model_dump(),
                    **alike,
                    "data_dir": Path(folder),
                    "database_url": "",
                    "blobs": "",
                    "cache": "off",
                }
            )
            async with open_runtime(chosen, unlimited=True) as running:
                texts = await _translated(running, statement, chunk, enforced)
        segments += sum(len(text.segments) for text in texts)
        recalled += sum(segment.memory is not None for text in texts for segment in text.segments)
        # Statements of earlier releases know of no memory.
        memory = chunk["made"].get("memory")
        versions |= {memory["version"]} if memory else set()
        found += _differences(chunk, texts, Origin.of(chosen))
    return Replayed(segments, recalled, tuple(sorted(versions)), tuple(found))


async def _translated(
    running: Runtime, statement: Mapping[str, Any], chunk: Mapping[str, Any], enforced: Protection
) -> Sequence[TextResult]:
    await asyncio.to_thread(_remember, running, statement, chunk)
    request = TranslationRequest(
        [unit["text"] for unit in chunk["units"]],
        statement["target"],
        statement["source"],
        priority=Priority.BULK,
        protection=enforced,
        memory=True,
    )
    return (await running.translation.translate(request)).texts


def _remember(running: Runtime, statement: Mapping[str, Any], chunk: Mapping[str, Any]) -> None:
    """The memory as far as it answered then."""
    with running.database.transaction() as connection:
        for unit in chunk["units"]:
            for segment in unit["segments"]:
                if segment.get("memory"):
                    pair = segment["source"], statement["target"]
                    source = unit["text"][segment["start"] : segment["end"]].strip()
                    running.reviews.memory.put(connection, LOCAL, pair, (source, segment["text"]))


def _differences(chunk: Mapping[str, Any], texts: Sequence[TextResult], here: Origin) -> Iterator[Difference]:
    number, there = chunk["number"], chunk["made"]
    for name in ("dragoman", "engine", "tokenizer"):
        if there[name] != getattr(here, name):
            yield Difference(number, f"{name}: {there[name]} then, {getattr(here, name)} now")
    now = models(texts)
    for model, facts in there["models"].items():
        if model not in now or now[model] != facts:
            yield Difference(number, f"model {model}: {'other files' if model in now else 'not used'} now")
    for place, (unit, text) in enumerate(zip(chunk["units"], texts, strict=True)):
        before = [(each["start"], each["end"], each["text"]) for each in unit["segments"]]
        after = [(each.start, each.end, each.text) for each in text.segments]
        for segment in sorted({each[0] for each in {*before} ^ {*after}}):
            yield Difference(number, f"unit {place}, segment at {segment}: another translation")
