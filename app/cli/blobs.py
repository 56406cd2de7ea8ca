"""dragoman blobs."""

from pathlib import Path
from typing import Annotated

import typer

from app.cli import console

app = typer.Typer(
    help="The files of jobs: in the data folder, or in an S3-compatible store.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@app.command(epilog=console.examples("dragoman db migrate && dragoman blobs check"))
def check() -> None:
    """Say where documents and results are kept, and whether that place answers; exits 2 if it does not."""
    from app.jobs.assembly import blobs_place, open_blobs  # noqa: PLC0415
    from app.settings import load_settings  # noqa: PLC0415

    settings = load_settings()
    open_blobs(settings).ping()
    console.emit(f"{blobs_place(settings)} answers.\n")


@app.command(epilog=console.examples("dragoman db migrate && dragoman blobs copy --from /var/lib/dragoman"))
def copy(
    origin: Annotated[
        str,
        typer.Option("--from", metavar="PLACE", help="The data folder, or s3://BUCKET/PREFIX, they are in."),
    ],
    json: console.Json = False,
) -> None:
    """Copy the files that jobs name to where DRAGOMAN_BLOBS says, checked. May be run again; removes nothing."""
    from app.errors import ConfigurationError  # noqa: PLC0415
    from app.jobs.assembly import blobs_place, open_blobs  # noqa: PLC0415
    from app.jobs.carrying import carry  # noqa: PLC0415
    from app.settings import load_settings  # noqa: PLC0415
    from app.storage.engine import connect_database  # noqa: PLC0415

    settings = load_settings()
    there = {"blobs": origin} if origin.startswith("s3://") else {"blobs": "", "data_dir": Path(origin)}
    old = settings.model_copy(update=there)
    if blobs_place(old) == blobs_place(settings):
        raise ConfigurationError(
            f"{blobs_place(old)} is where they are to go: set DRAGOMAN_BLOBS to the new place."
        )
    database = connect_database(settings.data_dir, settings.database_url.get_secret_value())
    try:
        database.ping()
        done = carry(database, open_blobs(old), open_blobs(settings))
    finally:
        database.close()
    if json:
        console.emit_json({"copied": done.copied, "there": done.there, "missing": list(done.missing)})
    else:
        console.emit(f"{done.copied:,} files copied to {blobs_place(settings)}, {done.there:,} were there.\n")
    if done.missing:
        console.complain(
            f"{len(done.missing)} files that jobs name are not in {blobs_place(old)}, or damaged."
        )
        raise typer.Exit(1)
