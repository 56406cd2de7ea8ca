"""Sealed in a form that anybody can rebuild, and one chain a tenant whoever writes."""

import hashlib
import json
import threading
from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from app.ledger.chain import GENESIS, sealed
from app.ledger.store import Ledger, Recorded
from app.ledger.tables import entries, heads, lines, rollups
from app.ledger.verify import verify
from app.storage import migrate
from app.storage.engine import Database
from tests.app.ledger.examples import entry, line, postings

values = st.none() | st.integers(-(2**63), 2**63 - 1) | st.text(st.characters(codec="utf-8"))
rows = st.dictionaries(st.sampled_from(["id", "hash", "entry_id", "tenant", "characters", "zeta"]), values)


@given(rows, st.lists(rows))
def test_the_sealed_form_is_plain_json(row: dict[str, Any], mine: list[dict[str, Any]]) -> None:
    assert sealed(row, mine) == rebuilt(row, mine)


def test_each_tenant_has_a_chain_of_its_own(database: Database) -> None:
    ledger = Ledger(database)
    ledger.append_many(postings(entry("a"), entry("b", tenant="another"), entry("a"), entry("c")))
    ledger.append_many(postings(entry("d", line(), line("en", "pt")), entry("e", tenant="another")))
    assert sequences(database, "tenant") == [1, 2, 3]
    assert sequences(database, "another") == [1, 2]


def test_writers_side_by_side_make_one_chain(database: Database) -> None:
    def write(writer: int) -> None:
        for n in range(10):
            Ledger(database).append(entry(f"{writer}-{n}"))

    writers = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert sequences(database, "tenant") == list(range(1, 41))


def test_what_was_there_before_the_chain_is_chained(database: Database) -> None:
    ledger = Ledger(database)
    ledger.append_many(
        postings(entry("a", line(), line("en", "pt")), entry("b", tenant="another"), entry("c"))
    )
    with database.transaction() as connection:
        summed = connection.execute(select(rollups)).all()
        migrate.downgrade(connection, "0002")
        migrate.upgrade(connection)
        assert connection.execute(select(rollups)).all() == summed
    assert sequences(database, "tenant") == [1, 2]
    ledger.append(entry("d"))
    assert sequences(database, "tenant") == [1, 2, 3]


def test_entries_from_before_glossaries_were_recorded_keep_their_seal(database: Database) -> None:
    ledger = Ledger(database)
    ledger.append_many(postings(entry("a"), entry("b")))
    with database.transaction() as connection:
        migrate.downgrade(connection, "0013")
        migrate.upgrade(connection)
    used = replace(entry("c"), glossary="g1", glossary_version=3)
    ledger.append(used)
    assert sequences(database, "tenant") == [1, 2, 3]
    assert verify(database).findings == ()
    assert ledger.append(used) == Recorded(used, duplicate=True)
    with database.read() as connection:
        found = connection.execute(select(entries).where(entries.c.idempotency_key == "c")).mappings().one()
    assert rebuilt({**found, "glossary_version": 4}, []) != rebuilt(dict(found), [])
    assert (found["glossary"], found["glossary_version"]) == ("g1", 3)


def sequences(database: Database, tenant: str) -> list[int]:
    """Of a chain that holds, link by link."""
    previous, found = GENESIS, []
    with database.read() as connection:
        query = select(entries).where(entries.c.tenant == tenant).order_by(entries.c.sequence)
        for row in connection.execute(query).mappings().all():
            mine = connection.execute(select(lines).where(lines.c.entry_id == row["id"])).mappings()
            body = rebuilt(dict(row), [dict(each) for each in mine])
            assert row["previous_hash"] == previous
            assert row["hash"] == hashlib.sha256(body).hexdigest()
            previous = row["hash"]
            found.append(row["sequence"])
        head = connection.execute(select(heads).where(heads.c.tenant == tenant)).one()
        assert (head.sequence, head.hash) == (found[-1], previous)
    return found


def rebuilt(row: dict[str, Any], mine: list[dict[str, Any]]) -> bytes:
    """As docs/ledger.md tells it."""
    body = {name: value for name, value in row.items() if value is not None and name != "hash"}
    body["lines"] = [
        {name: value for name, value in each.items() if value is not None and name != "entry_id"}
        for each in mine
    ]
    return json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
