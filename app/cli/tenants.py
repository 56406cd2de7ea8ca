"""dragoman tenants."""

from contextlib import contextmanager
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli import console
from app.cli.entered import amount

if TYPE_CHECKING:
    from collections.abc import Iterator

    from app.settings import Settings
    from app.storage.engine import Database
    from app.tenants.tenant import Budget, Rates, Recall, Tenant

app = typer.Typer(
    help="Whose work it is: tenants, their limits and budgets.", no_args_is_help=True, rich_markup_mode=None
)
Name = Annotated[str, typer.Argument(metavar="NAME", help="1 to 64 of a-z, A-Z, 0-9, '.', '_' and '-'.")]
Characters = Annotated[
    int | None,
    typer.Option(
        "--monthly-characters", min=0, metavar="N", help="Billed characters a calendar month (UTC)."
    ),
]
Money = Annotated[
    Decimal | None,
    typer.Option(
        "--monthly-budget",
        parser=amount,
        metavar="AMOUNT",
        help="Price a calendar month, in the service's currency.",
    ),
]
Hard = Annotated[
    bool | None,
    typer.Option(
        "--hard/--soft",
        help="Refuse what goes over the budget (default), or translate it and say so.",
        show_default=False,
    ),
]
Requests = Annotated[
    int | None,
    typer.Option("--requests-per-minute", min=1, metavar="N", help="Requests a minute, all keys together."),
]
Minutely = Annotated[
    int | None,
    typer.Option(
        "--characters-per-minute", min=1, metavar="N", help="Characters a minute, all keys together."
    ),
]


Memory = Annotated[
    str | None,
    typer.Option(
        "--memory",
        metavar="off|show|exact|default",
        help="The translation memory: unused, shown to reviewers, or applied to equal texts; default: DRAGOMAN_MEMORY.",
    ),
]


@app.command(
    epilog=console.examples(
        "dragoman tenants create north",
        "dragoman tenants create south --monthly-characters 5000000 --monthly-budget 40 --json",
    )
)
def create(
    name: Name,
    monthly_characters: Characters = None,
    monthly_budget: Money = None,
    hard: Hard = None,
    requests_per_minute: Requests = None,
    characters_per_minute: Minutely = None,
    memory: Memory = None,
    json: console.Json = False,
) -> None:
    """Make a tenant. It has no key yet: `dragoman keys create --tenant NAME`."""
    from app.tenants.directory import Directory  # noqa: PLC0415

    with opened() as (settings, database):
        made = Directory(database).create_tenant(
            name,
            rates=_rates(requests_per_minute, characters_per_minute),
            budget=_budget(monthly_characters, monthly_budget, hard=hard is not False),
            memory=_recall(memory),
        )
        body = _body(made, settings, database)
    _tell(body, json=json)


@app.command("list", epilog=console.examples("dragoman tenants list", "dragoman tenants list --json"))
def list_tenants(json: console.Json = False) -> None:
    """List the tenants. `local` is whose work it is without a key."""
    from app.tenants.directory import Directory  # noqa: PLC0415

    with opened() as (settings, database):
        bodies = [_body(each, settings, database) for each in Directory(database).tenants()]
    if json:
        console.emit_json({"tenants": bodies})
        return
    console.emit_table(
        ("tenant", "status", "characters", "of a month's", "price", "of a month's", "over it", "requests a minute",
         "characters a minute"),
        [_row(body) for body in bodies],
    )  # fmt: skip


@app.command(epilog=console.examples("dragoman tenants show local", "dragoman tenants show local --json"))
def show(name: Name, json: console.Json = False) -> None:
    """Show a tenant, with its keys."""
    from app.cli.keys import body as key_body  # noqa: PLC0415
    from app.tenants.directory import Directory  # noqa: PLC0415

    with opened() as (settings, database):
        directory = Directory(database)
        body = {
            **_body(directory.tenant(name), settings, database),
            "keys": [key_body(key) for key in directory.keys(name)],
        }
    _tell(body, json=json)


@app.command(
    epilog=console.examples(
        "dragoman tenants update local --monthly-characters 1000000 --soft",
        "dragoman tenants update local --no-budget --no-limits --json",
        "dragoman tenants update local --memory show",
    )
)
def update(
    name: Name,
    monthly_characters: Characters = None,
    monthly_budget: Money = None,
    hard: Hard = None,
    requests_per_minute: Requests = None,
    characters_per_minute: Minutely = None,
    memory: Memory = None,
    no_budget: Annotated[bool, typer.Option("--no-budget", help="Forget the budget first.")] = False,
    no_limits: Annotated[bool, typer.Option("--no-limits", help="Forget the limits a minute first.")] = False,
    json: console.Json = False,
) -> None:
    """Change a tenant's budget, limits and memory; what is not named stays. Services follow within five seconds."""
    from app.tenants.directory import Directory  # noqa: PLC0415
    from app.tenants.tenant import Budget, Rates  # noqa: PLC0415

    with opened() as (settings, database):
        directory = Directory(database)
        old = directory.tenant(name)
        budget = Budget(hard=old.budget.hard) if no_budget else old.budget
        rates = Rates() if no_limits else old.rates
        new = _budget(monthly_characters, monthly_budget, hard=budget.hard if hard is None else hard)
        changed = directory.change_tenant(
            name,
            rates=Rates(requests_per_minute or rates.requests, characters_per_minute or rates.characters),
            budget=Budget(
                budget.characters if new.characters is None else new.characters,
                budget.price_nanos if new.price_nanos is None else new.price_nanos,
                hard=new.hard,
            ),
            memory="default" if memory == "default" else _recall(memory),
        )
        body = _body(changed, settings, database)
    _tell(body, json=json)


@app.command(epilog=console.examples("dragoman tenants suspend local"))
def suspend(name: Name, json: console.Json = False) -> None:
    """Refuse everything with the keys of a tenant until it is resumed. Nothing is deleted."""
    from app.tenants.tenant import Status  # noqa: PLC0415

    _set_status(name, Status.SUSPENDED, json=json)


@app.command(epilog=console.examples("dragoman tenants resume local"))
def resume(name: Name, json: console.Json = False) -> None:
    """Let the keys of a suspended tenant work again."""
    from app.tenants.tenant import Status  # noqa: PLC0415

    _set_status(name, Status.ACTIVE, json=json)


@contextmanager
def opened() -> "Iterator[tuple[Settings, Database]]":
    """The settings of the environment and the database they name, which a server may be using at the same time."""
    from app.settings import load_settings  # noqa: PLC0415
    from app.storage.engine import open_database  # noqa: PLC0415

    settings = load_settings()
    database = open_database(settings.data_dir, settings.database_url.get_secret_value())
    try:
        yield settings, database
    finally:
        database.close()


def shown(value: object) -> str:
    return (
        "-"
        if value is None
        else f"{value:,}"
        if isinstance(value, int) and not isinstance(value, bool)
        else str(value)
    )


def _set_status(name: str, status: Any, *, json: bool) -> None:
    from app.tenants.directory import Directory  # noqa: PLC0415

    with opened() as (settings, database):
        changed = Directory(database).change_tenant(name, status=status)
        body = _body(changed, settings, database)
    _tell(body, json=json)


def _budget(characters: int | None, price: Decimal | None, *, hard: bool) -> "Budget":
    from app.ledger.money import NANOS  # noqa: PLC0415
    from app.tenants.tenant import Budget  # noqa: PLC0415

    return Budget(characters, None if price is None else int(price * NANOS), hard=hard)


def _rates(requests: int | None, characters: int | None) -> "Rates":
    from app.tenants.tenant import Rates  # noqa: PLC0415

    return Rates(requests, characters)


def _recall(named: str | None) -> "Recall | None":
    """None where it is not named, or is to be the service's own."""
    from app.tenants.tenant import Recall  # noqa: PLC0415

    if named is None or named == "default":
        return None
    if named not in [*Recall]:
        raise typer.BadParameter("It is off, show, exact or default.", param_hint="--memory")
    return Recall(named)


def _body(tenant: "Tenant", settings: "Settings", database: "Database") -> dict[str, Any]:
    from datetime import UTC, datetime  # noqa: PLC0415

    from app.ledger.money import format_nanos  # noqa: PLC0415
    from app.tenants.reservations import standing  # noqa: PLC0415
    from app.tenants.tenant import Recall  # noqa: PLC0415

    with database.read() as connection:
        stands = standing(connection, tenant.name, currency=settings.currency, now=datetime.now(UTC))
    nanos = tenant.budget.price_nanos
    return {
        "tenant": tenant.name,
        "status": tenant.status.value,
        "created_at": tenant.created_at.isoformat(),
        "monthly_characters": tenant.budget.characters,
        "monthly_budget": None if nanos is None else format_nanos(nanos),
        "currency": settings.currency,
        "enforcement": "hard" if tenant.budget.hard else "soft",
        "used_characters": stands.characters,
        "used_budget": format_nanos(stands.price_nanos),
        "over_budget": stands.over,
        "requests_per_minute": tenant.rates.requests,
        "characters_per_minute": tenant.rates.characters,
        "memory": (tenant.memory or Recall(settings.memory)).value,
    }


def _row(body: dict[str, Any]) -> tuple[str, ...]:
    budget = body["monthly_budget"]
    limited = budget is not None or body["monthly_characters"] is not None
    return (
        body["tenant"],
        body["status"],
        shown(body["used_characters"]),
        shown(body["monthly_characters"]),
        f"{Decimal(body['used_budget']):,.2f} {body['currency']}",
        "-" if budget is None else f"{Decimal(budget):,.2f} {body['currency']}",
        _over(body) if limited else "-",
        shown(body["requests_per_minute"]),
        shown(body["characters_per_minute"]),
    )


def _over(body: dict[str, Any]) -> str:
    if body["over_budget"]:
        return "OVER"
    return "refused" if body["enforcement"] == "hard" else "said"


def _tell(body: dict[str, Any], *, json: bool) -> None:
    if json:
        console.emit_json(body)
        return
    keys = body.pop("keys", [])
    rows = [(name.replace("_", " "), shown(value)) for name, value in body.items()]
    rows += [("key", f"{key['id']} {key['prefix']}… {key['name']} ({key['status']})") for key in keys]
    console.emit_table(("tenant", ""), rows)
