"""dragoman review."""

from typing import Annotated, Any

import typer

from app.cli import console, sampling
from app.cli.memory import OlderThan, Tenant, ago

app = typer.Typer(help="What people say of translations.", no_args_is_help=True, rich_markup_mode=None)

app.command("sample", epilog=sampling.EXAMPLES)(sampling.sample)


@app.command(
    epilog=console.examples("dragoman review agreement", "dragoman review agreement --tenant local --json")
)
def agreement(tenant: Tenant = "local", json: console.Json = False) -> None:
    """Show how often people left flagged segments as they stood, by language pair and models."""
    from app.cli.tenants import opened  # noqa: PLC0415
    from app.review import bodies  # noqa: PLC0415
    from app.review.reviews import open_reviews  # noqa: PLC0415
    from app.tenants.directory import Directory  # noqa: PLC0415
    from app.vault.opening import open_vault  # noqa: PLC0415

    with opened() as (settings, database):
        Directory(database).tenant(tenant)
        found = [
            bodies.agreement(each)
            for each in open_reviews(settings, database, open_vault(settings, database)).agreement(tenant)
        ]
    if json:
        console.emit_json({"agreement": found})
        return
    console.emit_table(
        ("pair", "models", "accepted", "corrected", "escalated", "agreement"), [_row(each) for each in found]
    )


@app.command(
    epilog=console.examples("dragoman review erase --older-than 90d", "dragoman review erase --job job_1")
)
def erase(
    tenant: Tenant = "local",
    job: Annotated[str | None, typer.Option("--job", metavar="ID", help="Of one document alone.")] = None,
    older_than: OlderThan = None,
) -> None:
    """Delete verdicts, and the corrections that stayed with documents, for good: all, or a part.

    What is in doubt and still there is to be decided again. Entries of the memory: dragoman memory erase.
    """
    from app.cli.tenants import opened  # noqa: PLC0415
    from app.review.reviews import open_reviews  # noqa: PLC0415
    from app.tenants.directory import Directory  # noqa: PLC0415
    from app.vault.opening import open_vault  # noqa: PLC0415

    before = ago(older_than)
    with opened() as (settings, database):
        Directory(database).tenant(tenant)
        gone = open_reviews(settings, database, open_vault(settings, database)).forget(
            tenant, job=job, before=before
        )
    console.emit(f"{gone:,} verdicts deleted.\n")


def _row(body: dict[str, Any]) -> tuple[str, ...]:
    share = body["agreement"]
    return (
        f"{body['source_language']} → {body['target_language']}",
        " + ".join(body["models"]) or "-",
        *(f"{body[name]:,}" for name in ("accepted", "corrected", "escalated")),
        "-" if share is None else f"{share:.1%}",
    )
