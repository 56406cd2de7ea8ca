"""dragoman quality."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli import console
from app.cli.usage import Day

if TYPE_CHECKING:
    from app.quality.report import Asked
    from app.quality.watch import QualityWatch

EXAMPLES = console.examples(
    "dragoman quality",
    "dragoman quality --by week --pair pt-en",
    "dragoman quality --since 2026-01-01 --until 2026-01-31 --baseline 90 --json",
    "dragoman quality --html > quality.html",
)
Baseline = Annotated[
    int, typer.Option("--baseline", min=1, max=3660, metavar="DAYS", help="Days before it to compare with.")
]
Tenant = Annotated[
    str | None,
    typer.Option(
        "--tenant",
        metavar="NAME",
        help="One alone; by default all of this machine, of a server the key's own.",
    ),
]
Every = Annotated[bool, typer.Option("--all", help="Each flag in the table, not only what drifted.")]


class By(StrEnum):
    ROUTE = "route"
    PAIR = "pair"
    MODEL = "model"
    TENANT = "tenant"
    WEEK = "week"
    MONTH = "month"


def quality(
    since: Day = None,
    until: Day = None,
    baseline: Baseline = 28,
    by: Annotated[By, typer.Option(help="A group each; route is a pair and its models.")] = By.ROUTE,
    pair: console.OnePair = None,
    model: Annotated[str | None, typer.Option("--model", metavar="ID", help="One model alone.")] = None,
    tenant: Tenant = None,
    every: Every = False,
    json: console.Json = False,
    html: Annotated[bool, typer.Option("--html", help="Print a page.")] = False,
    check: Annotated[bool, typer.Option("--check", help="Exit 1 where anything drifted.")] = False,
    server: console.Server = None,
    key: console.Key = None,
) -> None:
    """Say whether doubts and confidence are what they were: the last seven days against the four weeks before."""
    if json and html:
        raise typer.BadParameter("--json and --html exclude each other.")
    asked = {
        "since": since.date() if since else None,
        "until": until.date() if until else None,
        "baseline": baseline,
        "group_by": by.value,
        "pair": pair,
        "model": model,
        "tenant": tenant,
    }
    if html and check:
        raise typer.BadParameter("--check is for the table and --json.")
    if html:
        console.emit(_page(server, key, asked))
        return
    body = _by_server(server, key, asked) if server else _own(asked)
    if json:
        console.emit_json(body)
    else:
        _print(body, every=every)
    if check and body["verdict"] == "drift":
        raise typer.Exit(1)


def _print(body: Mapping[str, Any], *, every: bool) -> None:
    rows = [row for group in body["groups"] for row in _rows(group, every=every)]
    console.emit_table(
        (body["group_by"], "figure", "segments", "in 1,000 (95 %)", "before", "in 1,000 (95 %)", "verdict"),
        rows,
    )
    if body["ratings"]:
        console.emit("\n")
        _print_ratings(body["ratings"])
    console.emit(
        f"{body['since']} to {body['until']}, against the {body['baseline_days']} days before: {body['verdict']} "
        f"({body['comparisons']:,} comparisons).\n"
    )


def _print_ratings(found: Sequence[Mapping[str, Any]]) -> None:
    shares = ("good_share", "major_share", "good_share_flagged", "good_share_unflagged")
    console.emit_table(
        (
            "rated by people",
            "models",
            "rated",
            "good (95 %)",
            "major (95 %)",
            "good if flagged",
            "good if not",
        ),
        [
            (
                f"{each['source_language']}-{each['target_language']}",
                "+".join(each["models"]),
                each["rated"],
                *(_percent(each[name]) for name in shares),
            )
            for each in found
        ],
    )


def _percent(found: Mapping[str, float] | None) -> str:
    return "-" if found is None else f"{found['share']:.0%} ({found['low']:.0%} to {found['high']:.0%})"


def _rows(group: Mapping[str, Any], *, every: bool) -> list[tuple[object, ...]]:
    shown = [
        each for each in group["flags"] if every or each["verdict"] == "drift" or each["flag"] == "any_doubt"
    ]
    rows: list[tuple[object, ...]] = [
        (group["key"], each["flag"], *_cells(each, "per_thousand"), each["verdict"]) for each in shown
    ]
    if group["confidence"] is not None:
        each = group["confidence"]
        rows.append((group["key"], "mean confidence", *_cells(each, "mean"), each["verdict"]))
    return rows


def _cells(figure: Mapping[str, Any], value: str) -> tuple[object, ...]:
    return tuple(
        cell
        for when in ("now", "before")
        for cell in (figure[when]["segments"], _spread(figure[when], value))
    )


def _spread(found: Mapping[str, Any], value: str) -> str:
    if found[value] is None:
        return "-"
    places = 1 if value == "per_thousand" else 3
    return f"{found[value]:,.{places}f} ({found['low']:,.{places}f} to {found['high']:,.{places}f})"


def _by_server(server: str, key: str | None, asked: Mapping[str, Any]) -> Mapping[str, Any]:
    from app.client import Dragoman  # noqa: PLC0415

    with Dragoman(server, key=key) as client:
        return client.quality(asked)


def _page(server: str | None, key: str | None, asked: Mapping[str, Any]) -> str:
    if server is not None:
        from app.client import Dragoman  # noqa: PLC0415

        with Dragoman(server, key=key) as client:
            return client.quality_page(asked)
    from app.quality.page import page  # noqa: PLC0415

    with _opened(asked) as (watch, wanted):
        return page(watch.report(wanted), watch.weeks(wanted), watch.ratings(wanted), made=datetime.now(UTC))


def _own(asked: Mapping[str, Any]) -> dict[str, Any]:
    from app.quality import bodies  # noqa: PLC0415

    with _opened(asked) as (watch, wanted):
        return bodies.report(watch.report(wanted), watch.ratings(wanted))


@contextmanager
def _opened(asked: Mapping[str, Any]) -> "Iterator[tuple[QualityWatch, Asked]]":
    """The counts on this machine, and what is asked of them."""
    from app.cli.tenants import opened  # noqa: PLC0415
    from app.quality.report import asked_for, pair_of  # noqa: PLC0415
    from app.quality.watch import open_watch  # noqa: PLC0415
    from app.tenants.directory import Directory  # noqa: PLC0415
    from app.vault.opening import open_vault  # noqa: PLC0415

    with opened() as (settings, database):
        watch = open_watch(settings, database, open_vault(settings, database))
        if asked["tenant"] is not None:
            Directory(database).tenant(asked["tenant"])
        more = {name: asked[name] for name in ("since", "until", "baseline", "tenant", "model")}
        pair = None if asked["pair"] is None else pair_of(asked["pair"])
        yield watch, asked_for(watch.today, by=asked["group_by"], pair=pair, **more)
