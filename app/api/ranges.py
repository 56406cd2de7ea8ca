"""A part of a file, as `Range` asks for it (RFC 9110, section 14). Of several parts at once the whole file is given."""

import hashlib
import re
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Header

from app.errors import Unsatisfiable
from app.jobs.job import Job
from app.vault.blobs import Wanted

_ONE = re.compile(r"bytes=[ \t]*(\d{0,18})-(\d{0,18})[ \t]*", re.IGNORECASE | re.ASCII)


def etag(job: Job) -> str:
    """Of its result as it was delivered; another once the file is encrypted anew. Tells nothing of the file's name."""
    return f'"{hashlib.sha256(f"result {job.result_blob}".encode()).hexdigest()[:32]}"'


@dataclass(frozen=True, slots=True)
class Asked:
    """What a request's headers say."""

    range: str | None = None
    if_range: str | None = None

    def of(self, job: Job) -> Wanted | None:
        """None: all of its result, which is the answer, too, to what is no range or is for another result."""
        if self.range is None or self.if_range not in (None, etag(job)):
            return None
        return wanted(self.range)


def wanted(said: str) -> Wanted | None:
    found = _ONE.fullmatch(said)
    if found is None:
        return None
    first, last = (int(each) if each else None for each in found.groups())
    if (first is None and last is None) or (first is not None and last is not None and last < first):
        return None

    def chosen(size: int) -> tuple[int, int]:
        start = max(0, size - (last or 0)) if first is None else first
        end = size if first is None or last is None else min(size, last + 1)
        if start >= end:
            raise Unsatisfiable(f"The file has {size:,} bytes, and none of those asked for.", size=size)
        return start, end - start

    return chosen


def _asked(
    range: Annotated[  # noqa: A002
        str | None, Header(description="`bytes=100-199`, `bytes=100-` or `bytes=-100`: a part of the file.")
    ] = None,
    if_range: Annotated[
        str | None,
        Header(description="An `ETag` of the file: where it is another by now, all of it is given."),
    ] = None,
) -> Asked:
    return Asked(range, if_range)


Ranged = Annotated[Asked, Depends(_asked)]
