"""dragoman bench."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli import console
from app.cli.models import installed_card

if TYPE_CHECKING:
    from app.cli.budgets import Rate
    from app.settings import Settings
    from models.card import ModelCard

app = typer.Typer(help="What this machine can do.", no_args_is_help=True, rich_markup_mode=None)


@app.callback()
def bench() -> None:
    """What this machine can do."""


@app.command(epilog=console.examples("dragoman bench tune --model starter-en-pt --rounds 1"))
def tune(
    model: Annotated[
        str | None,
        typer.Option(metavar="ID", help="The model to measure; all that are installed if left out."),
    ] = None,
    rounds: Annotated[int, typer.Option(min=1, help="Measurements of each size; the median counts.")] = 5,
    write: Annotated[bool, typer.Option("--write", help="Keep the result for the service to use.")] = False,
    json: console.OwnJson = False,
) -> None:
    """Find the batch size that suits a model on this machine.

    Translates built-in sentences in batches of several sizes, in turns, and recommends the smallest size that is
    within 2 % of the fastest. Takes under a minute for a small model; let the machine do nothing else meanwhile.
    """
    from app.settings import load_settings  # noqa: PLC0415

    settings = load_settings()
    found = [_tuned(card, settings, rounds=rounds, write=write) for card in _cards(model, settings)]
    if json:
        console.emit_json({"tunings": found})
        return
    for each in found:
        _print(each)


@app.command(epilog=console.examples("dragoman bench run B9 --quick --rounds 1"))
def run(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[NAME]...", help="B1, B2 and so on; all if left out.")
    ] = None,
    quick: Annotated[bool, typer.Option("--quick", help="Two small rounds, no verdicts.")] = False,
    rounds: Annotated[int | None, typer.Option(min=1, help="5, or 2 with --quick.")] = None,
    segments: Annotated[int | None, typer.Option(min=1, help="Distinct segments of B3; 20,000.")] = None,
    records: Annotated[
        int | None, typer.Option(min=1, help="Records of B3's memory test; 1,000,000.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write the results there, as JSON.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON, without tables.")] = False,
) -> None:
    """Measure this installation on this machine: the embedded models, the queue, the whole service.

    B1 clients over HTTP against the engine alone, B2 people beside a bulk job, B3 bulk runs, B4 repeats, B7 cost,
    B8 overheads and starts, B9 the ledger, B10 ten times the load. Starts servers on loopback with data directories of
    their own; without names takes about an hour. Let the machine do nothing else meanwhile.
    """
    from app.bench import report, suite  # noqa: PLC0415

    wanted = suite.named(names or [])
    plan = suite.planned(quick=quick, rounds=rounds, segments=segments, records=records)
    found = {}
    for name in wanted:
        result = suite.measured(name, plan, module=suite.MODULES[name])
        found[name] = report.plain(result)
        if out is not None:
            suite.write(found, out)
        if not json:
            console.emit_wide(report.table(result))
    if json:
        console.emit_json(found)


def _cards(model: str | None, settings: "Settings") -> "list[ModelCard]":
    from models.catalogue import installed  # noqa: PLC0415

    return [installed_card(model)] if model else list(installed(settings.model_dir).cards)


def _tuned(card: "ModelCard", settings: "Settings", *, rounds: int, write: bool) -> dict[str, Any]:
    from app.cli.budgets import language, measure, recommended  # noqa: PLC0415
    from app.engineroom import engine_options  # noqa: PLC0415
    from app.tuning import this_machine  # noqa: PLC0415
    from models.loader import load  # noqa: PLC0415

    options, pair = engine_options(settings), card.pairs[0]
    threads, backend = options.threads, load(card, options)
    try:
        rates, segments = measure(backend, pair, threads=threads, rounds=rounds, most=settings.batch_segments)
    finally:
        backend.close()
    budget = recommended(rates)
    return {
        "model": card.id,
        "batch_tokens": budget,
        "measured": [_rate(rate) for rate in rates],
        "text": language(pair.source),
        "segments": segments,
        "rounds": rounds,
        "threads": threads,
        "machine": this_machine(),
        "written": str(_written(card, settings, rates, budget)) if write else None,
    }


def _rate(rate: "Rate") -> dict[str, Any]:
    return {
        "batch_tokens": rate.budget,
        "characters_per_second": round(rate.median, 1),
        "least": round(min(rate.runs), 1),
        "most": round(max(rate.runs), 1),
    }


def _written(card: "ModelCard", settings: "Settings", rates: "list[Rate]", budget: int) -> Path:
    from app.tuning import Tuning, this_machine, write_tuning  # noqa: PLC0415

    measured = {rate.budget: rate.median for rate in rates}
    today = datetime.now(UTC).date()
    return write_tuning(
        settings.data_dir, card, Tuning(budget, measured, this_machine(), today, card.fingerprint)
    )


def _print(found: dict[str, Any]) -> None:
    rows = [
        tuple(round(each[name]) for name in ("batch_tokens", "characters_per_second", "least", "most"))
        for each in found["measured"]
    ]
    console.emit_table(("batch tokens", "characters a second", "least", "most"), rows)
    console.emit(
        f"{found['model']}: {found['batch_tokens']} padded tokens a batch, over {found['segments']} segments in "
        f"{found['text']}, {found['rounds']} rounds, {found['threads']} engine threads, {found['machine']}.\n"
    )
    if found["written"]:
        console.emit(f"Written to {found['written']}.\n")
