"""Files as they leave, whichever API they are asked for through."""

from collections.abc import Mapping
from http import HTTPStatus
from types import MappingProxyType
from urllib.parse import quote

from fastapi.responses import StreamingResponse

from app.api.ranges import etag
from app.jobs.files import Download
from app.jobs.job import Job, result_name

SANDBOX = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
}
"""Whatever a document holds, no browser runs it in this service's name."""
UNKNOWN_KIND = "application/octet-stream"
A_FILE = {"*/*": {"schema": {"type": "string", "format": "binary"}}}
"""What a description says of it: the media type is that of the document's format."""
CORRECTED = "X-Corrected-Segments"


def attachment(
    job: Job,
    file: Download,
    *,
    headers: Mapping[str, str] = MappingProxyType(SANDBOX),
    in_parts: bool = False,
) -> StreamingResponse:
    """It ends short of its stated length where the file turns out to be damaged. `in_parts`: parts may be asked for."""
    told = {
        **headers,
        **({"Accept-Ranges": "bytes", "ETag": etag(job)} if in_parts else {"Accept-Ranges": "none"}),
        "Content-Length": str(file.size),
        "Content-Disposition": f"attachment; {_named(result_name(job))}",
    }
    if file.whole is not None:
        told["Content-Range"] = f"bytes {file.start}-{file.start + file.size - 1}/{file.whole}"
    status = HTTPStatus.OK if file.whole is None else HTTPStatus.PARTIAL_CONTENT
    media_type = job.result_media_type or UNKNOWN_KIND
    return StreamingResponse(file.parts, status, media_type=media_type, headers=told)


def _named(name: str) -> str:
    """RFC 6266."""
    quoted = quote(name)
    return f'filename="{name}"' if quoted == name else f"filename*=utf-8''{quoted}"
