"""dragoman memory."""

from typing import TYPE_CHECKING, Annotated

import typer

from app.cli import console

if TYPE_CHECKING:
    from datetime import datetime

app = typer.Typer(
    help="Translation memories: what people corrected.", no_args_is_help=True, rich_markup_mode=None
)
Tenant = Annotated[str, typer.Option("--tenant", metavar="NAME", help="Whose; by default local.")]
Job = Annotated[
    str | None, typer.Option("--job", metavar="ID", help="What corrections of one document left, alone.")
]
OlderThan = Annotated[
    str | None, typer.Option("--older-than", metavar="SPAN", help="What is older alone: 30m, 24h or 90d.")
]


@app.command(
    epilog=console.examples(
        "dragoman memory export > memory.tmx", "dragoman memory export --tenant local --json"
    )
)
def export(tenant: Tenant = "local", json: console.Json = False) -> None:
    """Print a tenant's memory as TMX 1.4b, the newest entry first."""
    from app.cli.tenants import opened  # noqa: PLC0415
    from app.review import bodies, tmx  # noqa: PLC0415
    from app.review.reviews import open_reviews  # noqa: PLC0415
    from app.tenants.directory import Directory  # noqa: PLC0415
    from app.vault.opening import open_vault  # noqa: PLC0415

    with opened() as (settings, database):
        Directory(database).tenant(tenant)
        memory = open_reviews(settings, database, open_vault(settings, database)).memory
        if json:
            entries = [bodies.entry(each) for each in memory.every(tenant)]
            console.emit_json({"version": memory.version(tenant), "entries": entries})
            return
        for part in tmx.written(memory.every(tenant)):
            console.emit(part)


@app.command(
    epilog=console.examples("dragoman memory erase --tenant local", "dragoman memory erase --older-than 90d")
)
def erase(tenant: Tenant = "local", job: Job = None, older_than: OlderThan = None) -> None:
    """Delete a tenant's memory, or a part of it, for good. Verdicts, which hold no text, stay for the figures."""
    from app.cli.tenants import opened  # noqa: PLC0415
    from app.review.reviews import open_reviews  # noqa: PLC0415
    from app.tenants.directory import Directory  # noqa: PLC0415
    from app.vault.opening import open_vault  # noqa: PLC0415

    before = ago(older_than)
    with opened() as (settings, database):
        Directory(database).tenant(tenant)
        gone = open_reviews(settings, database, open_vault(settings, database)).memory.forget(
            tenant, job=job, before=before
        )
    console.emit(f"Entries deleted: {gone:,}.\n")


def ago(older_than: str | None) -> "datetime | None":
    """Raises typer.BadParameter."""
    from datetime import UTC, datetime  # noqa: PLC0415

    from app.cli.entered import span  # noqa: PLC0415

    return None if older_than is None else datetime.now(UTC) - span(older_than)
