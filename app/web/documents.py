"""Documents: handed in, watched, read beside their source, fetched, thrown away."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Request, Response
from starlette.datastructures import FormData, UploadFile

from app.api.attachment import attachment
from app.api.ranges import Ranged
from app.api.recall import recalling
from app.api.v1.documents import LONGEST_OPTION, chosen
from app.audit.log import Action
from app.errors import InvalidRequest
from app.jobs import bodies
from app.jobs.job import Order, Precedence, State
from app.jobs.page import page as report_page
from app.web.forms import upload_of
from app.web.home import form
from app.web.jobview import JobView, ahead, segments, view
from app.web.rendering import HEADERS, inline_styled, page, redirect
from app.web.routing import Expected, PageRoute, code_of, sentence, status_of, told
from app.web.text import AUTO, LONGEST_CODE, LONGEST_ID, Pasted, enforced_by
from app.web.visitor import DocumentSender, DocumentVisitor, Visitor

router = APIRouter(route_class=PageRoute, include_in_schema=False)
JobId = Annotated[str, Path(max_length=100)]
PER_PAGE = 100


@router.post("/documents")
async def submit(request: Request, visitor: DocumentSender) -> Response:
    """Each file is a job of its own; what is wrong with one holds up no other."""
    sent = await upload_of(request)
    files = [each for each in sent.getlist("file") if isinstance(each, UploadFile) and each.filename]
    target, source = str(sent.get("target", ""))[:LONGEST_CODE], str(sent.get("source", AUTO))[:LONGEST_CODE]
    glossary = str(sent.get("glossary", ""))[:LONGEST_ID]
    taken, refused = await _submitted(
        visitor, files, Pasted("", source or AUTO, target, "", glossary), await _options(sent)
    )
    if not files:
        refused = [("", InvalidRequest(visitor.words("no_files")))]
    if refused:
        return await form(
            request,
            Pasted("", source, target, "", glossary),
            faults=[(name, _said(visitor, error)) for name, error in refused],
            taken=len(taken),
            status=status_of(refused[0][1]),
        )
    return redirect(request, f"/jobs/{taken[0]}" if len(taken) == 1 else "/jobs")


@router.get("/jobs")
async def jobs(request: Request, visitor: DocumentVisitor) -> Response:
    """The tenant's newest hundred."""
    found = await visitor.running.desk.newest(visitor.who.tenant.name)
    return page(request, "jobs.html", jobs=[view(job, progress) for job, progress in found])


@router.get("/jobs/{id}")
async def job(
    id: JobId,  # noqa: A002
    request: Request,
    visitor: DocumentVisitor,
    show: Literal["all", "doubtful"] = "all",
    flag: Annotated[str, Query(max_length=40)] = "",
    number: Annotated[int, Query(alias="page", ge=1, le=100_000)] = 1,
) -> Response:
    found = await _view(visitor, id)
    if found.deleted or not found.over:
        return page(request, "job.html", job=found, pairs=None, corrections=0)
    read, _, chunks = await visitor.running.desk.report(visitor.who.tenant.name, id)
    await visitor.running.desk.noted(Action.JOB_REPORTED, read, key_id=visitor.who.key_id)
    pairs = await asyncio.to_thread(
        segments, chunks, target=found.target, doubtful=show == "doubtful", flag=flag
    )
    pages = max(1, -(-len(pairs) // PER_PAGE))
    number = min(number, pages)
    return page(
        request,
        "job.html",
        job=found,
        corrections=len(await visitor.running.desk.corrections(visitor.who.tenant.name, id)),
        pairs=pairs[(number - 1) * PER_PAGE : number * PER_PAGE],
        main=_main_language(found, pairs),
        show=show,
        flag=flag,
        number=number,
        pages=pages,
    )


@router.get("/jobs/{id}/progress")
async def progress(id: JobId, request: Request, visitor: DocumentVisitor) -> Response:  # noqa: A002
    """A part of a job's page, asked for by itself again and again until the job is over."""
    found = await _view(visitor, id)
    answer = page(request, "progress.html", job=found)
    if found.over:
        answer.headers["HX-Refresh"] = "true"
    return answer


@router.get("/jobs/{id}/result")
async def result(
    id: JobId,  # noqa: A002
    visitor: DocumentVisitor,
    asked: Ranged,
    corrected: bool = False,
) -> Response:
    desk, who = visitor.running.desk, visitor.who
    headers = {**HEADERS, "Content-Security-Policy": "default-src 'none'; sandbox"}
    if corrected:
        found, file, _ = await desk.corrected(who.tenant.name, id, key_id=who.key_id)
        return attachment(found, file, headers=headers)
    fetched = await desk.result(who.tenant.name, id, key_id=who.key_id, wanted=asked.of)
    return attachment(*fetched, headers=headers, in_parts=True)


@router.get("/jobs/{id}/report")
async def report(id: JobId, visitor: DocumentVisitor) -> Response:  # noqa: A002
    """The self-contained page of app.jobs: languages, models, cost, every doubt with its place; no text."""
    found, made, chunks = await visitor.running.desk.report(visitor.who.tenant.name, id)
    await visitor.running.desk.noted(Action.JOB_REPORTED, found, key_id=visitor.who.key_id)
    currency = visitor.running.settings.currency
    body: dict[str, Any] = await asyncio.to_thread(bodies.report, found, made, chunks, currency=currency)
    return inline_styled(await asyncio.to_thread(report_page, body))


@router.post("/jobs/{id}/delete")
async def delete(id: JobId, request: Request, visitor: DocumentSender) -> Response:  # noqa: A002
    """Cancels it if it is not over."""
    await visitor.running.desk.delete(visitor.who.tenant.name, id, key_id=visitor.who.key_id)
    return redirect(request, f"/jobs/{id}")


async def _options(sent: FormData) -> Mapping[str, object]:
    """For formats that know them; the others take no notice."""
    columns, pointers, elements = (
        str(sent.get(name, ""))[:LONGEST_OPTION] for name in ("columns", "pointers", "elements")
    )
    return await chosen(columns, pointers, elements, "attachments" in sent, "sheet_names" in sent)


async def _submitted(
    visitor: Visitor, files: Sequence[UploadFile], wanted: Pasted, options: Mapping[str, object]
) -> tuple[list[str], list[tuple[str, Exception]]]:
    """The jobs of those that were taken; names and faults of the others."""
    taken: list[str] = []
    refused: list[tuple[str, Exception]] = []
    caller = visitor.who
    try:
        enforced = await enforced_by(visitor, wanted.glossary, target=wanted.target)
    except Expected as error:
        return [], [("", error)]
    memory = await recalling(visitor.running, caller)
    for file in files:
        order = Order(
            caller.tenant.name,
            wanted.target,
            None if wanted.source == AUTO else wanted.source,
            name=file.filename or "document",
            media_type=file.content_type or "",
            options=options,
            key_id=caller.key_id,
            # A person waits for it.
            priority=Precedence.HIGH,
            protection=enforced,
            memory=memory.on,
        )
        try:
            made, _, _ = await visitor.running.desk.submit(
                file.file, order, apart=f"{caller.key_id or ''}{memory.mark}"
            )
        except Expected as error:
            refused.append((order.name, error))
        else:
            taken.append(made.id)
    return taken, refused


def _said(visitor: Visitor, error: Exception) -> str:
    """What is wrong with a file is said in full: the kinds supported, the part that is broken."""
    plain = visitor.words.code == "en" or code_of(error) == "invalid_request"
    return told(error) if plain else sentence(visitor.words, error)


async def _view(visitor: Visitor, id: str) -> JobView:  # noqa: A002
    tenant = visitor.who.tenant.name
    found, done = await visitor.running.desk.get(tenant, id)
    place = 0
    if found.state is State.QUEUED:
        place = ahead(found, [each for each, _ in await visitor.running.desk.newest(tenant)])
    return view(found, done, place=place)


def _main_language(found: JobView, pairs: Sequence[Any]) -> str:
    if found.source is not None:
        return found.source
    counted: dict[str, int] = {}
    for pair in pairs:
        counted[pair.language] = counted.get(pair.language, 0) + len(pair.source)
    return max(counted, key=lambda code: counted[code], default="und")
