"""A statement run again on the models installed here, on a ledger that is thrown away."""

import asyncio
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.glossary.matching import Protection
from app.provenance.terms import protection
from app.results import TextResult, TranslationRequest, TranslationResult
from app.runtime import Runtime, open_runtime
from app.settings import Settings
from app.tenants.tenant import LOCAL
from batching.work import Priority

_SET_ALIKE = (
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
            chosen = Settings.model_validate(
                {
                    **settings.model_dump(),
                    **_alike(chunk["made"]),
                    "data_dir": Path(folder),
                    "database_url": "",
                    "blobs": "",
                    "cache": "off",
                }
            )
            async with open_runtime(chosen, unlimited=True) as running:
                result = await _translated(running, statement, chunk, enforced)
                now = running.made(result)
            texts = result.texts
        segments += sum(len(text.segments) for text in texts)
        recalled += sum(segment.memory is not None for text in texts for segment in text.segments)
        # Statements of earlier releases know of no memory.
        memory = chunk["made"].get("memory")
        versions |= {memory["version"]} if memory else set()
        found += _differences(chunk, texts, now)
    return Replayed(segments, recalled, tuple(sorted(versions)), tuple(found))


def _alike(there: Mapping[str, Any]) -> dict[str, Any]:
    """Statements of earlier releases have the setting where there is now what the engine made of it."""
    compute_type = there["compute_type_set" if "compute_type_set" in there else "compute_type"]
    return {"compute_type": compute_type, **{name: there[name] for name in _SET_ALIKE}}


async def _translated(
    running: Runtime, statement: Mapping[str, Any], chunk: Mapping[str, Any], enforced: Protection
) -> TranslationResult:
    await asyncio.to_thread(_remember, running, statement, chunk)
    request = TranslationRequest(
        [unit["text"] for unit in chunk["units"]],
        statement["target"],
        statement["source"],
        priority=Priority.BULK,
        protection=enforced,
        memory=True,
    )
    return await running.translation.translate(request)


def _remember(running: Runtime, statement: Mapping[str, Any], chunk: Mapping[str, Any]) -> None:
    """The memory as far as it answered then."""
    with running.database.transaction() as connection:
        for unit in chunk["units"]:
            for segment in unit["segments"]:
                if segment.get("memory"):
                    pair = segment["source"], statement["target"]
                    source = unit["text"][segment["start"] : segment["end"]].strip()
                    running.reviews.memory.put(connection, LOCAL, pair, (source, segment["text"]))


def _differences(
    chunk: Mapping[str, Any], texts: Sequence[TextResult], here: Mapping[str, Any]
) -> Iterator[Difference]:
    number, there = chunk["number"], chunk["made"]
    for name in ("dragoman", "engine", "tokenizer"):
        if there[name] != here[name]:
            yield Difference(number, f"{name}: {there[name]} then, {here[name]} now")
    for model, facts in there["models"].items():
        for what in _other(facts, here["models"].get(model)):
            yield Difference(number, f"model {model}: {what} now")
    for place, (unit, text) in enumerate(zip(chunk["units"], texts, strict=True)):
        before = [(each["start"], each["end"], each["text"]) for each in unit["segments"]]
        after = [(each.start, each.end, each.text) for each in text.segments]
        for segment in sorted({each[0] for each in {*before} ^ {*after}}):
            yield Difference(number, f"unit {place}, segment at {segment}: another translation")


def _other(then: Mapping[str, Any], now: Mapping[str, Any] | None) -> Iterator[str]:
    """Statements of earlier releases do not say in what a model was computed."""
    if now is None:
        yield "not used"
        return
    if any(then[name] != now[name] for name in ("fingerprint", "sha256")):
        yield "other files"
    if then.get("compute_type", now["compute_type"]) != now["compute_type"]:
        yield f"computed in {then['compute_type']} then, {now['compute_type']}"
