"""dragoman keys."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli import console
from app.cli.entered import moment, span
from app.cli.tenants import opened

if TYPE_CHECKING:
    from app.tenants.directory import Issued
    from app.tenants.key import ApiKey
    from app.tenants.tenant import Scope

app = typer.Typer(help="API keys of tenants.", no_args_is_help=True, rich_markup_mode=None)
Scopes = Annotated[
    str | None,
    typer.Option(
        "--scopes",
        metavar="SCOPE,…",
        help="translate, documents, bulk, glossaries, review, usage, admin; all but admin if left out.",
    ),
]
Expires = Annotated[
    str | None,
    typer.Option(
        "--expires", metavar="WHEN", help="90d, 2027-01-31 or 2027-01-31T18:00Z; never if left out."
    ),
]
Requests = Annotated[
    int | None,
    typer.Option("--requests-per-minute", min=1, metavar="N", help="Requests a minute with this key."),
]
Characters = Annotated[
    int | None,
    typer.Option("--characters-per-minute", min=1, metavar="N", help="Characters a minute with this key."),
]
Id = Annotated[
    str, typer.Argument(metavar="ID", help="As `dragoman keys list` shows it; not the key itself.")
]


@app.command(
    epilog=console.examples(
        "dragoman keys create --tenant local --name laptop",
        "dragoman keys create --tenant local --scopes translate,usage --expires 90d --json",
    )
)
def create(
    tenant: Annotated[str, typer.Option("--tenant", metavar="NAME", help="Whose key it is.")],
    name: Annotated[str, typer.Option("--name", metavar="NAME", help="To tell it from others.")] = "",
    scopes: Scopes = None,
    expires: Expires = None,
    requests_per_minute: Requests = None,
    characters_per_minute: Characters = None,
    json: console.Json = False,
) -> None:
    """Make a key and print it. It is shown this once: only its hash is kept."""
    from app.tenants.directory import Directory  # noqa: PLC0415
    from app.tenants.tenant import OWN_WORK, Rates  # noqa: PLC0415

    ends = None if expires is None else moment(expires, now=datetime.now(UTC))
    wanted = OWN_WORK if scopes is None else _scopes(scopes)
    with opened() as (_, database):
        issued = Directory(database).create_key(
            tenant,
            name=name,
            scopes=wanted,
            rates=Rates(requests_per_minute, characters_per_minute),
            expires_at=ends,
        )
    _hand_over(issued, json=json)


@app.command(
    "list", epilog=console.examples("dragoman keys list", "dragoman keys list --tenant local --json")
)
def list_keys(
    tenant: Annotated[
        str | None, typer.Option("--tenant", metavar="NAME", help="This tenant's alone.")
    ] = None,
    json: console.Json = False,
) -> None:
    """List keys: id and first characters, never the key."""
    from app.tenants.directory import Directory  # noqa: PLC0415

    with opened() as (_, database):
        bodies = [body(key) for key in Directory(database).keys(tenant)]
    if json:
        console.emit_json({"keys": bodies})
        return
    columns = ("id", "tenant", "name", "prefix", "status", "scopes", "expires_at", "last_used_at")
    console.emit_table(
        [column.removesuffix("_at").replace("_", " ") for column in columns],
        [[_cell(each[column]) for column in columns] for each in bodies],
    )


@app.command(
    epilog=console.examples(
        "dragoman keys rotate key_5b1c09d2e4f7", "dragoman keys rotate key_5b1c09d2e4f7 --grace 7d --json"
    )
)
def rotate(
    key: Id,
    grace: Annotated[
        str,
        typer.Option(
            "--grace", metavar="SPAN", help="How long the old key goes on working: 30m, 24h, 7d, or 0."
        ),
    ] = "24h",
    json: console.Json = False,
) -> None:
    """Make a new key with the same tenant, scopes and limits; the old one ends after a while."""
    from app.tenants.directory import Directory  # noqa: PLC0415

    still = span(grace)
    with opened() as (_, database):
        issued = Directory(database).rotate_key(key, grace=still)
    _hand_over(issued, json=json)


@app.command(epilog=console.examples("dragoman keys revoke key_5b1c09d2e4f7"))
def revoke(key: Id, json: console.Json = False) -> None:
    """End a key, for good; a running service refuses it within five seconds."""
    from app.tenants.directory import Directory  # noqa: PLC0415

    with opened() as (_, database):
        revoked = Directory(database).revoke_key(key)
    if json:
        console.emit_json(body(revoked))
    else:
        console.emit(f"{revoked.id} ({revoked.prefix}…) of {revoked.tenant} is revoked.\n")


def body(key: "ApiKey") -> dict[str, Any]:
    return {
        "id": key.id,
        "tenant": key.tenant,
        "name": key.name,
        "prefix": key.prefix,
        "status": key.state(datetime.now(UTC)),
        "scopes": sorted(key.scopes),
        "requests_per_minute": key.rates.requests,
        "characters_per_minute": key.rates.characters,
        "created_at": key.created_at.isoformat(),
        "expires_at": _iso(key.expires_at),
        "revoked_at": _iso(key.revoked_at),
        "last_used_at": _iso(key.last_used_at),
    }


def _hand_over(issued: "Issued", *, json: bool) -> None:
    """The key alone on standard output, so that a script can take it."""
    if json:
        console.emit_json({**body(issued.key), "key": issued.secret})
        return
    console.emit(issued.secret + "\n")
    console.complain(
        f"Key {issued.key.id} of tenant {issued.key.tenant}. Keep it now: it is not shown again."
    )


def _scopes(text: str) -> "frozenset[Scope]":
    from app.tenants.tenant import Scope  # noqa: PLC0415

    names = {name.strip() for name in text.split(",") if name.strip()}
    unknown = sorted(names - set(Scope))
    if unknown:
        raise typer.BadParameter(f"{unknown[0][:40]!a} is no scope. There are {', '.join(Scope)}.")
    return frozenset(Scope(name) for name in names)


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


def _cell(value: Any) -> str:
    if isinstance(value, list):
        return ",".join(value)
    return "-" if value in (None, "") else str(value)
