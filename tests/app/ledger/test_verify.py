"""Whatever is done to the ledger behind its back is found, and where."""

import pytest

from app.ledger.chain import Head
from app.ledger.store import Ledger
from app.ledger.tables import lines
from app.ledger.verify import Verdict, verify
from app.storage.engine import Database
from app.storage.sqlite import SqliteDatabase
from tests.app.ledger.attack import attack
from tests.app.ledger.examples import entry, line, postings

COPIED = ", ".join("7" if column.name == "position" else column.name for column in lines.columns)


@pytest.fixture
def kept(database: Database) -> Database:
    """Six entries of a tenant with two lines each, and two of another."""
    ledger = Ledger(database)
    ledger.append_many(postings(*[entry(f"k{n}", line(), line("en", "pt")) for n in range(1, 5)]))
    ledger.append_many(postings(entry("k5", line(), line("en", "pt")), entry("o1", tenant="other")))
    ledger.append_many(postings(entry("k6", line(), line("en", "pt")), entry("o2", tenant="other")))
    return database


def told(verdict: Verdict) -> list[tuple[str, int | None, str]]:
    return [(each.tenant, each.sequence, each.problem) for each in verdict.findings]


def test_an_untouched_ledger_holds(kept: Database) -> None:
    verdict = verify(kept)
    assert verdict.findings == ()
    assert [(head.tenant, head.sequence) for head in verdict.heads] == [("other", 2), ("tenant", 6)]


def test_a_ledger_of_many_pages_holds(kept: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.ledger.verify.PAGE", 2)
    assert verify(kept).findings == ()
    with attack(kept) as execute:
        execute("UPDATE ledger_line SET route = '[]' WHERE entry_id = 'tenant/k5'")
    assert [each.sequence for each in verify(kept).findings] == [5]


@pytest.mark.parametrize(
    ("forgery", "sequence", "problem"),
    [
        ("UPDATE ledger_entry SET digest = 'x' WHERE id = 'tenant/k3'", 3, "was changed"),
        ("UPDATE ledger_entry SET created_at = created_at + 1 WHERE id = 'tenant/k3'", 3, "was changed"),
        ("UPDATE ledger_entry SET cost_centre = 'x' WHERE id = 'tenant/k3'", 3, "was changed"),
        ("UPDATE ledger_entry SET hash = previous_hash WHERE id = 'tenant/k6'", 6, "was changed"),
        ("UPDATE ledger_line SET route = '[]' WHERE entry_id = 'tenant/k3' AND position = 1", 3, "was changed"),
        ("DELETE FROM ledger_line WHERE entry_id = 'tenant/k3' AND position = 1", 3, "taken out"),
        (
            "INSERT INTO ledger_line SELECT COPIED FROM ledger_line WHERE entry_id = 'tenant/k3' AND position = 1",
            3,
            "put in",
        ),
        ("DELETE FROM ledger_entry WHERE id = 'tenant/k3'", 3, "Entry 3 is missing."),
        ("DELETE FROM ledger_entry WHERE sequence IN (2, 3) AND tenant = 'tenant'", 2, "Entries 2 to 3 are missing."),
        ("DELETE FROM ledger_entry WHERE id = 'tenant/k1'", 1, "Entry 1 is missing."),
        ("DELETE FROM ledger_entry WHERE sequence > 4 AND tenant = 'tenant'", 5, "Entries 5 to 6 are missing."),
        ("DELETE FROM ledger_entry WHERE tenant = 'tenant'", 1, "Entries 1 to 6 are missing."),
        ("UPDATE ledger_entry SET tenant = 'other', sequence = 3 WHERE id = 'tenant/k6'", 6, "Entry 6 is missing."),
        ("UPDATE ledger_head SET sequence = 5 WHERE tenant = 'tenant'", 6, "head names entry 5"),
        ("UPDATE ledger_head SET hash = 'x' WHERE tenant = 'tenant'", 6, "another hash"),
        ("DELETE FROM ledger_head WHERE tenant = 'tenant'", 6, "head of the chain was taken out"),
        ("UPDATE ledger_rollup SET price_nanos = price_nanos + 1 WHERE tenant = 'tenant'", None, "price_nanos is"),
        ("DELETE FROM ledger_rollup WHERE tenant = 'tenant'", None, "was taken out"),
        ("UPDATE ledger_rollup SET day = day + 1 WHERE tenant = 'tenant'", None, "was put in"),
    ],
)  # fmt: skip
def test_a_forgery_is_found_where_it_is(
    kept: Database, forgery: str, sequence: int | None, problem: str
) -> None:
    with attack(kept) as execute:
        assert execute(forgery.replace("COPIED", COPIED)) > 0
    found = told(verify(kept, tenant="tenant"))
    assert any(place == sequence and problem in what for _, place, what in found), found
    if "tenant = 'other'" not in forgery:
        assert verify(kept, tenant="other").findings == ()


@pytest.mark.parametrize(
    "forgery",
    [
        "UPDATE ledger_entry SET characters = 'many' WHERE id = 'tenant/k3'",
        "UPDATE ledger_entry SET created_at = 'never' WHERE id = 'tenant/k3'",
        "UPDATE ledger_entry SET reason = x'ff' WHERE id = 'tenant/k3'",
        "UPDATE ledger_line SET utf8_bytes = 'some' WHERE entry_id = 'tenant/k3'",
    ],
)
def test_values_of_another_kind_are_found_and_stop_nothing(sqlite: SqliteDatabase, forgery: str) -> None:
    """Where columns have no types of their own: PostgreSQL refuses them."""
    ledger = Ledger(sqlite)
    ledger.append_many(postings(*[entry(f"k{n}", line()) for n in range(1, 5)], entry("o", tenant="other")))
    with attack(sqlite) as execute:
        assert execute(forgery) > 0
        execute("DELETE FROM ledger_entry WHERE tenant = 'other'")
    found = verify(sqlite).findings
    assert "tenant/k3" in [each.entry for each in found]
    assert ("other", 1, "Entry 1 is missing.") in told(verify(sqlite))


def test_entries_that_changed_places_are_found(kept: Database) -> None:
    with attack(kept) as execute:
        for old, new in ((2, 99), (3, 2), (99, 3)):
            execute(f"UPDATE ledger_entry SET sequence = {new} WHERE tenant = 'tenant' AND sequence = {old}")  # noqa: S608
    places = {place for _, place, _ in told(verify(kept, tenant="tenant"))}
    assert {2, 3} <= places


def test_an_entry_put_in_twice_is_found(kept: Database) -> None:
    with attack(kept) as execute:
        execute("CREATE TABLE forgery AS SELECT * FROM ledger_entry")
        execute("DELETE FROM ledger_entry")
        if kept.engine.dialect.name == "sqlite":
            execute("DROP TABLE ledger_entry")
            execute("CREATE TABLE ledger_entry AS SELECT * FROM forgery")
        else:
            execute("ALTER TABLE ledger_entry DROP CONSTRAINT uq_ledger_entry_tenant_sequence")
            execute("INSERT INTO ledger_entry SELECT * FROM forgery")
        execute("UPDATE forgery SET id = 'forged', idempotency_key = 'forged'")
        execute("INSERT INTO ledger_entry SELECT * FROM forgery WHERE tenant = 'tenant' AND sequence = 3")
    found = [each for each in verify(kept).findings if each.sequence == 3]
    assert any("Another entry has this place" in each.problem for each in found)
    assert "forged" in {each.entry for each in found}


def test_lines_without_an_entry_are_found(kept: Database) -> None:
    with attack(kept) as execute:
        execute("DELETE FROM ledger_entry WHERE id = 'tenant/k6'")
    assert ("", None, "2 lines of it are there, but no entry.") in told(verify(kept))


def test_a_chain_sealed_anew_is_found_by_a_head_noted_before(kept: Database) -> None:
    noted = verify(kept).heads
    Ledger(kept).append(entry("k7"))
    assert verify(kept, noted=noted).findings == ()
    forged = [Head("tenant", 6, "f" * 64), Head("tenant", 9, "f" * 64), *noted[:1]]
    assert told(verify(kept, noted=forged)) == [
        ("tenant", 6, "It is not the head that was noted: the chain was sealed anew."),
        ("tenant", 8, "Entries 8 to 9 are missing."),
    ]


def test_a_whole_tenant_taken_out_is_found_by_its_noted_head(kept: Database) -> None:
    noted = verify(kept).heads
    with attack(kept) as execute:
        for table in ("ledger_entry", "ledger_head", "ledger_rollup"):
            execute(f"DELETE FROM {table} WHERE tenant = 'tenant'")  # noqa: S608
        execute("DELETE FROM ledger_line WHERE entry_id LIKE 'tenant/%'")
    assert verify(kept).findings == ()
    assert ("tenant", 1, "Entries 1 to 6 are missing.") in told(verify(kept, noted=noted))
