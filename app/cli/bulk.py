"""dragoman bulk."""

from collections.abc import Mapping
from typing import Any

import typer

from app.bulk import stores
from app.bulk.corpus import Shape, corpus
from app.bulk.encoding import UTF_8
from app.bulk.listing import Listing
from app.bulk.memory import Memory
from app.cli import bulkoptions as options
from app.cli import console, forecast, terms
from app.cli.errand import Errand
from app.cli.summary import tell
from app.cli.wanted import Corpora, Layout, Manner, Means, Telling, Wanted, Wish

app = typer.Typer(help="Corpora: files of many records.", no_args_is_help=True, rich_markup_mode=None)


@app.callback()
def bulk() -> None:
    """Corpora: files of many records."""


@app.command(
    epilog=console.examples(
        "dragoman bulk run examples/messages.jsonl --to en --out messages.en.jsonl",
        "printf 'Bom dia.\\nAté amanhã.\\n' | dragoman bulk run - --format txt --to en --out -",
        "echo Thanks. | dragoman bulk run - --format txt --from en --to pt --glossary examples/terms.tsv --out -",
    )
)
def run(
    named: options.Named,
    to: console.Target,
    out: options.Out,
    source: console.Source = "auto",
    candidates: console.Candidates = None,
    field: options.Field = None,
    shape: options.Chosen = None,
    flat: options.Flat = None,
    encoding: options.Encoding = UTF_8,
    out_encoding: options.OutEncoding = None,
    delimiter: options.Delimiter = None,
    limit: options.Limit = None,
    sample: options.Sample = 1.0,
    threads: options.Threads = None,
    max_memory: options.MaxMemory = None,
    force: options.Force = False,
    restart: options.Restart = False,
    cost_centre: console.CostCentre = None,
    glossary: terms.Glossary = None,
    protect: terms.Protect = None,
    confidence: options.Confidence = False,
    dry_run: options.DryRun = False,
    forecast_first: options.ForecastFirst = False,
    report: options.Page = None,
    quiet: options.Quiet = False,
    json: console.ReportJson = False,
    server: console.Server = None,
    key: console.Key = None,
    engine: options.Chooser = options.Where.LOCAL,
    address: options.Address = None,
) -> None:
    """Translate every record of a corpus, in order, with memory that does not grow with it.

    txt: one record a line. jsonl: one object a line, which gets a field `translation`. csv, tsv, parquet, tables of a
    database: a row, which gets columns. Run it again after whatever stopped it: it goes on. Exits 1 when a record
    failed; those are listed in OUT.failed.jsonl.
    """
    wanted = Wanted(
        corpora=Corpora(named=named, out=stores.local(out), chosen=options.chosen(shape), limit=limit, sample=sample),
        layout=Layout(
            fields=field or ["text"], flat=flat,
            encoding=encoding, out_encoding=out_encoding, delimiter=delimiter, scored=confidence,
        ),
        wish=Wish(
            target=to, source=source, candidates=candidates, cost_centre=cost_centre,
            glossary=glossary, protect=protect or (), scored=confidence,
        ),
        means=Means(
            server=server, key=key, engine=engine, address=address, threads=threads, max_memory=max_memory
        ),
        manner=Manner(force=force, restart=restart, dry_run=dry_run, forecast=forecast_first),
        telling=Telling(page=report, quiet=quiet, json=json),
    )  # fmt: skip
    _carry_out(wanted)


def _carry_out(wanted: Wanted) -> None:
    wanted.check()
    shape = wanted.layout.shape()
    found = wanted.corpora.found()
    if found.skipped and not wanted.telling.quiet:
        console.complain(f"{found.skipped:,} files are skipped: their names end like those of no corpus.")
    if wanted.manner.dry_run:
        _emit(_forecast(wanted, found, shape), json=wanted.telling.json)
    else:
        _finish(_translate(wanted, found, shape), wanted)


def _forecast(wanted: Wanted, found: Listing, shape: Shape) -> Mapping[str, Any]:
    corpora, means = wanted.corpora, wanted.means
    records = corpus(found, shape, spool=None, limit=corpora.limit, sample=corpora.sample)
    return forecast.made(records, wanted.wish.order(""), server=means.server, key=means.key)


def _translate(wanted: Wanted, found: Listing, shape: Shape) -> dict[str, Any]:
    """The report."""
    wish, means, manner, telling = wanted.wish, wanted.means, wanted.manner, wanted.telling
    errand = Errand(
        found,
        shape,
        wanted.options(shape),
        wanted.corpora.out,
        Memory(means.memory()),
        shown=not telling.quiet and not telling.json,
    )
    session = errand.session(force=manner.force, restart=manner.restart)
    order = wish.order(session.job)
    expected = errand.forecast(order, server=means.server, key=means.key) if manner.forecast else None
    opening = means.opening(order)
    return errand.run(opening, session, restart=manner.restart, forecast=expected)


def _finish(ended: Mapping[str, Any], wanted: Wanted) -> None:
    telling = wanted.telling
    tell(ended, json=telling.json, quiet=telling.quiet)
    if telling.page is not None:
        from app.bulk.page import page  # noqa: PLC0415

        telling.page.write_text(page(ended, name=wanted.corpora.out), encoding="utf-8")
    if ended["failed"]:
        raise typer.Exit(1)


def _emit(body: Mapping[str, Any], *, json: bool) -> None:
    if json:
        console.emit_json(body)
    else:
        forecast.tell(body)
