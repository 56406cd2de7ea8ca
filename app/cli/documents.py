"""dragoman documents."""

import asyncio
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import orjson
import typer

from app.cli import console, terms
from app.cli import documentoptions as options

if TYPE_CHECKING:
    from app.jobs.desk import Desk
    from app.jobs.job import Order

app = typer.Typer(
    help="Documents: the same file in another language.", no_args_is_help=True, rich_markup_mode=None
)
Force = Annotated[bool, typer.Option("--force", help="Write over OUT.")]
_LOOK = 0.2
"""Seconds between two looks at a job."""


@dataclass(frozen=True, slots=True)
class Wish:
    """One document's translation, wherever it is made."""

    file: Path
    target: str
    source: str | None
    """None: detected."""
    reading: Mapping[str, Any]
    """What of the format is to be translated."""
    cost_centre: str | None
    glossary: terms.Wanted
    confidence: bool


@app.callback()
def documents() -> None:
    """Documents: the same file in another language."""


@app.command(
    epilog=console.examples("dragoman documents translate examples/letter.html --to en --out letter.en.html")
)
def translate(
    file: options.File,
    to: console.Target,
    out: options.Out = None,
    source: console.Source = "auto",
    columns: options.Columns = None,
    pointers: options.Pointers = None,
    elements: options.Elements = None,
    attachments: options.Attachments = False,
    sheet_names: options.SheetNames = False,
    cost_centre: console.CostCentre = None,
    priority: options.Urgency = None,
    confidence: console.Doubts = False,
    memory: console.Memory = None,
    force: Force = False,
    json: console.ReportJson = False,
    glossary: terms.Glossary = None,
    server: console.Server = None,
    key: console.Key = None,
) -> None:
    """Translate a document into a file of the same format.

    Exits 1 when a part of it could not be translated; that part stands as it was, and the report names it.
    """
    if priority is not None and server is None:
        raise typer.BadParameter("--priority is for --server: here no other document waits.")
    console.memory_of_a_server(memory, server)
    # Before it costs anything; the name is known for certain only with the result.
    if not force and (out or file.with_name(f"{file.stem}.{to}{file.suffix}")).exists():
        raise typer.BadParameter("OUT is there already. Name another file, or add --force.")
    lists = {"columns": columns, "pointers": pointers, "elements": elements}
    reading: dict[str, Any] = {name: console.codes(value) for name, value in lists.items() if value}
    reading |= {"attachments": attachments, "sheet_names": sheet_names}
    declared = console.declared(source)
    wanted = terms.asked(glossary, source=declared, target=to)
    wish = Wish(file, to, declared, reading, cost_centre, wanted, confidence)
    if server is not None:
        data, name, report = _by_server(wish, server, key, priority=priority, memory=memory)
    else:
        data, name, report = asyncio.run(_embedded(wish))
    # Of the server's name only the ending, which another format may have: the rest has been through a form.
    written = out or file.with_name(f"{file.stem}.{report['job']['target']}{Path(name).suffix}")
    _write(written, data, force=force)
    _tell(report, written, json=json)


RESULT = "dragoman documents result job_0a1b --server http://127.0.0.1:8080 --corrected"


@app.command(epilog=console.examples(RESULT))
def result(
    job: Annotated[str, typer.Argument(metavar="JOB", help="The job's id.")],
    server: Annotated[str, typer.Option("--server", metavar="URL", help="The server that has the job.")],
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", metavar="OUT", help="File to write; by default named by the server."),
    ] = None,
    corrected: Annotated[
        bool, typer.Option("--corrected", help="With people's corrections in their places.")
    ] = False,
    force: Force = False,
    key: console.Key = None,
) -> None:
    """Fetch the translated document of a job that a server keeps."""
    from app.client import Dragoman  # noqa: PLC0415

    with Dragoman(server, key=key) as client:
        found = client.job_result(job, corrected=corrected)
    written = out or Path(found.name)
    try:
        _write(written, found.data, force=force)
    except FileExistsError:
        raise typer.BadParameter(f"{written} is there already. Add --out or --force.") from None
    console.complain(f"{written}: {len(found.data):,} bytes.")


def _by_server(
    wish: Wish,
    server: str,
    key: str | None,
    *,
    priority: options.Priority | None,
    memory: console.Recalled | None,
) -> tuple[bytes, str, Mapping[str, Any]]:
    from app.client import Dragoman  # noqa: PLC0415

    asked = {**wish.reading, "priority": priority, "confidence": wish.confidence, "memory": memory}
    with Dragoman(server, key=key) as client:
        named = terms.there(wish.glossary, client)
        # In a form an id is itself, and terms are JSON.
        said = named if named is None or isinstance(named, str) else orjson.dumps(dict(named)).decode()
        found = client.translate_document(
            wish.file,
            target=wish.target,
            source=wish.source,
            cost_centre=wish.cost_centre,
            options={**asked, "glossary": said},
        )
    return found.data, found.name, found.report


async def _embedded(wish: Wish) -> tuple[bytes, str, dict[str, Any]]:
    from app import validation  # noqa: PLC0415
    from app.glossary.asked import Asked  # noqa: PLC0415
    from app.jobs.job import Order  # noqa: PLC0415
    from app.runtime import open_runtime  # noqa: PLC0415
    from app.settings import load_settings  # noqa: PLC0415
    from app.tenants.tenant import LOCAL  # noqa: PLC0415

    console.quiet()
    settings = load_settings()
    order = Order(
        LOCAL,
        wish.target,
        wish.source,
        name=wish.file.name,
        options=wish.reading,
        cost_centre=validation.cost_centre(wish.cost_centre),
    )
    async with open_runtime(settings, unlimited=True) as running:
        named = terms.here(wish.glossary, running.glossaries)
        protection = Asked(named).protection(running.glossaries, LOCAL, target=wish.target)
        order = replace(order, protection=protection, confidence=wish.confidence)
        return await _done(running.desk, order, wish.file, currency=settings.currency)


async def _done(
    desk: "Desk", order: "Order", file: Path, *, currency: str
) -> tuple[bytes, str, dict[str, Any]]:
    """Every run is work of its own, so it has a key of its own. Nothing of the document stays in the data folder."""
    from app.jobs import bodies  # noqa: PLC0415
    from app.jobs.files import received  # noqa: PLC0415
    from app.jobs.job import State, result_name  # noqa: PLC0415

    with file.open("rb") as opened:
        job, _, _ = await desk.submit(opened, order, key=str(uuid.uuid4()))
    working = asyncio.create_task(desk.runner.run(job=job.id))
    try:
        while not job.over:
            await asyncio.sleep(_LOOK)
            job, _ = await desk.get(order.tenant, job.id)
        report = bodies.report(*await desk.report(order.tenant, job.id), currency=currency)
        if job.state is State.SUCCEEDED:
            _, result = await desk.result(order.tenant, job.id)
            data = await received(result)
    finally:
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)
        await desk.delete(order.tenant, job.id)
    _require(report["job"])
    return data, result_name(job), report


def _require(job: Mapping[str, Any]) -> None:
    from app.errors import NoResult  # noqa: PLC0415

    if job["state"] != "succeeded":
        error = job["error"] or {"code": job["state"], "message": "The job was ended by somebody else."}
        raise NoResult(f"The document could not be translated ({error['code']}). {error['message']}")


def _write(path: Path, data: bytes, *, force: bool) -> None:
    """Raises FileExistsError unless `force`."""
    with path.open("wb" if force else "xb") as file:
        file.write(data)


def _tell(report: Mapping[str, Any], out: Path, *, json: bool) -> None:
    job = report["job"]
    failed = report["failed_chunks"] or job["flags"].get("left_untranslated")
    if json:
        console.emit_json(report)
    else:
        doubts = ", ".join(f"{flag} {count}" for flag, count in job["flags"].items())
        console.complain(
            f"{out}: {job['segments']['done']:,} segments, {job['billed_characters']:,} characters billed, "
            f"price {job['price']} {job['currency']}, measured cost {job['cost']} {job['currency']}."
        )
        if doubts:
            console.complain(f"Segments by flag: {doubts}.")
        for chunk in report["failed_chunks"]:
            console.complain(
                f"From {chunk['first']} to {chunk['last']} nothing was translated ({chunk['code']})."
            )
    if failed:
        raise typer.Exit(1)
