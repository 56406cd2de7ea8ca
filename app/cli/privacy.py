"""dragoman privacy."""

import json as standard_json
import os
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TextIO

import typer

from app.cli import console
from app.cli.ledger import opened
from app.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from app.privacy.erasure import Found

app = typer.Typer(
    help="All that is held about a tenant: handed out, or erased with a certificate.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
Times = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="KIND=TIME",
        help="documents, results, memory, review or replay = 30m, 12h, 7d or default.",
    ),
]


@app.command(epilog=console.examples("dragoman privacy export --tenant local -o local.zip"))
def export(
    tenant: console.Tenant,
    out: Annotated[Path, typer.Option("-o", "--out", metavar="FILE", help="Zip; it must not be there yet.")],
    json: console.Json = False,
) -> None:
    """Write everything that is held about a tenant, decrypted, into one zip of JSON lines and files."""
    from app.jobs.assembly import open_blobs  # noqa: PLC0415
    from app.privacy.export import export as exported  # noqa: PLC0415
    from app.vault.blobs import SealedBlobs  # noqa: PLC0415
    from app.vault.opening import open_vault  # noqa: PLC0415

    with opened() as (settings, database):
        vault = open_vault(settings, database)
        blobs = SealedBlobs(open_blobs(settings), vault, database)
        about = exported(out, database, blobs=blobs, vault=vault, tenant=tenant)
    if json:
        console.emit_json(about)
        return
    console.emit_table(("table", "rows"), list(about["rows"].items()))
    console.emit(f"{out}: with {about['files']:,} files. It is not encrypted.\n")


@app.command(
    epilog=console.examples(
        "dragoman privacy erase --tenant local --json",
        "dragoman privacy erase --tenant local --yes -o certificate.json",
    )
)
def erase(
    tenant: console.Tenant,
    yes: Annotated[
        bool, typer.Option("--yes", help="Do it; otherwise it only says what would be erased.")
    ] = False,
    out: Annotated[
        Path | None,
        typer.Option("-o", "--out", metavar="FILE", help="The certificate, instead of standard output."),
    ] = None,
    json: console.Json = False,
) -> None:
    """Destroy a tenant's data keys, delete all its texts and files, and give a signed certificate of it.

    There is no way back. The tenant is suspended first, and stays so. Ledger and audit log stay: they hold no text.
    """
    from app.jobs.assembly import open_blobs  # noqa: PLC0415
    from app.privacy.erasure import erase as erased  # noqa: PLC0415
    from app.privacy.erasure import look  # noqa: PLC0415
    from app.provenance.signing import Signer  # noqa: PLC0415

    with opened() as (settings, database):
        blobs = open_blobs(settings)
        if not yes:
            _foretell(look(database, blobs, tenant), json=json)
            return
        signer = Signer.open(settings.data_dir, settings.signing_key.get_secret_value())
        if out is None:
            console.emit_json(signer.signed(erased(database, blobs, tenant)))
            return
        with _certificate(out) as file:
            certificate = signer.signed(erased(database, blobs, tenant))
            standard_json.dump(certificate, file, ensure_ascii=False, indent=2)
    console.emit(
        f"The tenant {tenant} was erased. The certificate is {out}, signed by {signer.public_key}.\n"
    )


@app.command(
    epilog=console.examples(
        "dragoman privacy erase --tenant local --yes -o erased.json && dragoman privacy verify erased.json"
    )
)
def verify(
    file: Annotated[Path, typer.Argument(metavar="CERTIFICATE", help="As `privacy erase` gave it.")],
    key: console.SignedBy = None,
    json: console.Json = False,
) -> None:
    """Check a certificate's signature, and look again whether anything of the tenant is held here. Exits 1 if so."""
    from app.cli.statement import read, signed_by  # noqa: PLC0415
    from app.errors import NotThere  # noqa: PLC0415
    from app.jobs.assembly import open_blobs  # noqa: PLC0415
    from app.privacy.erasure import KIND, Found, look  # noqa: PLC0415

    document = read(file)
    signer = signed_by(document, key)
    statement = document["statement"]
    if statement.get("kind") != KIND:
        raise typer.BadParameter(f"{file} is no certificate of an erasure.")
    with opened() as (settings, database):
        try:
            found = look(database, open_blobs(settings), statement["tenant"])
        except NotThere:
            found = Found({}, 0, 0)
    body = {"signed_by": signer, "tenant": statement["tenant"], "held_now": _body(found)}
    if json:
        console.emit_json(body)
    else:
        console.emit(f"Signed by {signer}.\n")
        held = "Nothing" if found.nothing else "Something again"
        console.emit(f"{held} of the tenant {statement['tenant']} is held here now.\n")
    if not found.nothing:
        raise typer.Exit(1)


@app.command(
    epilog=console.examples(
        "dragoman privacy retention --tenant local",
        "dragoman privacy retention --tenant local --set documents=7d --set memory=90d --json",
    )
)
def retention(
    tenant: console.Tenant,
    wanted: Times = None,
    json: console.Json = False,
) -> None:
    """Show or change how long a tenant's texts are kept. A change holds for what is kept already, within a minute."""
    from app.privacy.retention import Retention, parsed, shown  # noqa: PLC0415

    changes = dict(map(parsed, wanted or ()))
    with opened() as (settings, database):
        kept = Retention(database)
        if changes:
            kept.change(tenant, changes)
        own = dict(shown(kept.of(tenant)))
    usual = {
        "documents": f"{settings.job_retention:g}h",
        "results": f"{settings.job_retention:g}h",
        "memory": f"{settings.review_days:g}d",
        "review": f"{settings.review_days:g}d",
        "replay": f"{settings.replay_keep}s",
    }
    if json:
        console.emit_json({"tenant": tenant, "own": own, "default": usual})
        return
    rows = [(kind, own.get(kind, "-"), time) for kind, time in usual.items()]
    console.emit_table(("kept", "this tenant's", "default"), rows)


@app.command(
    epilog=console.examples("dragoman privacy purge --json", "dragoman privacy purge -o purged.json")
)
def purge(
    out: Annotated[
        Path | None,
        typer.Option("-o", "--out", metavar="FILE", help="A signed report; it must not be there yet."),
    ] = None,
    json: console.Json = False,
) -> None:
    """Delete now what is past its time, and look whether it is gone. Exits 1 if anything is left."""
    from dataclasses import asdict  # noqa: PLC0415
    from datetime import UTC, datetime  # noqa: PLC0415

    from app.jobs.assembly import open_blobs  # noqa: PLC0415
    from app.privacy.retention import Retention  # noqa: PLC0415
    from app.provenance.signing import Signer  # noqa: PLC0415

    with opened() as (settings, database), nullcontext() if out is None else _certificate(out) as file:
        done = Retention(database).purge(open_blobs(settings))
        if file is not None:
            signer = Signer.open(settings.data_dir, settings.signing_key.get_secret_value())
            standard_json.dump(signer.signed(done.statement(datetime.now(UTC))), file, indent=2)
    if json:
        console.emit_json({**asdict(done), "proved": done.proved})
    else:
        rows = [(kind, number, done.left[kind], done.kept[kind]) for kind, number in done.deleted.items()]
        console.emit_table(("kept", "were over", "found afterwards", "not over"), rows)
        console.emit(f"{done.files_left:,} of their files are left.\n")
    if not done.proved:
        raise typer.Exit(1)


@contextmanager
def _certificate(out: Path) -> "Iterator[TextIO]":
    """Made before anything is erased, so that the certificate has a place; gone again where nothing was certified."""
    try:
        descriptor = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise ConfigurationError(
            f"{out} is there already, and nothing was deleted: give a new name."
        ) from None
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            yield file
    except BaseException:
        out.unlink(missing_ok=True)
        raise


def _foretell(found: "Found", *, json: bool) -> None:
    if json:
        console.emit_json({"erased": False, "held": _body(found)})
        return
    rows = [*found.rows.items(), ("files", found.files), ("data keys", found.keys)]
    console.emit_table(("held", "number"), rows)
    console.emit("Nothing was erased. Say --yes to erase all of it for good.\n")


def _body(found: "Found") -> dict[str, Any]:
    return {"rows": dict(found.rows), "files": found.files, "keys": found.keys}
