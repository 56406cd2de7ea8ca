"""DeepL's documents: sent, asked after, fetched once. Behind them are jobs like any other (app.jobs)."""

import pathlib
from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, File, Form, Path, Request, Response, UploadFile
from fastapi.responses import StreamingResponse

from app.api.access import DocumentSender
from app.api.attachment import A_FILE, attachment
from app.api.deepl import schemas
from app.api.deepl.answers import DeepLRoute, refusals
from app.api.deepl.asked import check_pair, choices, pair
from app.api.deepl.protection import protection
from app.api.deps import Running, reply
from app.api.fields import Fields, fields_of, form
from app.api.foreign import remark_on_parts
from app.api.recall import recalling
from app.api.repeats import IdempotencyKey
from app.documents.registry import suffixes, takes
from app.errors import DocumentError, Gone, InvalidRequest, NotThere
from app.jobs.job import Job, Order, Progress, State, seconds_left
from app.jobs.ticket import Ticket, ticket
from app.runtime import Runtime
from app.tenants.caller import Caller

UPLOAD = "/v2/document"
router = APIRouter(prefix=UPLOAD, route_class=DeepLRoute, tags=["DeepL"])

_STATUS = {State.QUEUED: "queued", State.RUNNING: "translating", State.SUCCEEDED: "done"}
_PDF = b"%PDF"

DocumentId = Annotated[str, Path(max_length=100, description="As `POST /v2/document` gave it.")]
_Text = Annotated[str | None, Form()]
_FILE: dict[int | str, dict[str, Any]] = {200: {"content": A_FILE}}


@router.post(
    "",
    response_model=schemas.DeepLDocument,
    summary="Translate a document, as DeepL does",
    name="deepl_document",
    responses=refusals(404, 413, 456),
)
async def upload(
    request: Request,
    running: Running,
    caller: DocumentSender,
    file: Annotated[UploadFile | None, File(description="The document.")] = None,
    target_lang: _Text = None,
    source_lang: Annotated[
        str | None, Form(description="Left out, it is detected, segment by segment.")
    ] = None,
    filename: Annotated[str | None, Form(description="Goes before the file's own.")] = None,
    output_format: Annotated[str | None, Form(description="The document's own; for PDF, `docx`.")] = None,
    formality: Annotated[str | None, Form(description="As for texts.")] = None,
    glossary_id: _Text = None,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """The job that `POST /v1/documents` would have made. Sent again within `DRAGOMAN_REPLAY_WINDOW`, before it was
    fetched, it is the same document, charged once.
    """
    # Read here as a whole: what is in the form beside these is refused, or passed over, like any text's parameters.
    del target_lang, source_lang, filename, output_format, formality, glossary_id
    sent = form(
        (name, value) for name, value in (await request.form()).multi_items() if isinstance(value, str)
    )
    if file is None:
        raise InvalidRequest("Invalid file data: parameter 'file' not specified.")
    order = _order(sent, file, running, caller)
    enforced = await protection(running, caller.tenant.name, sent, source=order.source, target=order.target)
    memory = await recalling(running, caller)
    order = replace(order, protection=enforced, memory=memory.on)
    _check_output(sent, order, await file.read(len(_PDF)))
    try:
        job, _, _ = await running.desk.submit(
            file.file, order, key=idempotency_key, apart=f"{UPLOAD} {caller.key_id}{memory.mark}"
        )
    except DocumentError as error:
        raise InvalidRequest(f"Invalid file data or file extension. {error}") from None
    shown = ticket(job)
    return reply({"document_id": shown.id.upper(), "document_key": shown.secret.upper()})


@router.post(
    "/{id}",
    response_model=schemas.DeepLDocumentStatus,
    summary="How a document is doing, as DeepL says it",
    name="deepl_document_status",
    responses=refusals(404),
    openapi_extra=schemas.body(schemas.DeepLDocumentKey),
)
async def status(request: Request, id: DocumentId, running: Running, caller: DocumentSender) -> Response:  # noqa: A002
    """`billed_characters` are those of the document, however few: there is no least charge."""
    try:
        job, progress = await _shown(request, id, running, caller)
    except Gone as error:
        raise NotThere(str(error)) from None
    return reply(_told(id, job, progress))


@router.post(
    "/{id}/result",
    response_class=StreamingResponse,
    summary="The translated document, once, as from DeepL",
    name="deepl_document_result",
    responses=_FILE | refusals(404),
    openapi_extra=schemas.body(schemas.DeepLDocumentKey),
)
async def result(request: Request, id: DocumentId, running: Running, caller: DocumentSender) -> Response:  # noqa: A002
    """Source and result are deleted as the last of the file leaves; who was cut off before may ask again. 503 before it
    is there, while another fetches it, and after.
    """
    job, _ = await _shown(request, id, running, caller)
    if job.state is State.FAILED:
        raise InvalidRequest(_why(job))
    whole = attachment(*await running.desk.once(job.tenant, job.id, key_id=caller.key_id))
    del whole.headers["content-length"]  # its last byte is followed by the word that the document is gone
    return whole


def _order(sent: Fields, file: UploadFile, running: Runtime, caller: Caller) -> Order:
    choices(sent)
    name = sent.one("filename") or file.filename or "document"
    if not takes(name):
        raise InvalidRequest(f"Invalid file data or file extension. Supported: {', '.join(suffixes())}.")
    source, target = pair(sent)
    check_pair(source, target, router=running.router, tenant=caller.tenant.name)
    if source == target:
        raise InvalidRequest("Source and target language are equal.")
    return Order(
        caller.tenant.name,
        target,
        source,
        name=name,
        media_type=file.content_type or "",
        key_id=caller.key_id,
    )


def _check_output(sent: Fields, order: Order, beginning: bytes) -> None:
    """Raises InvalidRequest for another format than the one that will be written: nobody is to find Word in a PDF."""
    own = "docx" if beginning == _PDF else pathlib.PurePath(order.name).suffix.lower().removeprefix(".")
    wanted = str(sent.one("output_format") or "").lower().removeprefix(".")
    if beginning == _PDF and wanted != own:
        raise InvalidRequest(
            "A PDF is written as a Word document here: ask for it with 'output_format' docx."
        )
    if wanted and wanted != own:
        raise InvalidRequest(f"Value for 'output_format' not supported: a .{own} is written as .{own}.")


async def _shown(request: Request, shown: str, running: Runtime, caller: Caller) -> tuple[Job, Progress]:
    secret = (await fields_of(request)).one("document_key")
    if not isinstance(secret, str) or not secret:
        raise InvalidRequest("Parameter 'document_key' not specified.")
    return await running.desk.shown(Ticket(shown, secret), tenant=caller.tenant.name)


def _told(shown: str, job: Job, progress: Progress) -> dict[str, Any]:
    told: dict[str, Any] = {"document_id": shown, "status": _STATUS.get(job.state, "error")}
    left = seconds_left(job, progress, now=datetime.now(UTC))
    if left is not None:
        told["seconds_remaining"] = round(left)
    if job.state is State.SUCCEEDED:
        told["billed_characters"] = progress.billed_characters
    if job.state is State.FAILED:
        told["error_message"] = _why(job)
    said = remark_on_parts(progress)
    return told if said is None else {**told, "dragoman": said}


def _why(job: Job) -> str:
    return "The document could not be translated." if job.fault is None else job.fault.message
