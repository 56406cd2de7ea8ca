"""Jobs and their reports as plain JSON values: what the API and `--json` on the command line print alike."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from app.jobs.job import ChunkReport, ChunkState, Job, Progress, seconds_left
from app.ledger.money import format_nanos

_NANOS = 1e-9
_PLACES = 4


def job(found: Job, progress: Progress, *, currency: str) -> dict[str, Any]:
    left = seconds_left(found, progress, now=datetime.now(UTC))
    return {
        "id": found.id,
        "state": found.state.value,
        "name": found.name,
        "format": found.format,
        "source": found.source,
        "target": found.target,
        "priority": found.priority.word,
        "glossary": found.glossary,
        "confidence": found.confidence,
        "memory": "exact" if found.memory else "off",
        "created_at": found.created_at.isoformat(),
        "started_at": _time(found.started_at),
        "finished_at": _time(found.finished_at),
        "expires_at": _time(found.expires_at),
        "segments": {"total": progress.segments, "done": progress.segments_done},
        "characters": {"total": progress.characters, "done": progress.characters_done},
        "chunks": {
            "total": progress.chunks,
            "done": progress.chunks_done,
            "failed": progress.chunks_failed,
        },
        "eta_seconds": None if left is None else round(left, 1),
        "waiting": _waiting(progress),
        "flags": dict(progress.flags),
        "billed_characters": progress.billed_characters,
        "price": format_nanos(progress.price_nanos),
        "cost": format_nanos(progress.cost_nanos),
        "currency": currency,
        "compute_seconds": progress.compute_ns * _NANOS,
        "load_seconds": progress.load_ns * _NANOS,
        "error": None if found.fault is None else {"code": found.fault.code, "message": found.fault.message},
        "notes": [dict(note) for note in found.notes],
    }


def _waiting(progress: Progress) -> dict[str, str] | None:
    until = progress.paced_until
    return None if until is None else {"reason": "characters_per_minute", "until": until.isoformat()}


def report(found: Job, progress: Progress, chunks: Sequence[ChunkReport], *, currency: str) -> dict[str, Any]:
    results = [result for chunk in chunks for result in chunk.results]
    return {
        "job": job(found, progress, currency=currency),
        "forecast": found.forecast,
        "languages": _languages(chunks),
        "models": sorted({model for result in results for model in result["models"]}),
        "flagged": [*_flagged(chunks)],
        "failed_chunks": [_failed(chunk) for chunk in chunks if chunk.state is ChunkState.FAILED],
    }


def _languages(chunks: Sequence[ChunkReport]) -> dict[str, int]:
    """Characters of segments by language, the most first."""
    found: Counter[str] = Counter()
    for chunk in chunks:
        for result in chunk.results:
            for segment in result["segments"]:
                found[segment["source"]] += segment["end"] - segment["start"]
    return dict(found.most_common())


def _flagged(chunks: Sequence[ChunkReport]) -> Iterator[dict[str, Any]]:
    """Places, never text: a report may be read by others than the document. Units count from 0 over the document."""
    number = 0
    for chunk in chunks:
        for index, unit in enumerate(chunk.units):
            segments = chunk.results[index]["segments"] if index < len(chunk.results) else []
            for segment in segments:
                if segment["flags"]:
                    yield {
                        "unit": number,
                        "location": unit[1],
                        "start": segment["start"],
                        "end": segment["end"],
                        "source": segment["source"],
                        "flags": segment["flags"],
                        "translation_confidence": _rounded(segment.get("translation_confidence")),
                        "error": segment["error"],
                    }
            number += 1


def _failed(chunk: ChunkReport) -> dict[str, Any]:
    locations = [unit[1] for unit in chunk.units if unit[1]]
    fault = chunk.fault
    return {
        "chunk": chunk.number,
        "first": locations[0] if locations else "",
        "last": locations[-1] if locations else "",
        "units": len(chunk.units),
        "code": None if fault is None else fault.code,
        "message": None if fault is None else fault.message,
    }


def _rounded(confidence: float | None) -> float | None:
    return None if confidence is None else round(confidence, _PLACES)


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()
