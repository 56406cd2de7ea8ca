"""What keys used, on both databases."""

from dataclasses import replace
from datetime import timedelta

from app.ledger.byservice import KeyDay, key_days
from app.ledger.store import Ledger
from app.storage.engine import Database
from tests.app.ledger.examples import NOON, entry, line


def test_by_key_kind_and_day(database: Database) -> None:
    ledger = Ledger(database)
    today, tomorrow = NOON.date(), (NOON + timedelta(days=1)).date()
    for made in (
        replace(entry("a", line(characters=10, billed=7)), key_id="one"),
        replace(
            entry("b", line(), line("en", "pt", characters=5)),
            key_id="one",
            kind="chunk",
            job="job_1",
            chunk=0,
        ),
        replace(entry("c"), key_id="two"),
        replace(entry("d", created_at=NOON + timedelta(days=1))),
        replace(entry("e", tenant="other"), key_id="three"),
    ):
        ledger.append(made)
    assert list(key_days(database, "tenant", since=today, until=tomorrow)) == [
        KeyDay("one", today, texts=7, documents=14),
        KeyDay("two", today, texts=9, documents=0),
        KeyDay("", tomorrow, texts=9, documents=0),
    ]
    assert list(key_days(database, "tenant", since=today, until=today))[-1].key_id == "two"
    assert not key_days(database, "nobody", since=today, until=tomorrow)
