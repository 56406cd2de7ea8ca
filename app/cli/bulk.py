"""dragoman bulk."""

import asyncio
import sys
import uuid
from contextlib import AbstractAsyncContextManager, AbstractContextManager, ExitStack, nullcontext
from pathlib import Path
from typing import Annotated

import typer

from app.bulk import corpus as corpora
from app.bulk.corpus import Form, Format
from app.bulk.engine import Engine, Order
from app.bulk.input import Lines, opened
from app.bulk.output import STDIO, FileOutput, StreamOutput
from app.bulk.report import Report
from app.bulk.run import Progress
from app.bulk.run import run as go
from app.cli import console
from app.cli.progress import progress
from app.cli.summary import left, tell

app = typer.Typer(help="Corpora: files of many records.", no_args_is_help=True, rich_markup_mode=None)

ENDINGS = {".txt": Format.TXT, ".jsonl": Format.JSONL, ".ndjson": Format.JSONL}
_INTERRUPTED = 130


@app.callback()
def bulk() -> None:
    """Corpora: files of many records."""


@app.command(
    epilog=console.examples(
        "dragoman bulk run examples/messages.jsonl --to en --out messages.en.jsonl",
        "printf 'Bom dia.\\nAté amanhã.\\n' | dragoman bulk run - --format txt --to en --out -",
    )
)
def run(
    corpus: Annotated[Path, typer.Argument(metavar="IN", help="File to read; - is standard input.")],
    to: console.Target,
    out: Annotated[Path, typer.Option(metavar="OUT", help="File to write; - is standard output.")],
    source: console.Source = "auto",
    candidates: console.Candidates = None,
    field: Annotated[str, typer.Option(help="Field of a JSONL record that holds its text.")] = "text",
    shape: Annotated[
        Format | None, typer.Option("--format", help="By default, the ending of IN or OUT says it.")
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Write over OUT and what an earlier run left.")
    ] = False,
    cost_centre: Annotated[
        str | None, typer.Option("--cost-centre", metavar="NAME", help="What the charges are filed under.")
    ] = None,
    json: Annotated[
        bool, typer.Option("--json", help="Print the report as JSON, on standard output.")
    ] = False,
    server: console.Server = None,
    key: console.Key = None,
) -> None:
    """Translate every record of a file, in order, with memory that does not grow with it.

    txt: one record a line. jsonl: one object a line, which gets a field `translation`. Exits 1 when a record
    failed; those are listed in OUT.failed.jsonl.
    """
    if json and out == STDIO:
        raise typer.BadParameter(
            "--json prints the report where --out - prints the translations. Name a file."
        )
    from app.validation import cost_centre as checked  # noqa: PLC0415

    order = Order(
        str(uuid.uuid4()),
        to,
        console.declared(source),
        console.codes(candidates),
        checked(cost_centre),
    )
    records = corpora.form(_format(shape, corpus, out), field)
    report = Report(order.job)
    with ExitStack() as stack:
        lines = stack.enter_context(opened(corpus))
        output = stack.enter_context(_output(out, source=corpus, force=force))
        advance = stack.enter_context(progress(corpus, shown=not json and sys.stderr.isatty()))
        engine = _engine(server, key, order)
        try:
            asyncio.run(_run(engine, lines, records, output, report, advance))
            output.commit()
        except KeyboardInterrupt:
            console.complain(f"Interrupted after {report.records:,} records. {left(output)}")
            raise typer.Exit(_INTERRUPTED) from None
        except Exception:
            console.complain(f"Stopped after {report.records:,} records. {left(output)}")
            raise
    tell(report, output, json=json)
    if report.failed:
        raise typer.Exit(1)


async def _run(
    opening: AbstractAsyncContextManager[Engine],
    lines: Lines,
    shape: Form,
    output: FileOutput | StreamOutput,
    report: Report,
    progress: Progress,
) -> None:
    async with opening as engine:
        windows = corpora.windows(corpora.records(lines, shape))
        await go(windows, shape, engine=engine, sink=output, report=report, progress=progress)


def _engine(server: str | None, key: str | None, order: Order) -> AbstractAsyncContextManager[Engine]:
    if server is not None:
        from app.bulk.remote import connected  # noqa: PLC0415

        return connected(server, order, key=key)
    from app.bulk.local import embedded  # noqa: PLC0415
    from app.settings import load_settings  # noqa: PLC0415

    console.quiet()
    return embedded(load_settings(), order)


def _format(given: Format | None, corpus: Path, out: Path) -> Format:
    for path in (corpus, out):
        given = given or ENDINGS.get(path.suffix.lower())
    if given is None:
        raise typer.BadParameter(
            "Neither IN nor OUT ends in .txt or .jsonl. Say --format txt or --format jsonl."
        )
    return given


def _output(out: Path, *, source: Path, force: bool) -> AbstractContextManager[FileOutput | StreamOutput]:
    return nullcontext(StreamOutput()) if out == STDIO else FileOutput(out, source=source, force=force)
