"""dragoman memory."""

from typing import Annotated

import typer

from app.cli import console

app = typer.Typer(
    help="Translation memories: what people corrected.", no_args_is_help=True, rich_markup_mode=None
)
Tenant = Annotated[str, typer.Option("--tenant", metavar="NAME", help="Whose; by default local.")]


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
        found = open_reviews(settings, database, open_vault(settings, database)).memory.entries(tenant)
    if json:
        console.emit_json({"entries": [bodies.entry(each) for each in found]})
    else:
        console.emit(tmx.written(found))


@app.command(epilog=console.examples("dragoman memory erase --tenant local"))
def erase(tenant: Tenant = "local") -> None:
    """Delete a tenant's memory, for good. Verdicts, which hold no text, stay for the figures."""
    from app.cli.tenants import opened  # noqa: PLC0415
    from app.review.reviews import open_reviews  # noqa: PLC0415
    from app.tenants.directory import Directory  # noqa: PLC0415
    from app.vault.opening import open_vault  # noqa: PLC0415

    with opened() as (settings, database):
        Directory(database).tenant(tenant)
        gone = open_reviews(settings, database, open_vault(settings, database)).memory.forget(tenant)
    console.emit(f"{gone:,} entries deleted.\n")
