"""Prices by list: which applies, and months that add up whatever the order."""

from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update

from app.errors import InvalidRequest
from app.ledger.entry import LedgerEntry
from app.ledger.pricelists import add_list, all_lists, applicable, list_named, quote
from app.ledger.prices import PriceList, Tier, chosen, parse_tiers
from app.ledger.store import Ledger, Recorded
from app.ledger.tables import lines, price_lists, price_volumes
from app.ledger.verify import verify
from app.storage.engine import Database
from tests.app.ledger.attack import attack
from tests.app.ledger.examples import NOON, entry, line, postings
from tests.databases import Places

YEAR = timedelta(days=365)
TIERS = (Tier(0, Decimal(8)), Tier(10, Decimal("0.0005")), Tier(25, Decimal(2)))


def price_list(
    name: str = "list",
    *,
    tenant: str | None = None,
    pair: tuple[str, str] | None = None,
    tiers: tuple[Tier, ...] = (Tier(0, Decimal(8)),),
    since: datetime = NOON - YEAR,
    until: datetime | None = None,
    currency: str = "GBP",
    made: datetime = NOON,
) -> PriceList:
    return PriceList(name, made, tenant, pair, currency, since, until, tiers)


def charge(database: Database, *batch: LedgerEntry) -> list[LedgerEntry]:
    outcomes = Ledger(database).append_many(postings(*batch))
    return [each.entry for each in outcomes if isinstance(each, Recorded)]


@pytest.mark.parametrize(
    ("lists", "name"),
    [
        ([], None),
        ([price_list("every")], "every"),
        ([price_list("every"), price_list("pair", pair=("pt", "en"))], "pair"),
        ([price_list("pair", pair=("pt", "en")), price_list("own", tenant="tenant")], "own"),
        ([price_list("own", tenant="tenant"), price_list("both", tenant="tenant", pair=("pt", "en"))], "both"),
        ([price_list("every"), price_list("not mine", tenant="another")], "every"),
        ([price_list("every"), price_list("not this", pair=("en", "pt"))], "every"),
        ([price_list("later", since=NOON), price_list("earlier")], "later"),
        ([price_list("first"), price_list("second", made=NOON + YEAR)], "second"),
        ([price_list("not yet", since=NOON + timedelta(microseconds=1))], None),
        ([price_list("over", until=NOON)], None),
        ([price_list("almost over", until=NOON + timedelta(microseconds=1))], "almost over"),
        ([price_list("dollars", currency="USD")], None),
    ],
)  # fmt: skip
def test_which_list_applies(lists: Sequence[PriceList], name: str | None, database: Database) -> None:
    found = chosen(lists, tenant="tenant", pair=("pt", "en"), currency="GBP", moment=NOON)
    assert (found and found.id) == name
    for each in lists:
        add_list(database, each)
    assert applicable(database, tenant="tenant", pair=("pt", "en"), currency="GBP", moment=NOON) == found
    (charged,) = charge(database, entry(price_nanos=90))
    assert charged.lines[0].price_list == name
    assert charged.price_nanos == (90 if name is None else 72_000)
    assert verify(database).findings == ()


def test_tiers_are_of_the_month_and_the_tenant(database: Database) -> None:
    add_list(database, price_list(tiers=TIERS))
    last, first = datetime(2026, 3, 31, 23, 59, 59, 999_999, UTC), datetime(2026, 4, 1, tzinfo=UTC)
    charged = charge(
        database,
        entry("a", line(characters=8)),
        entry("b", line(characters=8)),
        entry("c", line(characters=8), tenant="another"),
        entry("d", line(characters=14), created_at=last),
        entry("e", line(characters=8), created_at=first),
    )
    assert [each.price_nanos for each in charged] == [
        sum_of(8), sum_of(16) - sum_of(8), sum_of(8), sum_of(30) - sum_of(16), sum_of(8),
    ]  # fmt: skip
    assert sum_of(30) == 80_000 + 8 + 10_000  # 7.5 to even


def sum_of(characters: int) -> int:
    """What TIERS say of a month, character by character."""
    rates = (next(tier for tier in reversed(TIERS) if n >= tier.above).per_million for n in range(characters))
    return round(sum(map(Fraction, rates), Fraction()) * 1_000)


sizes = st.lists(st.integers(0, 12), max_size=8)


@settings(max_examples=20, deadline=None)
@given(sizes, st.data())
def test_a_month_adds_up_in_any_order(places: Places, sizes: list[int], data: st.DataObject) -> None:
    shuffled = data.draw(st.permutations(range(len(sizes))))
    cut = data.draw(st.integers(0, len(sizes)))
    batch = [entry(str(n), line(characters=sizes[n]), line("en", "pt", characters=2)) for n in shuffled]
    with places.fresh() as place, closing(place.open()) as database:
        add_list(database, price_list(tiers=TIERS, pair=("pt", "en")))
        charged = charge(database, *batch[:cut]) + charge(database, *batch[cut:])
        assert sum(each.line_prices[0] for each in charged) == sum_of(sum(sizes))
        assert all(each.price_nanos == sum(each.line_prices) for each in charged)
        assert charge(database, *batch) == charged, "a repeat answers with what was charged"
        assert verify(database).findings == ()


def test_lines_of_one_entry_may_have_different_lists(database: Database) -> None:
    add_list(database, price_list("pair", pair=("pt", "en"), tiers=(Tier(0, Decimal(1)),)))
    (charged,) = charge(
        database, entry("k", line(characters=9), line("en", "pt", characters=9), price_nanos=90)
    )
    assert [each.price_list for each in charged.lines] == ["pair", None]
    assert charged.line_prices == (9_000, 45)
    with database.read() as connection:
        assert connection.scalars(select(lines.c.price_nanos).order_by(lines.c.position)).all() == [9_000, 45]


def test_a_quote_is_what_is_charged_then(database: Database) -> None:
    add_list(database, price_list(tiers=TIERS, pair=("pt", "en")))
    for number in range(3):
        told = quote(
            database,
            tenant="tenant",
            characters={("pt", "en"): 9, ("en", "pt"): 9},
            currency="GBP",
            moment=NOON,
            price_per_million=Decimal("0.01"),
        )
        lines = (line(characters=9), line("en", "pt", characters=9))
        (charged,) = charge(database, entry(str(number), *lines, price_nanos=180))
        assert told == charged.price_nanos


def test_a_list_is_kept_as_it_was_made(database: Database) -> None:
    made = price_list(tenant="tenant", pair=("pt", "en"), tiers=TIERS, until=NOON + YEAR)
    add_list(database, made)
    assert all_lists(database) == [list_named(database, "list")] == [made]
    with pytest.raises(InvalidRequest, match="no such price list"):
        list_named(database, "other")
    with pytest.raises(InvalidRequest, match="ends before it begins"):
        add_list(database, price_list(until=NOON - 2 * YEAR))


def test_tampered_volumes_and_lists_are_found(database: Database) -> None:
    add_list(database, price_list(tiers=TIERS))
    charge(database, entry())
    with database.transaction() as connection:
        connection.execute(update(price_volumes).values(characters=1))
    assert [each.problem for each in verify(database).findings] == [
        "The volume of price list list in 2026-03 is 1, its entries' 9."
    ]
    with database.transaction() as connection:
        connection.execute(update(price_volumes).values(characters=9))
    with attack(database) as execute:
        execute("UPDATE price_list SET tiers = '[[0, \"1\"]]'")
    assert "do not sum to what the list says" in verify(database).findings[0].problem
    with database.transaction() as connection:
        connection.execute(update(price_lists).values(tiers="none"))
    assert "cannot be read: it was changed" in verify(database).findings[0].problem


@pytest.mark.parametrize(
    ("prices", "tiers"),
    [
        (["8.06"], (Tier(0, Decimal("8.06")),)),
        (["6.5@1000000", "8.06"], (Tier(0, Decimal("8.06")), Tier(1_000_000, Decimal("6.5")))),
        (["0"], (Tier(0, Decimal(0)),)),
    ],
)
def test_prices_as_they_are_typed(prices: list[str], tiers: tuple[Tier, ...]) -> None:
    assert parse_tiers(prices) == tiers


@pytest.mark.parametrize(
    "prices",
    [
        [], ["1@5"], ["1", "2"], ["x"], ["-1"], ["NaN"], ["1e9"], ["0.0000001"], ["1", "2@-5"], ["1", "2@x"],
        ["1", *(f"1@{n}" for n in range(1, 200))],
    ],
)  # fmt: skip
def test_prices_that_are_none(prices: list[str]) -> None:
    with pytest.raises(InvalidRequest):
        parse_tiers(prices)
