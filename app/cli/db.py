"""dragoman db."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli import console

if TYPE_CHECKING:
    from app.storage.examination import Examination
    from app.storage.stepping import Step

COPY = "dragoman db copy --from /var/lib/dragoman"

app = typer.Typer(
    help="The database: SQLite in the data folder, or PostgreSQL.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
Schema = Annotated[
    str | None,
    typer.Option("--to", metavar="SCHEMA", help="Another than the newest, such as 0019: forward or back."),
]
Lose = Annotated[
    bool, typer.Option("--lose-data", help="Go back even where the older schema has no place for something.")
]
From = Annotated[
    Path, typer.Option("--from", metavar="FOLDER", help="Data folder that holds the SQLite database.")
]
To = Annotated[
    str | None,
    typer.Option("--to", metavar="URL", help="An empty PostgreSQL database. Default: DRAGOMAN_DATABASE_URL."),
]


@app.command(
    epilog=console.examples("dragoman db migrate", "dragoman db migrate && dragoman db migrate --to 0021")
)
def migrate(to: Schema = None, lose: Lose = False, json: console.Json = False) -> None:
    """Bring the schema up to date, making the database if it is not there. A service does so itself when it starts."""
    from app.settings import load_settings  # noqa: PLC0415
    from app.storage.engine import connect_database, open_database  # noqa: PLC0415
    from app.storage.migrate import newest  # noqa: PLC0415
    from app.storage.stepping import Step, step  # noqa: PLC0415

    settings = load_settings()
    if to is None:
        database = open_database(settings.data_dir, settings.database_url.get_secret_value())
        database.close()
        _tell(database.name, Step(None, str(newest()), back=False), json=json)
        return
    database = connect_database(settings.data_dir, settings.database_url.get_secret_value())
    try:
        done = step(database, to, lose=lose)
    finally:
        database.close()
    _tell(database.name, done, json=json)


@app.command(epilog=console.examples("dragoman db migrate && dragoman db check --json"))
def check(json: console.Json = False) -> None:
    """Say whether the database is reachable, up to date and writable. Changes nothing; exits 1 if it is not."""
    from app.settings import load_settings  # noqa: PLC0415
    from app.storage.engine import connect_database  # noqa: PLC0415
    from app.storage.examination import examine  # noqa: PLC0415

    settings = load_settings()
    database = connect_database(settings.data_dir, settings.database_url.get_secret_value())
    found = examine(database)
    database.close()
    _show(found, json=json)
    if found.fault is not None:
        console.complain(found.fault)
    elif not found.current:
        console.complain("The schema is not this release's. Run `dragoman db migrate`.")
    if not found.sound:
        raise typer.Exit(1)


@app.command(epilog=console.examples(COPY))
def copy(source: From, to: To = None, json: console.Json = False) -> None:
    """Copy everything from SQLite into an empty PostgreSQL database, checked. Stop the service first."""
    from app.errors import ConfigurationError  # noqa: PLC0415
    from app.settings import load_settings  # noqa: PLC0415
    from app.storage.engine import connect_database  # noqa: PLC0415
    from app.storage.moving import move  # noqa: PLC0415
    from app.storage.postgresql import PostgresDatabase  # noqa: PLC0415

    url = to or load_settings().database_url.get_secret_value()
    if not url:
        raise ConfigurationError("Say where to copy to: --to postgresql://…, or DRAGOMAN_DATABASE_URL.")
    origin, target = connect_database(source), PostgresDatabase(url)
    try:
        origin.ping()
        moved = move(origin, target)
    finally:
        origin.close()
        target.close()
    if json:
        console.emit_json(
            {
                "database": target.name,
                "tables": [{"name": t.table, "rows": t.rows, "sha256_sum": t.checksum} for t in moved],
            }
        )
    else:
        console.emit_table(
            ("table", "rows", "checksum, equal in both"), [(t.table, t.rows, t.checksum[:16]) for t in moved]
        )


def _tell(name: str, done: "Step", *, json: bool) -> None:
    if json:
        lost = [{"table": each.table, "column": each.column, "rows": each.count} for each in done.lost]
        console.emit_json({"database": name, "schema": done.after, "went_back": done.back, "lost": lost})
        return
    console.emit(f"{name} has schema {done.after}.\n")
    for each in done.lost:
        console.emit(f"Lost: {each}.\n")
    if done.back:
        console.complain(
            "This release takes it forward again as soon as it opens it: go on with the older one."
        )


def _show(found: "Examination", *, json: bool) -> None:
    from app import __version__  # noqa: PLC0415

    body = {
        "database": found.database,
        "kind": found.kind,
        "dragoman": __version__,
        "server": found.server,
        "schema": found.schema,
        "newest_schema": found.newest,
        "writable": found.writable,
        "ok": found.sound,
        "fault": found.fault,
    }
    if json:
        console.emit_json(body)
        return
    names = ("database", "kind", "dragoman", "server", "schema", "newest_schema", "writable", "ok")
    rows = [(name.replace("_", " "), "none" if body[name] is None else str(body[name])) for name in names]
    console.emit_table(("check", ""), rows)
