"""dragoman audit."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli import console
from app.cli.ledger import opened

if TYPE_CHECKING:
    from app.audit.log import Event

app = typer.Typer(
    help="Who changed tenants, keys, prices and glossaries, and who fetched results.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@app.command("list", epilog=console.examples("dragoman audit list", "dragoman audit list --limit 10 --json"))
def list_events(
    tenant: Annotated[str | None, typer.Option(metavar="NAME", help="About one tenant only.")] = None,
    limit: Annotated[int, typer.Option(min=1, metavar="N", help="So many, the newest first.")] = 100,
    json: console.Json = False,
) -> None:
    """List what was done, the newest first."""
    from app.audit.log import listed  # noqa: PLC0415

    with opened() as (_, database):
        found = [_body(event) for event in listed(database, tenant=tenant, limit=limit)]
    if json:
        console.emit_json({"events": found})
        return
    console.emit_table(
        ("event", "at", "actor", "action", "tenant", "subject", "details"),
        [
            (
                each["sequence"],
                each["at"],
                each["actor"],
                each["action"],
                each["tenant"] or "-",
                each["subject"] or "-",
                ", ".join(f"{name} {value}" for name, value in each["details"].items()),
            )
            for each in found
        ],
    )


@app.command(epilog=console.examples("dragoman audit verify", "dragoman audit verify --json"))
def verify(
    noted: Annotated[
        str | None,
        typer.Option("--hash", metavar="HASH", help="One that this printed before: it must still be there."),
    ] = None,
    json: console.Json = False,
) -> None:
    """Hold the events against their seal: finds what was changed, taken out or put in. Exits 1 if anything was."""
    from app.audit.log import verify as verified  # noqa: PLC0415

    with opened() as (_, database):
        verdict = verified(database, noted=noted)
    if json:
        console.emit_json(
            {
                "holds": not verdict.findings,
                "events": verdict.events,
                "hash": verdict.hash,
                "findings": [{"event": each.sequence, "problem": each.problem} for each in verdict.findings],
            }
        )
    else:
        for each in verdict.findings:
            console.emit(f"{each.sequence}: {each.problem}\n")
        console.emit(f"{verdict.events:,} events, hash {verdict.hash}\n")
    if verdict.findings:
        raise typer.Exit(1)


def _body(event: "Event") -> dict[str, Any]:
    return {
        "sequence": event.sequence,
        "at": event.at.isoformat(),
        "actor": event.actor,
        "action": event.action,
        "tenant": event.tenant,
        "subject": event.subject,
        "details": dict(event.details),
        "hash": event.hash,
    }
