"""The roll-ups are the entries, summed: held against the database's own sums."""

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from app.ledger.entry import LedgerEntry
from app.ledger.store import Ledger
from app.ledger.tables import REQUESTED, ROLLED_BY, SUMMED
from app.storage.migrations.versions import v0003_chain as migration
from tests.app.ledger.examples import any_entries, postings
from tests.databases import Places

ALL = (*ROLLED_BY, *REQUESTED, *SUMMED)


@settings(max_examples=25, deadline=None)
@given(any_entries, st.data())
def test_roll_ups_are_the_entries_summed(
    places: Places, entries: list[LedgerEntry], data: st.DataObject
) -> None:
    with places.fresh() as place:
        database = place.open()
        ledger = Ledger(database)
        cut = data.draw(st.integers(0, len(entries)))
        ledger.append_many(postings(*entries[:cut]))
        ledger.append_many(postings(*entries))
        with database.transaction() as connection:
            kept = connection.execute(text(f"SELECT {', '.join(ALL)} FROM ledger_rollup")).all()  # noqa: S608
            connection.execute(text("DELETE FROM ledger_rollup"))
            connection.execute(text(migration._ROLL_UP))
            summed = connection.execute(text(f"SELECT {', '.join(ALL)} FROM ledger_rollup")).all()  # noqa: S608
        database.close()
    assert sorted(kept) == sorted(summed)
