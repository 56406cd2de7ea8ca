"""dragoman usage."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Annotated, Any

import typer

from app.cli import console

EXAMPLES = console.examples(
    "dragoman usage",
    "dragoman usage --by pair --since 2026-01-01 --json",
    "dragoman usage --elsewhere --rate USD=0.79@2026-11-20",
    "dragoman usage --format html > usage.html",
)
app = typer.Typer(invoke_without_command=True, rich_markup_mode=None)
Day = Annotated[
    datetime | None, typer.Option(formats=["%Y-%m-%d"], metavar="DAY", help="UTC day, YYYY-MM-DD, included.")
]
Elsewhere = Annotated[
    bool, typer.Option("--elsewhere", help="What the same texts would have cost elsewhere, as a table.")
]
Rates = Annotated[
    list[str] | None,
    typer.Option(
        metavar="CUR=X@DAY", help="Worth of a vendor's currency in the ledger's; USD=0.79@2026-11-20."
    ),
]
Tenant = Annotated[
    str | None,
    typer.Option(
        metavar="NAME", help="One tenant only; by default all of this ledger, of a server the key's own."
    ),
]


class By(StrEnum):
    DAY = "day"
    MONTH = "month"
    TENANT = "tenant"
    KEY = "key"
    COST_CENTRE = "cost_centre"
    PAIR = "pair"
    MODEL = "model"
    JOB = "job"


class Form(StrEnum):
    TABLE = "table"
    CSV = "csv"
    JSON = "json"
    HTML = "html"


@dataclass(frozen=True, slots=True)
class Asked:
    since: date | None
    until: date | None
    by: By | None
    tenant: str | None
    """None: every tenant's."""
    rates: str
    """Beside those of the settings."""


@app.callback(epilog=EXAMPLES)
def usage(
    context: typer.Context,
    since: Day = None,
    until: Day = None,
    by: Annotated[By | None, typer.Option(help="A row each.")] = None,
    shape: Annotated[Form | None, typer.Option("--format", help="By default a table.")] = None,
    json: console.Json = False,
    elsewhere: Elsewhere = False,
    rate: Rates = None,
    tenant: Tenant = None,
    server: console.Server = None,
    key: console.Key = None,
) -> None:
    """Show what was used and what it cost, from the ledger."""
    if context.invoked_subcommand is not None:
        return
    if since and until and since > until:
        raise typer.BadParameter("--since is after --until. Swap them.")
    form = _form(shape, json=json)
    asked = Asked(
        since.date() if since else None, until.date() if until else None, by, tenant, ",".join(rate or ())
    )
    if server is not None and rate:
        raise typer.BadParameter("--rate is for this machine's ledger, not for a server's.")
    if form in (Form.CSV, Form.HTML):
        console.emit(_text(server, key, asked, form))
        return
    body = _by_server(server, key, asked) if server else _own(asked)
    if form is Form.JSON:
        console.emit_json(body)
    else:
        _print(body, elsewhere=elsewhere)


def _form(shape: Form | None, *, json: bool) -> Form:
    if json and shape not in (None, Form.JSON):
        raise typer.BadParameter("--json and another --format exclude each other.")
    return Form.JSON if json else shape or Form.TABLE


def _print(body: Mapping[str, Any], *, elsewhere: bool) -> None:
    rows = [_row(row["key"], row) for row in body["rows"]]
    console.emit_table(
        (
            body["group_by"] or "", "requests", "characters", "billed", "unchanged", "failed", "segments",
            f"price {body['currency']}", f"cost {body['currency']}", "idle cost", "cost a million",
        ),
        [*rows, _row("total", body["totals"])],
    )  # fmt: skip
    if elsewhere:
        console.emit("\n")
        _print_elsewhere(body["elsewhere"], body["currency"])
    console.emit(body["headline"] + "\n")
    if body["other_currencies"]:
        console.complain(f"Left out: entries in {', '.join(body['other_currencies'])} (DRAGOMAN_CURRENCY).")


def _print_elsewhere(bills: Sequence[dict[str, Any]], currency: str) -> None:
    """The places of pence and cents: list prices are no measurements."""
    console.emit_table(
        ("elsewhere", "counted", "of those free", "would have cost", f"in {currency}", "price"),
        [
            (
                bill["name"],
                bill["units"],
                bill["free_units"],
                f"{float(bill['amount']):,.2f} {bill['currency']}",
                "-" if bill["converted"] is None else f"{float(bill['converted']):,.2f}",
                "confirmed" if bill["confirmed"] else "unconfirmed",
            )
            for bill in bills
        ],
    )


def _row(key: str, row: dict[str, Any]) -> tuple[object, ...]:
    counted = (
        "requests",
        "characters",
        "billed_characters",
        "unchanged_characters",
        "failed_characters",
        "segments",
    )
    money = (row["price"], row["cost"], row["idle_cost"], row["cost_per_million"] or "-")
    return (key, *(row[name] for name in counted), *money)


def _by_server(server: str, key: str | None, asked: Asked) -> Mapping[str, Any]:
    from app.client import Dragoman  # noqa: PLC0415

    with Dragoman(server, key=key) as client:
        return client.usage(
            since=asked.since, until=asked.until, group_by=asked.by and asked.by.value, tenant=asked.tenant
        )


def _text(server: str | None, key: str | None, asked: Asked, form: Form) -> str:
    if server is not None:
        from app.client import Dragoman  # noqa: PLC0415

        with Dragoman(server, key=key) as client:
            return client.usage_as(
                form.value,
                since=asked.since,
                until=asked.until,
                group_by=asked.by and asked.by.value,
                tenant=asked.tenant,
            )
    from app.reports.page import SECTIONS, page  # noqa: PLC0415
    from app.reports.sheet import sheet  # noqa: PLC0415

    groups = SECTIONS if form is Form.HTML and asked.by is None else ()
    found, bills = _found(asked, groups)
    return sheet(found) if form is Form.CSV else page(found, bills, made=datetime.now(UTC))


def _own(asked: Asked) -> dict[str, Any]:
    from app import bodies  # noqa: PLC0415

    return bodies.usage(*_found(asked, ()))


def _found(asked: Asked, groups: Sequence[Any]) -> Any:
    """The report and the bills of the ledger on this machine."""
    from app.ledger.exchange import parse_rates  # noqa: PLC0415
    from app.ledger.report import usage as report  # noqa: PLC0415
    from app.ledger.vendors import bills  # noqa: PLC0415
    from app.settings import load_settings  # noqa: PLC0415
    from app.storage.engine import open_database  # noqa: PLC0415

    settings = load_settings()
    rates = parse_rates(f"{settings.exchange_rates},{asked.rates}")
    database = open_database(settings.data_dir, settings.database_url.get_secret_value())
    try:
        found = report(
            database,
            tenant=asked.tenant,
            currency=settings.currency,
            since=asked.since,
            until=asked.until,
            group_by=asked.by.value if asked.by else None,
            groups=groups,
        )
    finally:
        database.close()
    return found, bills(found.sent, currency=found.currency, rates=rates)
