import pytest
from sqlalchemy import Connection, MetaData, Table, text

from app.storage import moving
from app.storage.engine import Database


class Full(Exception):
    """A disk, say, while rows are written to it."""


def test_whoever_fails_over_a_batch_leaves_no_cursor_open(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(moving, "_ROWS", 1)
    with database.transaction() as connection:
        connection.execute(text("CREATE TABLE made_up (number INTEGER)"))
        connection.execute(text("INSERT INTO made_up VALUES (1), (2), (3)"))
        metadata = MetaData()
        metadata.reflect(connection, only=["made_up"])
        with pytest.raises(Full) as caught:
            _fail_over(connection, metadata.tables["made_up"])
        assert caught.value.__traceback__ is not None  # it would keep an abandoned cursor alive
        if database.engine.dialect.name == "postgresql":
            assert connection.execute(text("SELECT count(*) FROM pg_cursors")).scalar() == 0
        # PostgreSQL refuses it while a cursor is open on the table, SQLite likewise.
        connection.execute(text("DROP TABLE made_up"))


def test_all_rows_come_in_batches(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(moving, "_ROWS", 3)
    with database.transaction() as connection:
        connection.execute(text("CREATE TABLE made_up (number INTEGER)"))
        connection.execute(text("INSERT INTO made_up VALUES (1), (2), (3), (4), (5), (6), (7)"))
        metadata = MetaData()
        metadata.reflect(connection, only=["made_up"])
        with moving.batches(connection, metadata.tables["made_up"]) as found:
            assert [[number for (number,) in rows] for rows in found] == [[1, 2, 3], [4, 5, 6], [7]]
        connection.execute(text("DROP TABLE made_up"))


def _fail_over(connection: Connection, table: Table) -> None:
    with moving.batches(connection, table) as found:
        assert next(found)[0] == (1,)
        raise Full
