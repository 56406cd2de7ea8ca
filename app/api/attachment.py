"""Files as they leave, whichever API they are asked for through."""

from pathlib import Path

from fastapi.responses import FileResponse

from app.jobs.job import Job, result_name

SANDBOX = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
}
"""Whatever a document holds, no browser runs it in this service's name."""
ANY_KIND = "application/octet-stream"


def attachment(job: Job, path: Path) -> FileResponse:
    return FileResponse(
        path, media_type=job.result_media_type or ANY_KIND, filename=result_name(job), headers=SANDBOX
    )
