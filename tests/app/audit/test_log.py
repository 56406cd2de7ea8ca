"""Administration leaves events, on both databases; what is done to the events is found."""

import json
import threading
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import delete, text, update
from sqlalchemy.exc import IntegrityError

from app.audit.log import Action, listed, record, verify
from app.audit.tables import events
from app.glossary.store import Glossaries
from app.glossary.terms import Dictionary, Term, Terms
from app.ledger.pricelists import add_list
from app.ledger.prices import PriceList, Tier
from app.storage.engine import Database
from app.storage.sqlite import SqliteDatabase
from app.tenants.directory import Directory
from app.tenants.tenant import Status
from app.vault.vault import Vault

TERMS = Terms((Dictionary("en", "pt", (Term("canary", "canário"),)),))


def administer(database: Database) -> None:
    directory, glossaries = Directory(database), Glossaries(database, vault=Vault())
    directory.create_tenant("north")
    directory.change_tenant("north", status=Status.SUSPENDED)
    directory.change_tenant("north", status=Status.SUSPENDED)  # changes nothing
    issued = directory.create_key("north")
    new = directory.rotate_key(issued.key.id, grace=timedelta(hours=1))
    directory.revoke_key(new.key.id)
    directory.revoke_key(new.key.id)
    made = glossaries.create("north", "canary", TERMS, key_id="key_1")
    glossaries.change("north", made.id, lambda old: old, name="canary two")
    glossaries.delete("north", made.id, key_id="key_2")
    now = datetime.now(UTC)
    add_list(database, PriceList("prices_1", now, "north", None, "GBP", now, None, (Tier(0, Decimal(8)),)))


def test_every_change_is_there_once_and_without_content(database: Database) -> None:
    administer(database)
    found = listed(database)[::-1]
    assert [event.action for event in found] == [
        Action.TENANT_CREATED, Action.TENANT_CHANGED, Action.KEY_CREATED, Action.KEY_ROTATED, Action.KEY_REVOKED,
        Action.GLOSSARY_CREATED, Action.GLOSSARY_CHANGED, Action.GLOSSARY_DELETED, Action.PRICE_SET,
    ]  # fmt: skip
    assert {event.tenant for event in found} == {"north"}
    assert found[1].details["status"] == "suspended"
    assert [event.actor for event in found if event.actor.startswith("key:")] == ["key:key_1", "key:key_2"]
    assert "can" not in json.dumps([dict(event.details) for event in found])
    verdict = verify(database)
    assert (verdict.events, verdict.hash, verdict.findings) == (9, found[-1].hash, ())
    assert listed(database, tenant="south") == []
    assert [event.sequence for event in listed(database, limit=2)] == [9, 8]


def test_what_is_not_done_is_not_told(database: Database) -> None:
    def fail() -> None:
        with database.transaction() as connection:
            record(connection, Action.TENANT_CREATED, tenant="north")
            raise LookupError

    with pytest.raises(LookupError):
        fail()
    assert (listed(database), verify(database).events) == ([], 0)


def test_those_who_come_together_make_one_chain(database: Database) -> None:
    def note() -> None:
        for _ in range(5):
            with database.transaction() as connection:
                record(connection, Action.JOB_DOWNLOADED)

    threads = [threading.Thread(target=note) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    verdict = verify(database)
    assert (verdict.events, verdict.findings) == (20, ())


def test_the_database_refuses_to_change_events(database: Database) -> None:
    administer(database)
    for statement in ("DELETE FROM audit_event", "UPDATE audit_event SET actor = 'nobody'"):
        with pytest.raises(IntegrityError, match="append-only"), database.transaction() as connection:
            connection.execute(text(statement))


def test_what_was_forged_without_the_triggers_is_found(sqlite: SqliteDatabase) -> None:
    administer(sqlite)
    whole = verify(sqlite).hash
    assert verify(sqlite, noted=whole).findings == ()
    with sqlite.transaction() as connection:
        for name in ("update", "delete"):
            connection.execute(text(f"DROP TRIGGER audit_event_no_{name}"))
        connection.execute(update(events).where(events.c.sequence == 3).values(actor="key:other"))
        connection.execute(text("DELETE FROM audit_event WHERE sequence IN (5, 9)"))
    verdict = verify(sqlite, noted=whole)
    assert [each.sequence for each in verdict.findings] == [3, 6, 8]


def test_an_end_that_was_cut_off_is_found_by_who_noted_its_hash(sqlite: SqliteDatabase) -> None:
    administer(sqlite)
    whole = verify(sqlite)
    with sqlite.transaction() as connection:
        connection.execute(text("DROP TRIGGER audit_event_no_delete"))
        connection.execute(delete(events).where(events.c.sequence > whole.events - 2))
    assert verify(sqlite).findings == ()  # what is left is a chain, only a shorter one
    (found,) = verify(sqlite, noted=whole.hash).findings
    assert (found.sequence, "the end was cut off" in found.problem) == (whole.events - 2, True)
