"""What other services' clients show instead of a key of ours, to ask after a document or fetch it: an id and a secret.

The secret is made of the random name that the document's file has here and nobody is told, so that an upload that is
sent again gets the same one, on every replica, and nothing more has to be stored. It ends with the file.
"""

import hashlib
import hmac
from dataclasses import dataclass

from app.jobs.job import ID_PREFIX, Job
from app.storage.blobs import random_part

ID_LENGTH = 32
SECRET_LENGTH = 64
"""Hexadecimal digits, both."""


@dataclass(frozen=True, slots=True)
class Ticket:
    id: str
    secret: str


def ticket(job: Job) -> Ticket:
    """For a job whose files are there."""
    return Ticket(job.id.removeprefix(ID_PREFIX), _secret(job.source_blob or ""))


def job_id(shown: str) -> str:
    return ID_PREFIX + shown.lower()


def admits(job: Job, secret: str) -> bool:
    """Never, once the job's files are deleted."""
    if job.source_blob is None:
        return False
    return hmac.compare_digest(_secret(job.source_blob).encode(), secret.lower().encode())


def _secret(blob: str) -> str:
    """Of the random part alone: a file that is encrypted anew has another sum in its name."""
    return hashlib.sha256(f"document {random_part(blob) if blob else ''}".encode()).hexdigest()
