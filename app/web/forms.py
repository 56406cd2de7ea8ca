"""What a form sends: read once a request."""

from collections.abc import Mapping
from http import HTTPStatus
from urllib.parse import parse_qsl

from fastapi import Request
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException

MEDIA_TYPE = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"
MOST_FIELDS = 20
MOST_FILES = 50


def has_files(request: Request) -> bool:
    return _media_type(request) == MULTIPART


async def upload_of(request: Request) -> FormData:
    """A form with files, the large ones on disk until the answer is sent. Raises HTTPException for what is none."""
    if not has_files(request):
        raise HTTPException(HTTPStatus.UNSUPPORTED_MEDIA_TYPE)
    if "dragoman.upload" not in request.scope:
        request.scope["dragoman.upload"] = await request.form(max_files=MOST_FILES, max_fields=MOST_FIELDS)
    read: FormData = request.scope["dragoman.upload"]
    return read


async def form_of(request: Request) -> Mapping[str, str]:
    """Browsers end lines with a carriage return and a line feed, whatever was typed: here a line feed ends them.

    Raises HTTPException for another media type, or for a body that is none.
    """
    if "dragoman.form" in request.scope:
        read: Mapping[str, str] = request.scope["dragoman.form"]
        return read
    if _media_type(request) != MEDIA_TYPE:
        raise HTTPException(HTTPStatus.UNSUPPORTED_MEDIA_TYPE)
    fields = _parsed(await request.body())
    request.scope["dragoman.form"] = fields
    return fields


def _media_type(request: Request) -> str:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def _parsed(body: bytes) -> Mapping[str, str]:
    try:
        found = parse_qsl(
            body.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=MOST_FIELDS
        )
    except ValueError:
        raise HTTPException(HTTPStatus.BAD_REQUEST) from None
    return {name: value.replace("\r\n", "\n") for name, value in found}
