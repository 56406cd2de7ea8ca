"""dragoman bulk."""

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from app.bulk import stores
from app.bulk.corpus import Shape, corpus
from app.bulk.encoding import UTF_8, codec
from app.bulk.engine import KnownEngine, Order
from app.bulk.form import Format
from app.bulk.listing import STDIO, Listing, listing
from app.bulk.memory import Memory, shares
from app.bulk.target import Place
from app.cli import console, entered, forecast
from app.cli.errand import Errand
from app.cli.summary import tell

app = typer.Typer(help="Corpora: files of many records.", no_args_is_help=True, rich_markup_mode=None)


class Where(StrEnum):
    LOCAL = "local"
    RAY = "ray"


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
    max_memory: Annotated[
        str | None,
        typer.Option("--max-memory", metavar="SIZE", help="Memory to take at most: 800MB, 2GB."),
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
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what it would come to, as `dragoman estimate`; do nothing.")
    ] = False,
    forecast_first: Annotated[
        bool, typer.Option("--forecast", help="Say so before it begins, and hold it against what it came to.")
    ] = False,
    report: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write the report there, as a page of HTML.")
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", help="Print nothing but errors.")] = False,
    json: Annotated[
        bool, typer.Option("--json", help="Print the report as JSON, on standard output.")
    ] = False,
    server: console.Server = None,
    key: console.Key = None,
    engine: Annotated[Where, typer.Option(help="What translates, where --server does not.")] = Where.LOCAL,
    address: Annotated[
        str | None,
        typer.Option(
            envvar="RAY_ADDRESS",
            show_envvar=False,
            metavar="HOST:PORT",
            help="Head of the Ray cluster, or auto. Left out: one of this machine alone, for this run.",
        ),
    ] = None,
) -> None:
    """Translate every record of a corpus, in order, with memory that does not grow with it.

    txt: one record a line. jsonl: one object a line, which gets a field `translation`. csv, tsv, parquet, tables of a
    database: a row, which gets columns. Run it again after whatever stopped it: it goes on. Exits 1 when a record
    failed; those are listed in OUT.failed.jsonl.
    """
    out = stores.local(out)
    if json and out == STDIO:
        raise typer.BadParameter(
            "--json prints the report where --out - prints the translations. Name a file."
        )
    if engine is Where.RAY and server is not None:
        raise typer.BadParameter("--server is an engine of its own: leave --engine out.")
    from app.validation import cost_centre as checked  # noqa: PLC0415

    read = codec(encoding)
    fields = tuple(dict.fromkeys(field or ["text"]))
    told = Shape(fields, flat, read, codec(out_encoding) if out_encoding else read, delimiter)
    options = {
        "--to": to, "--from": source, "--candidates": candidates, "--field": fields, "--format": shape,
        "--struct": None if flat is None else not flat,
        "--encoding": told.encoding, "--out-encoding": told.out_encoding,
        "--delimiter": delimiter, "--limit": limit, "--sample": sample, "--cost-centre": cost_centre,
    }  # fmt: skip
    found = _listed(named, shape, out)
    _fit(found, out)
    if found.skipped and not quiet:
        console.complain(f"{found.skipped:,} files are skipped: their names end like those of no corpus.")
    asked: dict[str, Any] = {
        "target": to,
        "source": console.declared(source),
        "candidates": console.codes(candidates),
    }
    if dry_run:
        records = corpus(found, told, spool=None, limit=limit, sample=sample)
        _emit(forecast.made(records, asked, server=server, key=key), json=json)
        return
    most = None if max_memory is None else entered.size(max_memory)
    errand = Errand(found, told, options, out, Memory(most), shown=not quiet and not json)
    session = errand.session(force=force, restart=restart)
    expected = errand.forecast(asked, server=server, key=key) if forecast_first else None
    order = Order(session.job, cost_centre=checked(cost_centre), **asked)
    opening = _engine(
        server, key, order, threads=threads, memory=most, cluster=engine is Where.RAY, address=address
    )
    ended = errand.run(opening, session, restart=restart, forecast=expected)
    tell(ended, json=json, quiet=quiet)
    if report is not None:
        from app.bulk.page import page  # noqa: PLC0415

        report.write_text(page(ended, name=out), encoding="utf-8")
    if ended["failed"]:
        raise typer.Exit(1)


def _listed(named: list[str], shape: Format | None, out: str) -> Listing:
    own = () if stores.is_remote(out) else Place(Path(out)).names
    return listing(named, chosen=shape, out=out, own=own)


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


def _engine(
    server: str | None,
    key: str | None,
    order: Order,
    *,
    threads: int | None,
    memory: int | None,
    cluster: bool,
    address: str | None,
) -> AbstractAsyncContextManager[KnownEngine]:
    if server is not None:
        from app.bulk.remote import connected  # noqa: PLC0415

        return connected(server, order, key=key)
    from app.bulk.local import embedded  # noqa: PLC0415
    from app.settings import load_settings  # noqa: PLC0415

    console.quiet()
    own = {} if memory is None else shares(memory)
    settings = load_settings(**own, **({} if threads is None else {"threads": threads}))
    if cluster:
        from app.bulk.ray import clustered  # noqa: PLC0415

        return clustered(settings, order, address=address)
    return embedded(settings, order)


def _emit(body: Mapping[str, Any], *, json: bool) -> None:
    if json:
        console.emit_json(body)
    else:
        forecast.tell(body)
