"""dragoman backup."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli import console

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.backup.archive import About, Manifest
    from app.backup.restoring import Restored
    from app.privacy.erasure import Certified
    from app.settings import Settings

app = typer.Typer(
    help="Everything that must not be lost, in one file: made while the service runs, checked, put back.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
File = Annotated[Path, typer.Argument(metavar="FILE", help="The backup.")]
KeyFile = Annotated[
    Path | None,
    typer.Option(
        "--key-file", metavar="FILE", help="Key that seals it (AES-256-GCM): `openssl rand -base64 32`."
    ),
]
Erased = Annotated[
    list[Path] | None,
    typer.Option(
        "--erased",
        metavar="CERTIFICATE",
        help="Of a tenant that was erased since the backup: it is erased again. May be repeated.",
    ),
]
Trusted = Annotated[
    list[str] | None,
    typer.Option(
        "--signed-by",
        metavar="KEY",
        help="A public key, in base64, that certificates may be signed with, too; else this installation's alone.",
    ),
]
Locked = Annotated[
    bool,
    typer.Option("--locked", help="Though no master key is here that opens its texts: for the accounts."),
]


@app.command(epilog=console.examples("dragoman db migrate && dragoman backup create dragoman.backup"))
def create(file: File, key_file: KeyFile = None, json: console.Json = False) -> None:
    """Write the database at one moment and the files of its jobs. The service may run meanwhile."""
    from datetime import UTC, datetime  # noqa: PLC0415

    from app.backup.making import create as made  # noqa: PLC0415
    from app.jobs.assembly import open_blobs  # noqa: PLC0415
    from app.settings import load_settings  # noqa: PLC0415
    from app.storage.engine import connect_database  # noqa: PLC0415

    settings, key = load_settings(), _key(key_file)
    database = connect_database(settings.data_dir, settings.database_url.get_secret_value())
    try:
        database.ping()
        about, manifest = made(file, database, blobs=open_blobs(settings), key=key, now=datetime.now(UTC))
    finally:
        database.close()
    _tell(file, about, manifest, json=json)
    if manifest.missing:
        console.complain(
            f"{len(manifest.missing)} files that jobs name are not there, or damaged; "
            "the backup is whole but for them."
        )
        raise typer.Exit(1)


@app.command(
    epilog=console.examples(
        "dragoman db migrate && dragoman backup create now.backup && dragoman backup verify now.backup"
    )
)
def verify(file: File, key_file: KeyFile = None, json: console.Json = False) -> None:
    """Read a backup to its end and hold it against its manifest. Needs no database; exits 1 if it is damaged."""
    from app.backup.restoring import verify as verified  # noqa: PLC0415
    from app.errors import DamagedBackup  # noqa: PLC0415

    try:
        found = verified(file, _key(key_file))
    except DamagedBackup as error:
        console.complain(str(error))
        raise typer.Exit(1) from None
    _tell(file, found.about, found.manifest, json=json, masters=found.masters)


@app.command(
    epilog=console.examples(
        "dragoman db migrate && dragoman backup create old.backup && "
        "DRAGOMAN_DATA_DIR=elsewhere dragoman backup restore old.backup"
    )
)
def restore(
    file: File,
    key_file: KeyFile = None,
    erased: Erased = None,
    signed_by: Trusted = None,
    locked: Locked = False,
    json: console.Json = False,
) -> None:
    """Put a backup back into an empty database and data folder, and verify the ledger. All of it, or nothing.

    A tenant that was erased since the backup comes back with it: give its certificate, and it is erased again. One of
    an erasure before the backup changes nothing.
    """
    from app.backup.restoring import restore as restored  # noqa: PLC0415
    from app.jobs.assembly import open_blobs  # noqa: PLC0415
    from app.settings import load_settings  # noqa: PLC0415
    from app.storage.engine import connect_database  # noqa: PLC0415
    from app.vault.masters import masters_of  # noqa: PLC0415

    settings, key = load_settings(), _key(key_file)
    trusted = _trusted(settings, signed_by or ()) if erased else set()
    gone = [_certified(each, trusted) for each in erased or ()]
    masters = None if locked else masters_of(settings)
    database = connect_database(settings.data_dir, settings.database_url.get_secret_value())
    try:
        done = restored(file, key, target=database, blobs=open_blobs(settings), masters=masters, erased=gone)
    finally:
        database.close()
    _tell(file, done.about, done.manifest, json=json, masters=done.masters, restored=done)
    if done.ledger.findings:
        console.complain("The ledger is not what was sealed. `dragoman usage verify` says where.")
        raise typer.Exit(1)


def _key(file: Path | None) -> bytes | None:
    from app.backup.sealing import key_of  # noqa: PLC0415

    return None if file is None else key_of(file)


def _trusted(settings: "Settings", named: "Sequence[str]") -> set[str]:
    from app.provenance.signing import Signer  # noqa: PLC0415

    own = Signer.there(settings.data_dir, settings.signing_key.get_secret_value())
    return {*named, *(() if own is None else (own.public_key,))}


def _certified(certificate: Path, trusted: set[str]) -> "Certified":
    """Exits 1 where it was changed, or is signed by another key. Raises typer.BadParameter for what is none."""
    from app.cli.statement import read, signed_by  # noqa: PLC0415
    from app.privacy.erasure import Certified  # noqa: PLC0415

    document = read(certificate)
    signer = signed_by(document, None)
    if signer not in trusted:
        console.complain(
            f"{certificate} is signed by {signer}, which is not this installation's key. If it is the one of before "
            f"(its statement.key, or DRAGOMAN_SIGNING_KEY), put that back, or say --signed-by {signer}. "
            "Nothing was restored."
        )
        raise typer.Exit(1)
    found = Certified.of(document["statement"])
    if found is None:
        raise typer.BadParameter(f"{certificate} is no certificate of an erasure.")
    return found


def _tell(
    file: Path,
    about: "About",
    manifest: "Manifest",
    *,
    json: bool,
    masters: "Sequence[str] | None" = None,
    restored: "Restored | None" = None,
) -> None:
    body = _body(about, manifest)
    if masters is not None:
        body["master_keys"] = list(masters)
    if restored is not None:
        body |= _outcome(restored)
    if json:
        console.emit_json(body)
        return
    console.emit_table(("table", "rows"), [(each.name, each.rows) for each in manifest.tables])
    size = sum(each.size for each in manifest.files)
    console.emit(
        f"{file}: of {about.created_at}, schema {about.schema}, {len(manifest.files):,} files of jobs "
        f"({size:,} bytes).\n"
    )
    if masters:
        console.emit(f"Its texts open with the master key {', '.join(masters)}, which is not in it.\n")
    if restored is not None:
        console.emit(f"The ledger {'does not hold' if restored.ledger.findings else 'holds'}.\n")
        for tenant in restored.erased:
            console.emit(f"The tenant {tenant} was erased again.\n")
        for tenant in restored.older:
            console.emit(
                f"The tenant {tenant} was erased before the backup was made: what the backup holds of it came later, "
                "and stays.\n"
            )
        console.emit(
            f"Tenants that were erased after {about.created_at} are back, unless they are named here, and their "
            "certificates no longer true: erase them again (`dragoman privacy erase`).\n"
        )


def _outcome(done: "Restored") -> dict[str, Any]:
    return {
        "ledger": {
            "holds": not done.ledger.findings,
            "findings": len(done.ledger.findings),
            "entries": sum(head.sequence for head in done.ledger.heads),
        },
        "erased_again": list(done.erased),
        "erased_before": list(done.older),
    }


def _body(about: "About", manifest: "Manifest") -> dict[str, Any]:
    return {
        "created_at": about.created_at,
        "dragoman": about.dragoman,
        "schema": about.schema,
        "database": about.database,
        "tables": [
            {"name": each.name, "rows": each.rows, "sha256_sum": each.sha256_sum} for each in manifest.tables
        ],
        "files": len(manifest.files),
        "bytes": sum(each.size for each in manifest.files),
        "deleted_meanwhile": list(manifest.deleted),
        "missing": list(manifest.missing),
    }
