"""Files as they leave, whichever API they are asked for through."""

from collections.abc import Mapping
from types import MappingProxyType
from urllib.parse import quote

from fastapi.responses import StreamingResponse

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
    job: Job, file: Download, *, headers: Mapping[str, str] = MappingProxyType(SANDBOX)
) -> StreamingResponse:
    """It ends short of its stated length where the file turns out to be damaged."""
    told = {
        **headers,
        "Content-Length": str(file.size),
        "Content-Disposition": f"attachment; {_named(result_name(job))}",
    }
    return StreamingResponse(file.parts, media_type=job.result_media_type or UNKNOWN_KIND, headers=told)


def _named(name: str) -> str:
    """RFC 6266."""
    quoted = quote(name)
    return f'filename="{name}"' if quoted == name else f"filename*=utf-8''{quoted}"
