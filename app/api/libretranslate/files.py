"""LibreTranslate's files: sent and waited for in one request, fetched from an address that needs no key."""

import asyncio
import re
from typing import Annotated

from fastapi import APIRouter, File, Form, Path, Request, Response, UploadFile

from app.api.access import DocumentSender
from app.api.attachment import A_FILE, attachment
from app.api.deps import Running, reply, while_connected
from app.api.foreign import remark_on_parts
from app.api.libretranslate import schemas, words
from app.api.libretranslate.answers import LibreRoute, refusals
from app.api.measures import measures_of_parts
from app.api.ranges import Ranged
from app.api.recall import recalling
from app.api.repeats import IdempotencyKey
from app.documents.registry import takes
from app.errors import DeadlineExceeded, InvalidRequest, NoResult, NotThere, Suspended, UnsupportedDocument
from app.jobs.job import Job, Order, Progress, State
from app.jobs.ticket import ID_LENGTH, SECRET_LENGTH, Ticket, ticket
from app.runtime import Runtime
from app.tenants.directory import Directory
from app.tenants.tenant import Status

guarded = APIRouter(route_class=LibreRoute, tags=["LibreTranslate"])
public = APIRouter(tags=["LibreTranslate"])

UPLOAD = "/translate_file"
DOWNLOADS = "/download_file/"
LOOK = 0.2
"""Seconds between two looks at a job that a request waits for."""
_NAME = re.compile(rf"([0-9a-f]{{{ID_LENGTH}}})([0-9a-f]{{{SECRET_LENGTH}}})(\.[a-z0-9]+)?")

_UNSUPPORTED = "Invalid request: file format not supported"
_Text = Annotated[str | None, Form()]


@guarded.post(
    UPLOAD,
    response_model=schemas.LibreFileReply,
    summary="Translate a file, as LibreTranslate does",
    name="libretranslate_translate_file",
    responses=refusals(402, 409, 413, 500, 504),
)
async def translate_file(
    request: Request,
    running: Running,
    caller: DocumentSender,
    file: Annotated[UploadFile | None, File(description="The document.")] = None,
    source: Annotated[str | None, Form(description="A code, or `auto`.")] = None,
    target: _Text = None,
    api_key: Annotated[str | None, Form(description=schemas.KEY.description)] = None,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Waits for the job that `POST /v1/documents` would have made, and names an address to fetch the file from. Who is
    cut off, or told 504, may send the same again: it is one job, charged once.
    """
    del api_key  # It was found before, by app.api.surface.
    upload, name = _given(file)
    memory = await recalling(running, caller)
    order = Order(
        caller.tenant.name,
        words.ours(_named(target, "target")),
        None if _named(source, "source") == words.AUTO else words.ours(_named(source, "source")),
        name=name,
        media_type=upload.content_type or "",
        key_id=caller.key_id,
        memory=memory.on,
    )
    try:
        sent = await running.desk.submit(
            upload.file, order, key=idempotency_key, apart=f"{UPLOAD} {caller.key_id}{memory.mark}"
        )
    except UnsupportedDocument:
        raise InvalidRequest(_UNSUPPORTED) from None
    job, progress = await while_connected(request, _over(running, sent[0]))
    _require(job)
    address = request.url_for("libretranslate_download_file", name=_name(job))
    body = {"translatedFileUrl": str(address)}
    said = remark_on_parts(progress)
    return reply(body if said is None else {**body, "dragoman": said}, headers=measures_of_parts(progress))


@public.get(
    DOWNLOADS + "{name}",
    response_class=Response,
    summary="Fetch a translated file, as from LibreTranslate",
    name="libretranslate_download_file",
    responses={
        200: {"content": A_FILE},
        206: {"description": "The part that `Range` asks for.", "content": A_FILE},
        **refusals(403, 404, 416, 503),
    },
)
async def download_file(
    name: Annotated[str, Path(description="As `translatedFileUrl` says.")], running: Running, asked: Ranged
) -> Response:
    """Whoever knows the address has the file, as there, until it is deleted (`DRAGOMAN_JOB_RETENTION`), its tenant is
    suspended, or the job is deleted.
    """
    parts = _NAME.fullmatch(name)
    if parts is None:
        raise NotThere("There is no such file.")
    found, _ = await running.desk.shown(Ticket(parts[1], parts[2]), tenant=None)
    owner = await asyncio.to_thread(Directory(running.database).tenant, found.tenant)
    if owner.status is Status.SUSPENDED:
        raise Suspended("Whose file it is has been suspended. Ask the operator.")
    return attachment(*await running.desk.result(found.tenant, found.id, wanted=asked.of), in_parts=True)


def _given(file: UploadFile | None) -> tuple[UploadFile, str]:
    """With its name, whose ending says what it is."""
    if file is None:
        raise InvalidRequest("Invalid request: missing file parameter")
    if not file.filename:
        raise InvalidRequest("Invalid request: empty file")
    if not takes(file.filename):
        raise InvalidRequest(_UNSUPPORTED)
    return file, file.filename


def _named(value: str | None, name: str) -> str:
    if not value:
        raise InvalidRequest(f"Invalid request: missing {name} parameter")
    return value


async def _over(running: Runtime, job: Job) -> tuple[Job, Progress]:
    try:
        async with asyncio.timeout(running.settings.request_timeout):
            return await running.desk.over(job.tenant, job.id, look=LOOK)
    except TimeoutError:
        raise DeadlineExceeded(
            "The file is not done yet; its translation goes on. Send the same again to wait for it."
        ) from None


def _require(job: Job) -> None:
    if job.state is not State.SUCCEEDED:
        why = "It was deleted meanwhile." if job.fault is None else job.fault.message
        raise NoResult(f"The file could not be translated. {why}")


def _name(job: Job) -> str:
    """No name of a file: addresses end up in logs."""
    shown = ticket(job)
    return f"{shown.id}{shown.secret}{job.result_suffix or ''}"
