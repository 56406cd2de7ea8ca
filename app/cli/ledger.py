"""dragoman usage verify and correct."""

import json as standard_json
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli import console
from app.errors import InvalidRequest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from app.ledger.chain import Head
    from app.ledger.entry import LedgerEntry
    from app.ledger.verify import Finding, Verdict
    from app.settings import Settings
    from app.storage.engine import Database

app = typer.Typer(rich_markup_mode=None)
"""Joins the commands of `dragoman usage`."""

SHOWN = 50
"""Findings put to a person; --json has all."""


@app.command(epilog=console.examples("dragoman usage verify", "dragoman usage verify --json"))
def verify(
    tenant: Annotated[str | None, typer.Option(metavar="NAME", help="One tenant's chain only.")] = None,
    heads: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="What an earlier --json printed: its heads must still be there."),
    ] = None,
    json: console.Json = False,
) -> None:
    """Hold the ledger against its seal: finds what was changed, taken out, put in or moved, and says where."""
    from app.ledger.verify import verify as verified  # noqa: PLC0415

    noted = [] if heads is None else _noted(heads)
    with opened() as (_, database):
        verdict = verified(database, tenant=tenant, noted=noted)
    if json:
        console.emit_json(_verdict(verdict))
    else:
        _tell(verdict)
    if verdict.findings:
        raise typer.Exit(1)


@app.command(
    epilog=console.examples(
        "dragoman usage correct --tenant local --entry ENTRY --characters 0 --reason 'sent by mistake'"
    )
)
def correct(
    tenant: console.Tenant,
    entry: Annotated[str, typer.Option(metavar="ID", help="The entry: `id` in a translation's answer.")],
    reason: Annotated[str, typer.Option(metavar="TEXT", help="Why; kept with the correction.")],
    characters: Annotated[
        int | None, typer.Option(metavar="N", help="Billed characters that it should have been.")
    ] = None,
    price: Annotated[
        str | None, typer.Option(metavar="AMOUNT", help="Price that it should have been, in its currency.")
    ] = None,
    json: console.Json = False,
) -> None:
    """Correct an entry by another: the first stays as it is, the second holds the difference."""
    from app.ledger.correction import Correction  # noqa: PLC0415
    from app.ledger.correction import correct as corrected  # noqa: PLC0415

    nanos = None if price is None else _nanos(price)
    with opened() as (_, database):
        made = corrected(
            database, Correction(entry, tenant, characters, nanos, reason), now=datetime.now(UTC)
        )
    body = _correction(made)
    if json:
        console.emit_json(body)
        return
    console.emit(
        f"{body['id']} corrects {entry} by {body['billed_characters']:+,} characters and "
        f"{body['price']} {body['currency']}.\n"
    )


@contextmanager
def opened() -> "Iterator[tuple[Settings, Database]]":
    from app.settings import load_settings  # noqa: PLC0415
    from app.storage.engine import open_database  # noqa: PLC0415

    settings = load_settings()
    database = open_database(settings.data_dir, settings.database_url.get_secret_value())
    try:
        yield settings, database
    finally:
        database.close()


def _noted(file: Path) -> "list[Head]":
    from app.ledger.chain import Head  # noqa: PLC0415

    try:
        chains = standard_json.loads(file.read_text(encoding="utf-8"))["chains"]
        return [Head(each["tenant"], int(each["entries"]), each["hash"]) for each in chains]
    except (UnicodeDecodeError, ValueError, KeyError, TypeError):
        raise InvalidRequest(f"{file} is not what `dragoman usage verify --json` prints.") from None


def _tell(verdict: "Verdict") -> None:
    for each in verdict.findings[:SHOWN]:
        console.emit(f"{_where(each)}: {each.problem}\n")
    if len(verdict.findings) > SHOWN:
        console.emit(f"… and {len(verdict.findings) - SHOWN} more (--json has all).\n")
    for head in verdict.heads:
        console.emit(f"{head.tenant}: {head.sequence:,} entries, head {head.hash}\n")
    found = len(verdict.findings)
    console.emit(
        f"{found} findings: the ledger is not what was written.\n" if found else "The ledger holds.\n"
    )


def _where(finding: "Finding") -> str:
    place = "" if finding.sequence is None else f" {finding.sequence}"
    return f"{finding.tenant}{place}{f' ({finding.entry})' if finding.entry else ''}".strip()


def _verdict(verdict: "Verdict") -> dict[str, Any]:
    return {
        "holds": not verdict.findings,
        "chains": [
            {"tenant": head.tenant, "entries": head.sequence, "hash": head.hash} for head in verdict.heads
        ],
        "findings": [
            {
                "tenant": each.tenant,
                "sequence": each.sequence,
                "entry": each.entry,
                "problem": each.problem,
            }
            for each in verdict.findings
        ],
    }


def _nanos(price: str) -> int:
    try:
        nanos = Decimal(price) * 1_000_000_000
    except ArithmeticError:
        nanos = Decimal("NaN")
    if not nanos.is_finite() or nanos != int(nanos) or abs(nanos) >= 2**63:
        raise typer.BadParameter("Write an amount such as 1.25, with at most nine decimals.")
    return int(nanos)


def _correction(made: "LedgerEntry") -> dict[str, Any]:
    from app.ledger.money import format_nanos  # noqa: PLC0415

    return {
        "id": made.id,
        "tenant": made.tenant,
        "corrects": made.corrects,
        "billed_characters": made.billed_characters,
        "price": format_nanos(made.price_nanos),
        "currency": made.currency,
        "reason": made.reason,
    }
