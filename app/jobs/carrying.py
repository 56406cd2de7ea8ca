"""The files that jobs name, and their way from one store to another."""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Connection, select

from app.errors import FileDamaged, FileMissing
from app.jobs.tables import jobs
from app.storage.blobs import Blobs, sha256
from app.storage.database import Database


@dataclass(frozen=True, slots=True)
class Named:
    """A file, and the job that names it."""

    job: str
    tenant: str
    blob: str


@dataclass(frozen=True, slots=True)
class Carried:
    copied: int
    there: int
    """Whole, in the new place already."""
    missing: tuple[str, ...]
    """In the old place, too, or damaged."""


def named(reading: Connection) -> Iterator[Named]:
    query = select(jobs.c.id, jobs.c.tenant, jobs.c.source_blob, jobs.c.result_blob)
    for job, tenant, *blobs in reading.execute(query):
        yield from (Named(job, tenant, blob) for blob in blobs if blob is not None)


def carry(database: Database, origin: Blobs, target: Blobs) -> Carried:
    """Byte for byte; what was carried before is not carried again, and nothing is removed. Raises StorageError."""
    with database.read() as reading:
        files = list(named(reading))
    copied, there, missing = 0, 0, []
    for each in files:
        if _whole(target, each):
            there += 1
        elif _copied(origin, target, each):
            copied += 1
        else:
            missing.append(each.blob)
    return Carried(copied, there, tuple(missing))


def _whole(target: Blobs, file: Named) -> bool:
    try:
        with target.open(file.tenant, file.blob) as blob:
            sha256(blob)
    except (FileDamaged, FileMissing):
        return False
    return True


def _copied(origin: Blobs, target: Blobs, file: Named) -> bool:
    try:
        with origin.open(file.tenant, file.blob) as blob:
            target.put(file.tenant, file.blob, blob)
    except (FileDamaged, FileMissing):
        return False
    return True
