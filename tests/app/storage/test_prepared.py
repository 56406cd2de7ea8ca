"""Statements handed to the driver, on both databases."""

import pytest
from sqlalchemy import Column, MetaData, Select, Table, Text, insert, select
from sqlalchemy.exc import IntegrityError

from app.storage.engine import Database
from app.storage.prepared import fetch, placed, places, room, run

WORDS = Table("words", MetaData(), Column("name", Text, primary_key=True), Column("meaning", Text))
INSERT = insert(WORDS)


def _among(size: int) -> Select[tuple[str, str]]:
    return select(WORDS.c.name, WORDS.c.meaning).where(WORDS.c.name.in_(places("name", size)))


@pytest.fixture
def words(database: Database) -> Database:
    with database.transaction() as connection:
        WORDS.create(connection)
        run(connection, INSERT, [{"name": f"w{number}", "meaning": None} for number in range(9)])
    return database


@pytest.mark.parametrize(("wanted", "size"), [(1, 1), (2, 2), (3, 4), (5, 8), (9, 16)])
def test_a_list_of_any_length_finds_its_rows(words: Database, wanted: int, size: int) -> None:
    names = [f"w{number}" for number in range(wanted)]
    with words.read() as connection:
        found = fetch(connection, _among(room(names)), {**placed("name", names), "unused": "x"})
    assert room(names) == size
    assert sorted(found) == [(name, None) for name in names]


def test_a_refusal_is_told_as_elsewhere_and_undoes_the_transaction(words: Database) -> None:
    with pytest.raises(IntegrityError) as refused, words.transaction() as connection:
        run(connection, INSERT, [{"name": "new", "meaning": "secret"}, {"name": "w1", "meaning": "secret"}])
    assert "secret" not in str(refused.value)
    with words.read() as connection:
        assert fetch(connection, _among(1), {"name0": "new"}) == []
