"""dragoman models doctor."""

from typing import TYPE_CHECKING, Annotated

import typer

from app.cli import console
from app.cli.models import installed_card

if TYPE_CHECKING:
    from app.doctor import Report
    from models.catalogue import Problem

app = typer.Typer()

_SENTENCES = 60


@app.command(epilog=console.examples("dragoman models doctor starter-en-pt", "dragoman models doctor --json"))
def doctor(
    models: Annotated[list[str] | None, typer.Argument(metavar="[ID]...", help="All if left out.")] = None,
    write: Annotated[
        bool,
        typer.Option("--write", help="Keep the measured memory beside each card, for the service to use."),
    ] = False,
    json: console.OwnJson = False,
) -> None:
    """Examine the installed models: checksums, card, load, memory, speed, and whether they answer sensibly.

    Each in a process of its own, one after the other. Exits 1 when one cannot be served or fails its self-test.
    """
    reports, problems = _examined(models or [])
    if write:
        _write(reports)
    if json:
        console.emit_json(
            {
                "models": [report.body() for report in reports],
                "problems": [{"folder": each.folder.name, "reason": each.reason} for each in problems],
            }
        )
    else:
        _print(reports)
    for problem in problems:
        console.complain(f"{problem.folder.name} cannot be served. {problem.reason}")
    if problems or not all(report.sound for report in reports):
        raise typer.Exit(1)


def _examined(wanted: list[str]) -> "tuple[list[Report], list[Problem]]":
    from app.cli.budgets import segments  # noqa: PLC0415
    from app.doctor import examine  # noqa: PLC0415
    from app.engineroom import engine_options  # noqa: PLC0415
    from app.settings import load_settings  # noqa: PLC0415
    from models.catalogue import installed  # noqa: PLC0415

    settings = load_settings()
    catalogue = installed(settings.model_dir)
    cards = [installed_card(each) for each in wanted] or list(catalogue.cards)
    options = engine_options(settings)
    reports = [examine(card, options, segments(card.pairs[0].source, _SENTENCES)) for card in cards]
    return reports, [] if wanted else list(catalogue.problems)


def _write(reports: "list[Report]") -> None:
    from app.doctor import write  # noqa: PLC0415
    from app.engineroom import engine_options  # noqa: PLC0415
    from app.settings import load_settings  # noqa: PLC0415
    from models.catalogue import STARTER  # noqa: PLC0415

    options = engine_options(load_settings())
    for report in reports:
        # An installed package is nobody's to write to; what is reckoned for its models is near.
        if report.found.fault is not None or STARTER in report.card.path.parents:
            continue
        try:
            write(report, options)
        except OSError as error:
            console.complain(f"{report.card.path} cannot be written to: {error.strerror}.")


def _print(reports: "list[Report]") -> None:
    rows = [
        (
            report.card.id,
            "sound" if report.sound else "FAULTY",
            f"{report.found.load_seconds:.2f} s",
            f"{report.found.footprint / 1e6:.0f} MB",
            round(report.found.characters_per_second),
        )
        for report in reports
    ]
    console.emit_table(("model", "state", "load", "memory", "characters a second"), rows)
    for report in reports:
        for sentence in (*report.faults, *report.remarks):
            console.emit(f"{report.card.id}: {sentence}\n")
