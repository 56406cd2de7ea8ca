"""Jobs and their texts to and from rows."""

import zlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import RowMapping

from app.jobs.job import Fault, Job, Precedence, State
from app.ledger.rows import moment_of


def packed(value: object) -> bytes:
    return zlib.compress(orjson.dumps(value), 1)


def unpacked(stored: bytes | None) -> Any:
    return [] if stored is None else orjson.loads(zlib.decompress(stored))


def json(value: object) -> str:
    return orjson.dumps(value).decode()


def job_of(row: RowMapping | Mapping[str, Any]) -> Job:
    return Job(
        id=row["id"],
        tenant=row["tenant"],
        state=State(row["state"]),
        format=row["format"],
        target=row["target"],
        source=row["source"],
        created_at=moment_of(row["created_at"]),
        name=row["name"],
        media_type=row["media_type"],
        options=orjson.loads(row["options"]),
        key_id=row["key_id"],
        cost_centre=row["cost_centre"],
        priority=Precedence(row["priority"]),
        started_at=_moment(row["started_at"]),
        finished_at=_moment(row["finished_at"]),
        expires_at=_moment(row["expires_at"]),
        source_blob=row["source_blob"],
        result_blob=row["result_blob"],
        result_media_type=row["result_media_type"],
        result_suffix=row["result_suffix"],
        fault=fault_of(row),
        notes=orjson.loads(row["notes"]),
        forecast=None if row["forecast"] is None else orjson.loads(row["forecast"]),
        confidence=bool(row["confidence"]),
        memory=row["memory"],
        glossary=None if row["glossary"] is None else orjson.loads(row["glossary"]),
    )


def fault_of(row: RowMapping | Mapping[str, Any]) -> Fault | None:
    return None if row["error_code"] is None else Fault(row["error_code"], row["error_message"] or "")


def _moment(stored: int | None) -> datetime | None:
    return None if stored is None else moment_of(stored)
