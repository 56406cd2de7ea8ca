"""dragoman prices."""

import uuid
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli import console
from app.cli.ledger import opened

if TYPE_CHECKING:
    from app.ledger.prices import PriceList

app = typer.Typer(
    help="Price lists: what a million characters come to, for whom, from when.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
Tiers = Annotated[
    list[str],
    typer.Argument(metavar="PRICE...", help="Of a million characters; 6.50@1000000 above so many a month."),
]
Tenant = Annotated[str | None, typer.Option(metavar="NAME", help="One tenant's; everyone's if left out.")]
Pair = Annotated[
    str | None, typer.Option(metavar="XX-YY", help="One language pair's; every pair's if left out.")
]
First = Annotated[
    datetime | None,
    typer.Option(
        "--from", formats=["%Y-%m-%d"], metavar="DAY", help="First UTC day; from now on if left out."
    ),
]
Last = Annotated[
    datetime | None, typer.Option(formats=["%Y-%m-%d"], metavar="DAY", help="First UTC day after it.")
]


@app.command(
    "set",
    epilog=console.examples(
        "dragoman prices set 8.06",
        "dragoman prices set 8.06 6.50@1000000 --pair pt-en --tenant local --from 2027-01-01 --json",
    ),
)
def set_prices(
    prices: Tiers,
    tenant: Tenant = None,
    pair: Pair = None,
    since: First = None,
    until: Last = None,
    json: console.Json = False,
) -> None:
    """Make a price list. It is never changed; a later one goes before it, and what is charged stays charged."""
    from app.ledger.pricelists import add_list  # noqa: PLC0415
    from app.ledger.prices import PriceList, parse_tiers  # noqa: PLC0415

    now = datetime.now(UTC)
    with opened() as (settings, database):
        made = PriceList(
            id=f"prices_{uuid.uuid4().hex[:12]}",
            created_at=now,
            tenant=tenant,
            pair=None if pair is None else _pair(pair),
            currency=settings.currency,
            valid_from=now if since is None else since.replace(tzinfo=UTC),
            valid_until=None if until is None else until.replace(tzinfo=UTC),
            tiers=parse_tiers(prices),
        )
        add_list(database, made)
    _tell([made], json=json, one=True)


@app.command("list", epilog=console.examples("dragoman prices list", "dragoman prices list --json"))
def list_prices(json: console.Json = False) -> None:
    """List the price lists, in the order they were made."""
    from app.ledger.pricelists import all_lists  # noqa: PLC0415

    with opened() as (_, database):
        found = all_lists(database)
    _tell(found, json=json, one=False)


@app.command(
    epilog=console.examples("dragoman prices show", "dragoman prices show --tenant local --pair pt-en --json")
)
def show(
    tenant: Annotated[str, typer.Option(metavar="NAME", help="Whose price.")] = "local",
    pair: Annotated[str | None, typer.Option(metavar="XX-YY", help="Of which language pair.")] = None,
    on: Annotated[
        datetime | None,
        typer.Option("--on", formats=["%Y-%m-%d"], metavar="DAY", help="When; now if left out."),
    ] = None,
    json: console.Json = False,
) -> None:
    """Show the price that applies to a tenant and pair: a list, or DRAGOMAN_PRICE_PER_MILLION where none does."""
    from app.ledger.pricelists import applicable  # noqa: PLC0415

    moment = datetime.now(UTC) if on is None else on.replace(tzinfo=UTC)
    with opened() as (settings, database):
        found = applicable(
            database,
            tenant=tenant,
            pair=("", "") if pair is None else _pair(pair),
            currency=settings.currency,
            moment=moment,
        )
    if found is not None:
        _tell([found], json=json, one=True)
        return
    price = str(settings.price_per_million)
    if json:
        console.emit_json({"id": None, "currency": settings.currency, "tiers": [_tier(0, price)]})
    else:
        console.emit(
            f"No list applies: {price} {settings.currency} a million (DRAGOMAN_PRICE_PER_MILLION).\n"
        )


def _pair(text: str) -> tuple[str, str]:
    from app.validation import language_code  # noqa: PLC0415

    source, dash, target = text.partition("-")
    if not dash:
        raise typer.BadParameter("Write a pair as pt-en.")
    return language_code(source), language_code(target)


def _tell(lists: "list[PriceList]", *, json: bool, one: bool) -> None:
    bodies = [_body(each) for each in lists]
    if json:
        console.emit_json(bodies[0] if one else {"lists": bodies})
        return
    console.emit_table(
        ("list", "tenant", "pair", "from", "until", "currency", "price a million"),
        [
            (
                body["id"],
                body["tenant"] or "everyone",
                body["pair"] or "every",
                body["valid_from"],
                body["valid_until"] or "-",
                body["currency"],
                ", ".join(map(_written, body["tiers"])),
            )
            for body in bodies
        ],
    )


def _body(each: "PriceList") -> dict[str, Any]:
    return {
        "id": each.id,
        "tenant": each.tenant,
        "pair": None if each.pair is None else "-".join(each.pair),
        "currency": each.currency,
        "valid_from": each.valid_from.isoformat(),
        "valid_until": None if each.valid_until is None else each.valid_until.isoformat(),
        "created_at": each.created_at.isoformat(),
        "tiers": [_tier(tier.above, str(tier.per_million)) for tier in each.tiers],
    }


def _written(tier: dict[str, Any]) -> str:
    return f"{tier['per_million']} above {tier['above']:,}" if tier["above"] else str(tier["per_million"])


def _tier(above: int, price: str) -> dict[str, Any]:
    return {"above": above, "per_million": price}
