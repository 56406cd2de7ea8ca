"""What a job's translation was made of and with, segment by segment. Holds its text: it is the tenant's own."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from app.jobs.corrections import Correction, Spot
from app.jobs.job import ChunkReport, Job

VERSION = 1
_CERTAINTIES = ("confidence", "translation_confidence")


def statement(
    job: Job,
    chunks: Sequence[ChunkReport],
    *,
    document: Mapping[str, str | None],
    enforced: Mapping[str, Any] | None,
    corrections: Mapping[Spot, Correction],
) -> dict[str, Any]:
    """`document`: SHA-256 of the source and of the result, as it was delivered. `enforced`: as app.jobs.enforced
    states it.
    """
    return {
        "version": VERSION,
        "kind": "dragoman.translation",
        "issued_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "job": job.id,
        "state": job.state.value,
        "created_at": job.created_at.isoformat(),
        "finished_at": None if job.finished_at is None else job.finished_at.isoformat(),
        "format": job.format,
        "document": dict(document),
        "source": job.source,
        "target": job.target,
        "options": {
            name: value for name, value in sorted(job.options.items()) if not isinstance(value, float)
        },
        "enforced": enforced,
        "chunks": [_chunk(chunk, corrections) for chunk in chunks],
    }


def _chunk(chunk: ChunkReport, corrections: Mapping[Spot, Correction]) -> dict[str, Any]:
    return {
        "number": chunk.number,
        "state": chunk.state.value,
        "ledger_entry": chunk.entry_id,
        "made": next((result.get("made") for result in chunk.results if result.get("made")), None),
        "units": [*_units(chunk, corrections)],
    }


def _units(chunk: ChunkReport, corrections: Mapping[Spot, Correction]) -> Iterator[dict[str, Any]]:
    for index, unit in enumerate(chunk.units):
        result = chunk.results[index] if index < len(chunk.results) else None
        yield {
            "text": unit[0],
            "location": unit[1],
            "segments": [
                _segment(each, corrections.get((chunk.number, index, number)))
                for number, each in enumerate([] if result is None else result["segments"])
            ],
        }


def _segment(stored: Mapping[str, Any], correction: Correction | None) -> dict[str, Any]:
    """Probabilities as text: a statement has no floating-point numbers."""
    certain = {
        name: None if stored[name] is None else f"{stored[name]:.4f}"
        for name in _CERTAINTIES
        if name in stored
    }
    said = None if correction is None else _correction(correction)
    return {**stored, "confidence": None, **certain, "correction": said}


def _correction(found: Correction) -> dict[str, Any]:
    return {
        "text": found.text,
        "reason": found.reason,
        "corrected_at": found.corrected_at.isoformat(),
        "key_id": found.key_id,
    }
