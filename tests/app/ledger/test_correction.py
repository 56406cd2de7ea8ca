"""A correction is one more entry; what it corrects stays as it was."""

import threading
from contextlib import closing
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from app.errors import InvalidRequest
from app.ledger.correction import Correction, correct
from app.ledger.entry import LedgerEntry
from app.ledger.store import Ledger
from app.ledger.tables import entries, rollups
from app.ledger.verify import verify
from app.storage.engine import Database
from tests.app.ledger.examples import NOON, entry, line
from tests.databases import Places

LATER = NOON + timedelta(days=40)


def put_right(
    database: Database, characters: int | None = None, price: int | None = None, *, of: str = "tenant/key"
) -> LedgerEntry:
    return correct(database, Correction(of, "tenant", characters, price, "sent twice"), now=LATER)


def sums(database: Database, *names: str) -> list[int]:
    with database.read() as connection:
        columns = [func.sum(rollups.c[name]) for name in names]
        return [int(value) for value in connection.execute(select(*columns)).one()]


def test_a_correction_holds_the_difference(database: Database) -> None:
    Ledger(database).append(
        entry("key", line(characters=9), line("en", "pt", characters=18), price_nanos=270)
    )
    made = put_right(database, 15)
    assert (made.kind, made.corrects, made.reason) == ("correction", "tenant/key", "sent twice")
    assert (made.billed_characters, made.price_nanos, made.cost_nanos, made.characters) == (-12, -120, 0, 0)
    assert [each.billed_characters for each in made.lines] == [-4, -8]
    assert sums(database, "requests", "characters", "billed_characters", "price_nanos") == [1, 27, 15, 150]
    assert verify(database).findings == ()
    with database.read() as connection:
        billed = select(entries.c.billed_characters).where(entries.c.id == "tenant/key")
        assert connection.scalar(billed) == 27


def test_a_second_correction_starts_from_the_first(database: Database) -> None:
    Ledger(database).append(entry("key", line(characters=9), price_nanos=90))
    assert put_right(database, 0).price_nanos == -90
    with pytest.raises(InvalidRequest, match="stands at that already"):
        put_right(database, 0)
    assert put_right(database, 9).price_nanos == 90
    assert put_right(database, price=1).price_nanos == -89
    assert sums(database, "billed_characters", "price_nanos") == [9, 1]


def test_more_than_was_billed_may_be_right(database: Database) -> None:
    Ledger(database).append(entry("key", line(characters=9, billed=0), price_nanos=0))
    with pytest.raises(InvalidRequest, match="Say --price too"):
        put_right(database, 9)
    assert put_right(database, 9, 45).price_nanos == 45


def test_it_is_filed_where_the_entry_is(database: Database) -> None:
    Ledger(database).append(entry("key"))
    made = put_right(database, 0)
    assert (made.tenant, made.currency, made.created_at) == ("tenant", "GBP", LATER)
    assert made.lines[0].models == ("starter-pt-en",)


def test_what_cannot_be_corrected(database: Database) -> None:
    Ledger(database).append(entry("key"))
    Ledger(database).append(LedgerEntry("empty", NOON, "tenant", "chunk", "e", "d", (), "GBP", 0, 0, 0))
    made = put_right(database, 0)
    for wanted, problem in (
        (Correction("tenant/key", "another", 1, None, "why"), "no such entry"),
        (Correction("nothing", "tenant", 1, None, "why"), "no such entry"),
        (Correction(made.id, "tenant", 1, None, "why"), "Correct the entry it is of, tenant/key"),
        (Correction("empty", "tenant", 1, None, "why"), "no lines"),
        (Correction("tenant/key", "tenant", None, None, "why"), "--characters, --price"),
        (Correction("tenant/key", "tenant", -1, None, "why"), "below zero"),
        (Correction("tenant/key", "tenant", 1, None, " "), "A reason"),
        (Correction("tenant/key", "tenant", 1, None, "a\nb"), "A reason"),
    ):
        with pytest.raises(InvalidRequest, match=problem):
            correct(database, wanted, now=LATER)


def test_two_at_once_do_not_both_take_it_off(database: Database) -> None:
    Ledger(database).append(entry("key"))
    outcomes: list[str] = []

    def work() -> None:
        try:
            outcomes.append(put_right(database, 0).id)
        except InvalidRequest as error:
            outcomes.append(str(error))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes.count("The entry stands at that already.") == 3
    assert sums(database, "billed_characters", "price_nanos") == [0, 0]


amounts = st.tuples(st.none() | st.integers(0, 50), st.none() | st.integers(0, 500)).filter(any)


@settings(max_examples=15, deadline=None)
@given(st.lists(amounts, max_size=4))
def test_it_stands_at_what_was_said_last(places: Places, wanted: list[tuple[int | None, int | None]]) -> None:
    with places.fresh() as place, closing(place.open()) as database:
        Ledger(database).append(
            entry("key", line(characters=9), line("en", "pt", characters=4), price_nanos=130)
        )
        stands = (13, 130)
        for characters, price in wanted:
            billed = stands[0] if characters is None else characters
            stands = (billed, billed * 10 if price is None else price)
            try:
                put_right(database, characters, price)
            except InvalidRequest as error:
                assert "stands at that already" in str(error)  # noqa: PT017 - it may or may not be raised
            assert sums(database, "billed_characters", "price_nanos") == list(stands)
        assert verify(database).findings == ()
