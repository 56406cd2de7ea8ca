"""dragoman usage."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any

import typer

from app.cli import console

EXAMPLES = console.examples("dragoman usage", "dragoman usage --by pair --since 2026-01-01 --json")
Day = Annotated[
    datetime | None, typer.Option(formats=["%Y-%m-%d"], metavar="DAY", help="UTC day, YYYY-MM-DD, included.")
]


class By(StrEnum):
    DAY = "day"
    PAIR = "pair"
    MODEL = "model"


def usage(
    since: Day = None,
    until: Day = None,
    by: Annotated[By | None, typer.Option(help="Rows by day, language pair or model.")] = None,
    json: console.Json = False,
    server: console.Server = None,
) -> None:
    """Show what was used and what it cost, from the ledger."""
    if since and until and since > until:
        raise typer.BadParameter("--since is after --until. Swap them.")
    body = _by_server(server, since, until, by) if server else _own(since, until, by)
    if json:
        console.emit_json(body)
        return
    rows = [_row(row["key"], row) for row in body["rows"]]
    console.emit_table(
        (
            by or "", "requests", "characters", "billed", "unchanged", "failed", "segments",
            f"price {body['currency']}", f"cost {body['currency']}", "cost a million",
        ),
        [*rows, _row("total", body["totals"])],
    )  # fmt: skip
    console.emit(body["headline"] + "\n")
    if body["other_currencies"]:
        console.complain(f"Left out: entries in {', '.join(body['other_currencies'])} (DRAGOMAN_CURRENCY).")


def _row(key: str, row: dict[str, Any]) -> tuple[object, ...]:
    counted = (
        "requests",
        "characters",
        "billed_characters",
        "unchanged_characters",
        "failed_characters",
        "segments",
    )
    return (key, *(row[name] for name in counted), row["price"], row["cost"], row["cost_per_million"] or "-")


def _by_server(server: str, since: datetime | None, until: datetime | None, by: By | None) -> dict[str, Any]:
    from app.client import Client  # noqa: PLC0415

    with Client(server) as client:
        return client.usage(
            since=since.date().isoformat() if since else None,
            until=until.date().isoformat() if until else None,
            group_by=by.value if by else None,
        )


def _own(since: datetime | None, until: datetime | None, by: By | None) -> dict[str, Any]:
    from app import bodies  # noqa: PLC0415
    from app.ledger.report import usage as report  # noqa: PLC0415
    from app.results import LOCAL_TENANT  # noqa: PLC0415
    from app.settings import load_settings  # noqa: PLC0415
    from app.storage.engine import open_database  # noqa: PLC0415

    settings = load_settings()
    database = open_database(settings.data_dir)
    try:
        found = report(
            database,
            tenant=LOCAL_TENANT,
            currency=settings.currency,
            since=since.date() if since else None,
            until=until.date() if until else None,
            group_by=by.value if by else None,
        )
    finally:
        database.close()
    return bodies.usage(found)
