"""dragoman usage cost-model."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli import console
from app.cli.ledger import opened

if TYPE_CHECKING:
    from app.ledger.costmodel import CostModel, MachineUse

app = typer.Typer(rich_markup_mode=None)
"""Joins the commands of `dragoman usage`."""

Month = Annotated[
    datetime | None,
    typer.Option(formats=["%Y-%m"], metavar="MONTH", help="YYYY-MM, UTC; this month if left out."),
]


@app.command(
    "cost-model", epilog=console.examples("dragoman usage cost-model", "dragoman usage cost-model --json")
)
def cost_model(month: Month = None, json: console.Json = False) -> None:
    """Explain what a month's machine time cost and who bears it, line by line."""
    from app.ledger.costmodel import cost_model as modelled  # noqa: PLC0415

    day = (month or datetime.now(UTC)).date()
    with opened() as (settings, database):
        found = modelled(database, month=day, currency=settings.currency)
    if json:
        console.emit_json(_model(found))
    else:
        _explain(found)


def _model(found: "CostModel") -> dict[str, Any]:
    from app.ledger.money import format_nanos  # noqa: PLC0415

    return {
        "month": f"{found.month:%Y-%m}",
        "currency": found.currency,
        "machines": [_machine(each) for each in found.machines],
        "cost": format_nanos(found.cost_nanos),
        "busy_cost": format_nanos(found.busy_nanos),
        "charged_cost": format_nanos(found.charged_nanos),
        "unserved_cost": format_nanos(found.unserved_nanos),
        "idle_cost": format_nanos(found.idle_nanos),
        "tenants": [
            {
                "tenant": each.tenant,
                "compute_seconds": each.compute_ns / 1e9,
                "cost": format_nanos(each.cost_nanos),
                "unserved_cost": format_nanos(each.unserved_nanos),
                "idle_cost": format_nanos(each.idle_nanos),
            }
            for each in found.shares
        ],
    }


def _machine(each: "MachineUse") -> dict[str, Any]:
    from app.ledger.money import format_nanos  # noqa: PLC0415

    return {
        "machine": each.machine,
        "processes": each.processes,
        "threads": each.threads,
        "rate_per_hour": str(each.rate_per_hour),
        "up_hours": each.up_ns / 3.6e12,
        "busy_hours": each.busy_ns / 3.6e12,
        "idle_hours": each.idle_ns / 3.6e12,
        "cost": format_nanos(each.cost_nanos),
        "busy_cost": format_nanos(each.busy_nanos),
        "idle_cost": format_nanos(each.idle_nanos),
    }


def _explain(found: "CostModel") -> None:
    body = _model(found)
    console.emit(f"Machine time of {body['month']}, in {found.currency}:\n")
    for each in body["machines"]:
        console.emit(
            f"{each['machine']}: up {each['up_hours']:.4f} h × {each['rate_per_hour']} an hour = {each['cost']}\n"
            f"  {each['threads']} engine threads × {each['up_hours']:.4f} h = busy {each['busy_hours']:.4f} h "
            f"+ idle {each['idle_hours']:.4f} h\n"
            f"  busy {each['busy_hours']:.4f} h × {each['rate_per_hour']} ÷ {each['threads']} = {each['busy_cost']}; "
            f"idle, the rest = {each['idle_cost']}\n"
        )
    if found.busy_nanos < found.charged_nanos:
        console.emit(
            f"Busy {body['busy_cost']} is less than charged {body['charged_cost']}: machine time is written down every "
            "minute, charges at once. Ask again in a minute.\n"
        )
        return
    console.emit(
        f"Busy {body['busy_cost']} = charged {body['charged_cost']} + unserved {body['unserved_cost']} "
        "(callers gone, failures, warming up)\n"
        "Unserved and idle cost are shared by engine time:\n"
    )
    total = sum(each.compute_ns for each in found.shares)
    console.emit_table(
        ("tenant", "engine seconds", "share", "measured cost", "of unserved", "of idle"),
        [
            (
                each["tenant"],
                f"{each['compute_seconds']:.3f}",
                f"{share.compute_ns / total:.2%}" if total else "-",
                each["cost"],
                each["unserved_cost"],
                each["idle_cost"],
            )
            for each, share in zip(body["tenants"], found.shares, strict=True)
        ],
    )
