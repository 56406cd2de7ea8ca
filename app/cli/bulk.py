"""dragoman bulk."""

import asyncio
import sys
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Annotated, Any

import typer

from app.bulk import stores
from app.bulk.corpus import Corpus, LineSource, Shape, corpus
from app.bulk.drain import draining
from app.bulk.encoding import UTF_8, codec
from app.bulk.engine import KnownEngine, Order
from app.bulk.form import Format
from app.bulk.joining import Joiner
from app.bulk.keeping import PartKeeper, StreamKeeper, left
from app.bulk.listing import STDIO, Listing, listing
from app.bulk.output import StreamWriter
from app.bulk.report import Report
from app.bulk.run import run as go
from app.bulk.session import Session
from app.bulk.target import Place, target
from app.cli import console
from app.cli.progress import Watching, watching
from app.cli.summary import Told, tell

app = typer.Typer(help="Corpora: files of many records.", no_args_is_help=True, rich_markup_mode=None)

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
    named: Annotated[
        list[str],
        typer.Argument(metavar="IN...", help="Files, folders or patterns to read; - is standard input."),
    ],
    to: console.Target,
    out: Annotated[
        str,
        typer.Option(metavar="OUT", help="File to write, or folder for several; - is standard output."),
    ],
    source: console.Source = "auto",
    candidates: console.Candidates = None,
    field: Annotated[
        list[str] | None,
        typer.Option(help="Field or column that holds a text; may be given several times. Default: text."),
    ] = None,
    shape: Annotated[
        Format | None, typer.Option("--format", help="By default, the ending of IN or OUT says it.")
    ] = None,
    flat: Annotated[
        bool | None,
        typer.Option(
            "--columns/--struct", help="What is added: columns of their own, or one struct a field."
        ),
    ] = None,
    encoding: Annotated[str, typer.Option(help="Encoding of the text read.")] = UTF_8,
    out_encoding: Annotated[
        str | None, typer.Option("--out-encoding", help="Encoding of the text written. Default: that read.")
    ] = None,
    delimiter: Annotated[
        str | None, typer.Option(help="What separates the cells of a CSV; comma by default.")
    ] = None,
    limit: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="Translate the first N records alone.")
    ] = None,
    sample: Annotated[
        float, typer.Option(min=0.0, max=1.0, metavar="SHARE", help="Translate this share of the records.")
    ] = 1.0,
    threads: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="Engine threads. Default: DRAGOMAN_THREADS.")
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Write over an OUT that no run of this command made.")
    ] = False,
    restart: Annotated[
        bool, typer.Option("--restart", help="Drop what an earlier run did, and begin anew.")
    ] = False,
    cost_centre: Annotated[
        str | None, typer.Option("--cost-centre", metavar="NAME", help="What the charges are filed under.")
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", help="Print nothing but errors.")] = False,
    json: Annotated[
        bool, typer.Option("--json", help="Print the report as JSON, on standard output.")
    ] = False,
    server: console.Server = None,
    key: console.Key = None,
) -> None:
    """Translate every record of a corpus, in order, with memory that does not grow with it.

    txt: one record a line. jsonl: one object a line, which gets a field `translation`. csv, tsv: a row, which gets
    columns. Run it again after whatever stopped it: it goes on. Exits 1 when a record failed; those are listed in
    OUT.failed.jsonl.
    """
    if json and out == STDIO:
        raise typer.BadParameter(
            "--json prints the report where --out - prints the translations. Name a file."
        )
    from app.validation import cost_centre as checked  # noqa: PLC0415

    own = () if stores.is_remote(out) else Place(Path(out)).names
    found = listing(named, chosen=shape, out=out, own=own)
    _fit(found, out)
    into = target(out, folder=found.folder, work=_work(out))
    place = into.place
    fields = tuple(dict.fromkeys(field or ["text"]))
    read = codec(encoding)
    told = Shape(fields, flat, read, codec(out_encoding) if out_encoding else read, delimiter)
    streamed = out == STDIO
    records = corpus(found, told, spool=None if streamed else place.spool, limit=limit, sample=sample)
    session = Session(into, records, fields=fields)
    if not streamed:
        session.check([item.address for item in found.items], force=force, restart=restart)
    order = Order(session.job, to, console.declared(source), console.codes(candidates), checked(cost_centre))
    engine = _engine(server, key, order, threads=threads)
    options = {
        "--to": to, "--from": source, "--candidates": candidates, "--field": fields, "--format": shape,
        "--struct": None if flat is None else not flat,
        "--encoding": told.encoding, "--out-encoding": told.out_encoding,
        "--delimiter": delimiter, "--limit": limit, "--sample": sample, "--cost-centre": cost_centre,
    }  # fmt: skip
    watched = watching(found, shown=not quiet and not json)
    if found.skipped and not quiet:
        console.complain(f"{found.skipped:,} files are skipped: their names end like those of no corpus.")
    try:
        if streamed:
            ended = asyncio.run(_stream(engine, records, fields, Report(order.job), watched))
        else:
            ended = asyncio.run(_resumable(engine, session, records, options, watched, restart=restart))
    except (KeyboardInterrupt, asyncio.CancelledError):
        console.complain(_stopped(place, streamed=streamed))
        raise typer.Exit(_INTERRUPTED) from None
    except Exception:
        if place.parts.exists():
            console.complain(_stopped(place, streamed=streamed))
        raise
    if ended is None:
        console.complain(_stopped(place, streamed=streamed))
        raise typer.Exit(_INTERRUPTED)
    tell(ended, json=json, quiet=quiet)
    if ended["failed"]:
        raise typer.Exit(1)


async def _resumable(
    opening: AbstractAsyncContextManager[KnownEngine],
    session: Session,
    records: Corpus,
    options: dict[str, Any],
    watched: Watching,
    *,
    restart: bool,
) -> dict[str, Any] | None:
    """The report; None where it was told to stop before the end."""
    with session:
        async with opening as engine:
            receipts = await asyncio.to_thread(session.begin, options, engine, restart=restart)
            if not session.translated:
                keeper = PartKeeper(session.parts, engine.models)
                with watched as progress, draining(_draining) as drain:
                    windows = left(records.windows(), receipts)
                    whole = await go(windows, engine=engine, keeper=keeper, progress=progress, drain=drain)
                if not whole:
                    return None
        return await asyncio.to_thread(session.finish)


async def _stream(
    opening: AbstractAsyncContextManager[KnownEngine],
    records: Corpus,
    fields: Sequence[str],
    report: Report,
    watched: Watching,
) -> dict[str, Any] | None:
    (source,) = records.sources
    assert isinstance(source, LineSource)  # noqa: S101
    failures = Told()
    writer = StreamWriter(source.form(), encoding=source.shape.out_encoding)
    joiner = Joiner(source.name, fields, writer=writer, report=report, failures=failures)
    async with opening as engine:
        keeper = StreamKeeper(joiner, report, engine.models)
        with watched as progress, draining(_draining) as drain:
            whole = await go(records.windows(), engine=engine, keeper=keeper, progress=progress, drain=drain)
    sys.stdout.buffer.flush()
    return {**report.body(), "failures": None} if whole else None


def _draining() -> None:
    console.complain("Finishing what is in the engine; Ctrl-C again stops at once.")


def _stopped(place: Place, *, streamed: bool) -> str:
    if streamed:
        return "Stopped. The output ends there."
    return f"Stopped. What is done is in {place.parts}: the same command goes on from there."


def _fit(found: Listing, out: str) -> None:
    (first, *_) = found.items
    if (first.format is Format.SQL) != (stores.table(out) is not None):
        raise typer.BadParameter("A table is written to a table: both are named as …?table=NAME.")
    if stores.is_remote(out):
        return
    if found.folder and (out == STDIO or Path(out).is_file()):
        raise typer.BadParameter("Several files are written into a folder: name one as --out.")
    if not found.folder and out != STDIO and Path(out).is_dir():
        raise typer.BadParameter(f"{out} is a folder; the output of one file is a file.")
    if out == STDIO and first.format is Format.PARQUET:
        raise typer.BadParameter("Parquet is written to a file.")


def _work(out: str) -> Path:
    """For what is done of a run whose output is not on a disk of this machine."""
    if not stores.is_remote(stores.local(out)):
        return Path()
    from app.settings import load_settings  # noqa: PLC0415

    return load_settings().data_dir / "bulk"


def _engine(
    server: str | None, key: str | None, order: Order, *, threads: int | None
) -> AbstractAsyncContextManager[KnownEngine]:
    if server is not None:
        from app.bulk.remote import connected  # noqa: PLC0415

        return connected(server, order, key=key)
    from app.bulk.local import embedded  # noqa: PLC0415
    from app.settings import load_settings  # noqa: PLC0415

    console.quiet()
    return embedded(load_settings(**({} if threads is None else {"threads": threads})), order)
