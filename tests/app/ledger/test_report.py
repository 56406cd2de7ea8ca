from datetime import UTC, date, datetime
from decimal import Decimal
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.ledger.entry import LedgerEntry
from app.ledger.report import GroupBy, UsageReport, usage
from app.ledger.store import Ledger
from app.ledger.wording import headline
from app.storage.engine import Database
from tests.app.ledger.examples import any_entries, days, entry, line, postings
from tests.databases import Places

SUMMED = (
    "characters", "billed_characters", "unchanged_characters", "cached_characters", "failed_characters",
    "segments", "cached_segments", "source_tokens", "target_tokens", "compute_ns", "price_nanos",
    "cost_nanos",
)  # fmt: skip


def report(database: Database, group_by: GroupBy | None = None) -> UsageReport:
    return usage(database, tenant="tenant", currency="GBP", group_by=group_by)


@settings(max_examples=25, deadline=None)
@given(any_entries, st.none() | days, st.none() | days)
def test_rows_sum_to_totals_and_totals_to_entries(
    places: Places, entries: list[LedgerEntry], since: date | None, until: date | None
) -> None:
    chosen = [
        one
        for one in entries
        if one.tenant == "a"
        and (since is None or one.created_at.date() >= since)
        and (until is None or one.created_at.date() <= until)
    ]
    pounds = [one for one in chosen if one.currency == "GBP"]
    with places.fresh() as place:
        database = place.open()
        Ledger(database).append_many(postings(*entries))
        for group_by in get_args(GroupBy):
            found = usage(database, tenant="a", currency="GBP", since=since, until=until, group_by=group_by)
            assert found.totals.requests == len(pounds)
            assert found.totals.price_nanos == sum(one.price_nanos for one in pounds)
            assert found.totals.cost_nanos == sum(one.cost_nanos for one in pounds)
            assert found.totals.characters == sum(one.characters for one in pounds)
            assert found.totals.compute_ns == sum(one.compute_ns for one in pounds)
            for name in SUMMED:
                assert sum(getattr(row, name) for row in found.rows) == getattr(found.totals, name)
            assert found.other_currencies == (("EUR",) if len(chosen) > len(pounds) else ())
        database.close()


def test_an_empty_ledger(database: Database) -> None:
    empty = report(database, "pair")
    assert empty.rows == ()
    assert empty.totals.requests == empty.totals.characters == 0
    assert empty.totals.cost_per_million is None


def test_by_pair_money_follows_characters_and_time(database: Database) -> None:
    lines = (line(characters=2, compute_ns=30), line("en", "pt", characters=1, compute_ns=10))
    Ledger(database).append(entry("key", *lines, price_nanos=100, cost_nanos=40))
    rows = report(database, "pair").rows
    assert [(row.key, row.requests, row.price_nanos, row.cost_nanos) for row in rows] == [
        ("pt-en", 1, 67, 30),
        ("en-pt", 1, 33, 10),
    ]


def test_by_model_names_pivots_and_what_no_model_did(database: Database) -> None:
    lines = (
        line(characters=9),
        line("de", "pt", models=("a", "b"), characters=5),
        line(models=(), characters=1),
    )
    Ledger(database).append(entry("key", *lines))
    assert [row.key for row in report(database, "model").rows] == ["starter-pt-en", "a+b", "none"]


def test_days_are_utc_and_both_ends_are_included(database: Database) -> None:
    moments = (
        datetime(2026, 2, 28, 23, 59, 59, 999_999, UTC),
        datetime(2026, 3, 1, tzinfo=UTC),
        datetime(2026, 3, 1, 23, 59, 59, 999_999, UTC),
        datetime(2026, 3, 2, tzinfo=UTC),
    )
    Ledger(database).append_many(
        postings(*[entry(str(n), created_at=moment) for n, moment in enumerate(moments)])
    )
    assert [(row.key, row.requests) for row in report(database, "day").rows] == [
        ("2026-02-28", 1),
        ("2026-03-01", 2),
        ("2026-03-02", 1),
    ]
    day = date(2026, 3, 1)
    assert usage(database, tenant="tenant", currency="GBP", since=day, until=day).totals.requests == 2
    ever = usage(database, tenant="tenant", currency="GBP", since=date.min, until=date.max)
    assert ever.totals.requests == 4


def test_two_currencies_are_never_added(database: Database) -> None:
    Ledger(database).append_many(postings(entry("a"), entry("b", currency="EUR"), entry("c", currency="CHF")))
    pounds = report(database)
    assert pounds.totals.price_nanos == 90
    assert pounds.other_currencies == ("CHF", "EUR")


def test_one_tenant_never_sees_another(database: Database) -> None:
    Ledger(database).append_many(postings(entry(), entry(tenant="another", currency="EUR")))
    mine = report(database)
    assert (mine.totals.requests, mine.other_currencies) == (1, ())


def test_the_figure_to_hold_against_a_vendors(database: Database) -> None:
    Ledger(database).append(entry("key", line(characters=42), price_nanos=338_520, cost_nanos=4_200))
    totals = report(database).totals
    assert totals.price_per_million == Decimal("8.06")
    assert totals.cost_per_million == Decimal("0.1")


@pytest.mark.parametrize(
    ("cost", "said"),
    [
        (0, "£0.00"),
        (1, "£0.000000001"),
        (338_520, "£0.00034"),
        (250_000_000, "£0.25"),
        (1_234_567_891_234, "£1,234.57"),
    ],
)
def test_headline(database: Database, cost: int, said: str) -> None:
    lines = (line(characters=1_500), line(models=(), characters=7))
    Ledger(database).append(entry("key", *lines, cost_nanos=cost, price_nanos=12_090_000_000))
    assert headline(report(database)) == (
        f"1,500 characters of text translated to date, for a total cost of {said} in measured compute "
        "(price charged: £12.09)"
    )


def test_headline_of_a_period_in_another_currency(database: Database) -> None:
    Ledger(database).append(entry(currency="CHF"))
    first, last = date(2026, 3, 1), date(2026, 3, 31)
    said = headline(usage(database, tenant="tenant", currency="CHF", since=first, until=last))
    assert said.startswith("9 characters of text translated from 2026-03-01 to 2026-03-31, ")
    assert "CHF 0.0000000" in said
