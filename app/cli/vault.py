"""dragoman vault."""

from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli import console
from app.cli.ledger import opened
from app.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from app.storage.engine import Database
    from app.vault.keyring import Keyring
    from app.vault.rotation import Rotation, Turned

app = typer.Typer(
    help="Keys that texts at rest are encrypted under.", no_args_is_help=True, rich_markup_mode=None
)


@app.command(epilog=console.examples("dragoman vault status", "dragoman vault status --json"))
def status(json: console.Json = False) -> None:
    """Say which master keys there are, each tenant's data keys, and how much is not under the newest of them."""
    from app.settings import load_settings  # noqa: PLC0415

    if not load_settings().encrypts:
        body: dict[str, Any] = {"encrypted": False, "masters": [], "tenants": []}
    else:
        with _rotation() as (database, keyring, rotation):
            masters = [each.id for each in keyring.masters.known]
            body = {"encrypted": True, "masters": masters, "tenants": _tenants(database, rotation)}
    if json:
        console.emit_json(body)
        return
    if not body["encrypted"]:
        console.emit("Texts at rest are not encrypted: no master key is configured.\n")
        return
    console.emit_table(
        ("tenant", "data keys", "newest of", "wrapped by", "not under the newest"),
        [
            (
                each["tenant"],
                each["keys"],
                each["created_at"] or "-",
                ", ".join(each["masters"]),
                each["stale"],
            )
            for each in body["tenants"]
        ],
    )
    console.emit(f"Master keys: {', '.join(body['masters'])}; the first wraps what is new.\n")


@app.command(
    "rotate-master",
    epilog=console.examples(
        "DRAGOMAN_MASTER_KEY=$(openssl rand -base64 32) dragoman vault rotate-master --json"
    ),
)
def rotate_master(
    to: Annotated[
        str | None, typer.Option("--to", metavar="ID", help="This master key instead of the first.")
    ] = None,
    json: console.Json = False,
) -> None:
    """Wrap every data key with the current master key; the one before can then be taken away. Services go on."""
    with _rotation() as (_, keyring, rotation):
        master = to or keyring.masters.current.id
        keys = rotation.master(to)
    if json:
        console.emit_json({"master": master, "keys": keys})
        return
    console.emit(f"{keys:,} data keys were wrapped anew. All of them are under {master}.\n")


@app.command(
    "rotate-tenant",
    epilog=console.examples(
        "DRAGOMAN_MASTER_KEY=$(openssl rand -base64 32) dragoman vault rotate-tenant local",
        "DRAGOMAN_MASTER_KEY=$(openssl rand -base64 32) dragoman vault rotate-tenant --all --json",
    ),
)
def rotate_tenant(
    name: Annotated[str | None, typer.Argument(metavar="[NAME]", help="The tenant.")] = None,
    every: Annotated[bool, typer.Option("--all", help="Every tenant, one after the other.")] = False,
    json: console.Json = False,
) -> None:
    """Make a tenant a new data key and encrypt with it all that is kept, what was in the clear too. Services go on.

    Stopped or killed, it goes on when it is run again. Exits 1 where something does not open; that stays as it is.
    """
    if every == (name is not None):
        raise typer.BadParameter("Name a tenant, or say --all.")
    with _rotation() as (database, _, rotation):
        names = _all(database, rotation) if name is None else [_known(database, name)]
        done = {each: rotation.tenant(each) for each in names}
    _tell(done, json=json)
    if any(each.unreadable for each in done.values()):
        raise typer.Exit(1)


@contextmanager
def _rotation() -> "Iterator[tuple[Database, Keyring, Rotation]]":
    from app.jobs.assembly import open_blobs  # noqa: PLC0415
    from app.vault.opening import open_vault  # noqa: PLC0415
    from app.vault.rotation import Rotation  # noqa: PLC0415

    with opened() as (settings, database):
        keyring = open_vault(settings, database).keyring
        if keyring is None:
            raise ConfigurationError(
                "No master key is configured, so nothing is encrypted. Set DRAGOMAN_MASTER_KEY_FILE, "
                "DRAGOMAN_MASTER_KEY or DRAGOMAN_KMS_COMMAND (docs/privacy.md)."
            )
        yield database, keyring, Rotation(database, keyring, blobs=open_blobs(settings))


def _all(database: "Database", rotation: "Rotation") -> list[str]:
    """But those that were erased, which have nothing to encrypt."""
    from app.tenants.directory import Directory  # noqa: PLC0415
    from app.tenants.tenant import Status  # noqa: PLC0415

    return [
        each.name
        for each in Directory(database).tenants()
        if each.status is Status.ACTIVE or rotation.stale(each.name)
    ]


def _known(database: "Database", name: str) -> str:
    from app.tenants.directory import Directory  # noqa: PLC0415

    return Directory(database).tenant(name).name


def _tenants(database: "Database", rotation: "Rotation") -> list[dict[str, Any]]:
    from app.ledger.rows import moment_of  # noqa: PLC0415
    from app.tenants.directory import Directory  # noqa: PLC0415
    from app.vault.keyring import live  # noqa: PLC0415

    found = []
    for each in Directory(database).tenants():
        with database.read() as connection:
            keys = connection.execute(live(each.name)).mappings().all()
        found.append(
            {
                "tenant": each.name,
                "keys": len(keys),
                "created_at": moment_of(keys[0]["created_at"]).isoformat() if keys else None,
                "masters": sorted({key["master"] for key in keys}),
                "stale": rotation.stale(each.name),
            }
        )
    return found


def _tell(done: "dict[str, Turned]", *, json: bool) -> None:
    from dataclasses import asdict  # noqa: PLC0415

    if json:
        console.emit_json({"tenants": [{"tenant": name, **asdict(each)} for name, each in done.items()]})
        return
    columns = ("rows", "files", "unreadable", "destroyed", "waiting")
    console.emit_table(
        ("tenant", "rows", "files", "do not open", "old keys destroyed", "old keys kept for an hour"),
        [(name, *(getattr(each, column) for column in columns)) for name, each in done.items()],
    )
