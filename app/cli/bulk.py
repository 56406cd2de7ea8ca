"""dragoman bulk."""

import asyncio
import sys
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import (
    AbstractAsyncContextManager,
    AbstractContextManager,
    ExitStack,
    contextmanager,
    nullcontext,
)
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, BinaryIO

import typer

from app.bulk.corpus import Format
from app.cli import console

if TYPE_CHECKING:
    from app.bulk.corpus import Form, Record
    from app.bulk.engine import Engine, Order
    from app.bulk.output import FileOutput, StreamOutput
    from app.bulk.report import Report

app = typer.Typer(help="Corpora: files of many records.", no_args_is_help=True, rich_markup_mode=None)

_STDIO = Path("-")
_ENDINGS = {".txt": Format.TXT, ".jsonl": Format.JSONL, ".ndjson": Format.JSONL}
_NAMED = 5
"""Failed records named on standard error; the file beside the output has them all."""
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
        bool, typer.Option("--force", help="Write over OUT and what a stopped run left.")
    ] = False,
    json: Annotated[
        bool, typer.Option("--json", help="Print the report as JSON, on standard output.")
    ] = False,
    server: console.Server = None,
) -> None:
    """Translate every record of a file, in order, with memory that does not grow with it.

    txt: one record a line. jsonl: one object a line, which gets a field `translation`. Exits 1 when a record
    failed; those are listed in OUT.failed.jsonl.
    """
    if json and out == _STDIO:
        raise typer.BadParameter(
            "--json prints the report where --out - prints the translations. Name a file."
        )
    from app.bulk.corpus import form  # noqa: PLC0415
    from app.bulk.engine import Order  # noqa: PLC0415
    from app.bulk.report import Report  # noqa: PLC0415

    order = Order(str(uuid.uuid4()), to, console.declared(source), console.codes(candidates))
    records = form(_format(shape, corpus, out), field)
    report = Report(order.job)
    with ExitStack() as stack:
        lines = stack.enter_context(_opened(corpus))
        output = stack.enter_context(_output(out, source=corpus, force=force))
        progress = stack.enter_context(_progress(corpus, shown=not json and sys.stderr.isatty()))
        engine = _engine(server, order)
        try:
            asyncio.run(_run(engine, lines, records, output, report, progress))
            output.commit()
        except KeyboardInterrupt:
            console.complain(f"Interrupted after {report.records:,} records. {_left(output)}")
            raise typer.Exit(_INTERRUPTED) from None
        except Exception:
            console.complain(f"Stopped after {report.records:,} records. {_left(output)}")
            raise
    _tell(report, output, json=json)
    if report.failed:
        raise typer.Exit(1)


async def _run(
    opening: "AbstractAsyncContextManager[Engine]",
    lines: BinaryIO,
    shape: "Form",
    output: "FileOutput | StreamOutput",
    report: "Report",
    progress: Callable[[int, int], None],
) -> None:
    from app.bulk import corpus  # noqa: PLC0415
    from app.bulk.run import run as go  # noqa: PLC0415

    async with opening as engine:
        windows: Iterator[Sequence[Record]] = corpus.windows(corpus.records(lines, shape))
        await go(windows, shape, engine=engine, sink=output, report=report, progress=progress)


def _engine(server: str | None, order: "Order") -> "AbstractAsyncContextManager[Engine]":
    if server is not None:
        from app.bulk.remote import connected  # noqa: PLC0415

        return connected(server, order)
    from app.bulk.local import embedded  # noqa: PLC0415
    from app.settings import load_settings  # noqa: PLC0415

    console.quiet()
    return embedded(load_settings(), order)


def _format(given: Format | None, corpus: Path, out: Path) -> Format:
    for path in (corpus, out):
        given = given or _ENDINGS.get(path.suffix.lower())
    if given is None:
        raise typer.BadParameter(
            "Neither IN nor OUT ends in .txt or .jsonl. Say --format txt or --format jsonl."
        )
    return given


@contextmanager
def _opened(corpus: Path) -> Iterator[BinaryIO]:
    from app.errors import ConfigurationError  # noqa: PLC0415

    if corpus == _STDIO:
        # Not sys.stdin: the interpreter waits for whoever reads that, also after Ctrl-C.
        with open(0, "rb", closefd=False) as lines:
            yield lines
        return
    try:
        lines = corpus.open("rb")
    except OSError as error:
        raise ConfigurationError(f"{corpus} cannot be read: {error.strerror}.") from error
    with lines:
        yield lines


def _output(out: Path, *, source: Path, force: bool) -> "AbstractContextManager[FileOutput | StreamOutput]":
    from app.bulk.output import FileOutput, StreamOutput  # noqa: PLC0415

    return nullcontext(StreamOutput()) if out == _STDIO else FileOutput(out, source=source, force=force)


@contextmanager
def _progress(corpus: Path, *, shown: bool) -> Iterator[Callable[[int, int], None]]:
    """A bar over the bytes of the file, with characters a second and the time left."""
    if not shown:
        yield lambda _size, _characters: None
        return
    from rich import progress as bar  # noqa: PLC0415
    from rich.console import Console  # noqa: PLC0415

    columns = (
        bar.BarColumn(),
        bar.TaskProgressColumn(),
        bar.TextColumn("{task.fields[characters]:,} characters, {task.fields[rate]:,.0f} a second"),
        bar.TimeRemainingColumn(),
    )
    total = corpus.stat().st_size if corpus.is_file() else None
    with bar.Progress(*columns, console=Console(stderr=True)) as shown_bar:
        task = shown_bar.add_task("", total=total, characters=0, rate=0.0)

        def advance(size: int, characters: int) -> None:
            state = shown_bar.tasks[0]
            done = state.fields["characters"] + characters
            rate = done / (state.elapsed or 1.0)
            shown_bar.update(task, advance=size, characters=done, rate=rate)

        yield advance


def _left(output: "FileOutput | StreamOutput") -> str:
    from app.bulk.output import FileOutput  # noqa: PLC0415

    if output.empty:
        return "Nothing was written."
    if isinstance(output, FileOutput):
        return f"What was written so far is in {output.part}; {output.path} was not touched."
    return "The output ends there."


def _tell(report: "Report", output: "FileOutput | StreamOutput", *, json: bool) -> None:
    from app.bulk.output import FileOutput  # noqa: PLC0415

    kept = str(output.failures) if isinstance(output, FileOutput) and output.failed else None
    body = {**report.body(), "failures": kept}
    if json:
        console.emit_json(body)
    else:
        console.emit_table(("bulk run", ""), list(_rows(body)), stderr=True)
    if kept is not None:
        console.complain(f"{output.failed:,} failed: {_first(Path(kept))}. All of them are listed in {kept}.")


def _rows(body: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for name in ("records", "characters", "translated", "unchanged", "failed"):
        yield name, f"{body[name]:,}"
    for name in ("flags", "languages", "errors"):
        yield name, ", ".join(f"{key} {count:,}" for key, count in body[name].items()) or "none"
    yield "seconds", f"{body['seconds']:,.1f}"
    yield "characters a second", f"{body['characters_per_second']:,.0f}"
    yield "price", f"{body['price']} {body['currency']}"
    yield "measured cost", f"{body['cost']} {body['currency']}"
    yield "cost a million", f"{body['cost_per_million'] or '-'} {body['currency']}"


def _first(failures: Path) -> str:
    """The first failed records, by line and code."""
    import json  # noqa: PLC0415
    from itertools import islice  # noqa: PLC0415

    with failures.open("rb") as lines:
        found = [json.loads(line) for line in islice(lines, _NAMED + 1)]
    named = ", ".join(f"line {each['line']} {each['code']}" for each in found[:_NAMED])
    return f"{named} and more" if len(found) > _NAMED else named
