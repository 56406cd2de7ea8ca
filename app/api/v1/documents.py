"""POST /v1/documents."""

from typing import Annotated, Literal

import orjson
from fastapi import APIRouter, Depends, File, Form, Header, Request, Response, UploadFile

from app.api.access import DocumentSender, GuardedRoute
from app.api.deps import Running
from app.api.headers import utf8
from app.api.problems import refusals
from app.api.protection import asked_of_form, protection
from app.api.recall import Wish, recalling
from app.api.repeats import HEADER, IdempotencyKey
from app.api.schemas.jobs import JobReply
from app.jobs import bodies
from app.jobs.job import Order, Precedence
from app.validation import cost_centre

router = APIRouter(prefix="/v1", route_class=GuardedRoute, tags=["documents"])

PATH = "/v1/documents"
FORM_BYTES = 65_536
"""What a form may add to its file: boundaries, headers, the other fields."""
AUTO = "auto"
LONGEST_OPTION = 2_000
_Names = Annotated[str | None, Form(max_length=LONGEST_OPTION)]
_Source = Annotated[
    str, Form(min_length=1, max_length=35, description="`auto` detects it, segment by segment.")
]
_Urgency = Annotated[Literal["high", "normal", "low"], Form(description="Among the tenant's own documents.")]
_Glossary = Annotated[
    str | None, Form(max_length=500_000, description="Id of a glossary, or terms as a JSON object.")
]
_Protect = Annotated[
    str | None, Form(max_length=500_000, description="JSON, as in the body of `POST /v1/translate`.")
]
_Confidence = Annotated[
    bool, Form(description="Each segment says how likely it is to be good; low ones are flagged.")
]
_Memory = Annotated[Wish | None, Form(description="As in the body of `POST /v1/translate`.")]
_CostCentre = Annotated[
    str | None, Header(description="Filed with the charges: up to 64 printable characters, in UTF-8.")
]


async def chosen(
    columns: Annotated[_Names, Form(description="CSV, TSV: names or numbers, by commas.")] = None,
    pointers: Annotated[_Names, Form(description="JSON: pointers, by commas; `*` is any step.")] = None,
    elements: Annotated[_Names, Form(description="XML: names of elements, by commas.")] = None,
    attachments: Annotated[bool, Form(description="E-mail: attachments too.")] = False,
    sheet_names: Annotated[bool, Form(description="Names of sheets too.")] = False,
) -> dict[str, object]:
    lists = {"columns": columns, "pointers": pointers, "elements": elements}
    named = {
        name: [part.strip() for part in value.split(",") if part.strip()]
        for name, value in lists.items()
        if value
    }
    return {**named, "attachments": attachments, "sheet_names": sheet_names}


@router.post(
    "/documents",
    status_code=202,
    response_model=JobReply,
    summary="Translate a document in the background",
    responses={
        202: {
            "headers": {
                "Location": {"description": "The job.", "schema": {"type": "string"}},
                HEADER: {
                    "description": "`true`: an equal upload made this job before.",
                    "schema": {"type": "string", "enum": ["true"]},
                },
            }
        },
        **refusals(400, 402, 404, 409, 413, 415, 422, 503),
    },
)
async def submit(
    request: Request,
    running: Running,
    caller: DocumentSender,
    file: Annotated[UploadFile, File(description="The document.")],
    target: Annotated[str, Form(min_length=1, max_length=35, examples=["en"])],
    options: Annotated[dict[str, object], Depends(chosen)],
    source: _Source = AUTO,
    priority: _Urgency = "normal",
    glossary: _Glossary = None,
    protect: _Protect = None,
    confidence: _Confidence = False,
    memory: _Memory = None,
    idempotency_key: IdempotencyKey = None,
    x_cost_centre: _CostCentre = None,
) -> Response:
    """Reads the document, then answers; the translation goes on without the caller, a restart of the service included.

    A document that cannot be read is refused here, with the reason. Ask `Location` for the job.
    """
    recall = await recalling(running, caller, memory)
    order = Order(
        caller.tenant.name,
        target,
        None if source.lower() == AUTO else source,
        name=file.filename or "document",
        media_type=file.content_type or "",
        options=options,
        key_id=caller.key_id,
        cost_centre=cost_centre(utf8(x_cost_centre)),
        priority=Precedence[priority.upper()],
        confidence=confidence,
        protection=await protection(running, caller, asked_of_form(glossary, protect), target=target),
        memory=recall.on,
    )
    job, progress, repeated = await running.desk.submit(
        file.file, order, key=idempotency_key, apart=f"{caller.key_id or ''}{recall.mark}"
    )
    body = bodies.job(job, progress, currency=running.settings.currency)
    headers = {"Location": str(request.app.url_path_for("job", id=job.id))}
    if repeated:
        headers[HEADER] = "true"
    return Response(orjson.dumps(body), 202, headers=headers, media_type="application/json")
