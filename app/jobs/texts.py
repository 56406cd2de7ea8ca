"""Texts of jobs on their way into the database and out of it, through the vault."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, RowMapping

from app.jobs.job import Job
from app.jobs.rows import job_of, unpacked
from app.vault.place import Place
from app.vault.vault import Vault

WORDS = ("name", "options", "notes", "glossary")
"""Columns of a job that may hold what a caller wrote: names of files, of columns, of glossaries."""


def opened_job(vault: Vault, connection: Connection, row: RowMapping | Mapping[str, Any]) -> Job:
    words = {
        column: vault.open_text(connection, _word(row["tenant"], row["id"], column), row[column])
        for column in WORDS
        if row[column] is not None
    }
    return job_of({**row, **words})


def opened_name(
    vault: Vault, connection: Connection, tenant: str, *, job: str, stored: str | None
) -> str | None:
    return None if stored is None else vault.open_text(connection, _word(tenant, job, "name"), stored)


def nameless(row: RowMapping | Mapping[str, Any]) -> Job:
    """Without its words, so that what cannot be opened can be deleted all the same."""
    return job_of({**row, "name": None, "options": "{}", "notes": "[]", "glossary": None})


def sealed_words(
    vault: Vault, connection: Connection, tenant: str, job: str, words: Mapping[str, str | None]
) -> dict[str, str | None]:
    return {
        column: None if text is None else vault.seal_text(connection, _word(tenant, job, column), text)
        for column, text in words.items()
    }


def sealed_chunk(
    vault: Vault, connection: Connection, place: tuple[str, str, int], column: str, packed: bytes
) -> bytes:
    """`place`: tenant, job and number of the chunk. `column`: units or result."""
    return vault.seal(connection, _chunk(*place, column), packed)


def opened_chunk(
    vault: Vault, connection: Connection, place: tuple[str, str, int], column: str, stored: bytes | None
) -> Any:
    if stored is None:
        return unpacked(None)
    return unpacked(vault.open(connection, _chunk(*place, column), bytes(stored)))


def source_of(tenant: str, job: str) -> Place:
    """Of the file that a document came as."""
    return Place(tenant, "job.source_blob", job)


def result_of(tenant: str, job: str) -> Place:
    """Of the file that it became."""
    return Place(tenant, "job.result_blob", job)


def terms_of(tenant: str, job: str) -> Place:
    return Place(tenant, "job_protection.body", job)


def _word(tenant: str, job: str, column: str) -> Place:
    return Place(tenant, f"job.{column}", job)


def _chunk(tenant: str, job: str, number: int, column: str) -> Place:
    return Place(tenant, f"job_chunk.{column}", f"{job}:{number}")
