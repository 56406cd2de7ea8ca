import logging
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import MetaData, text

from app.errors import StorageError
from app.ledger import tables as ledger
from app.replay import tables as replay
from app.storage import migrate
from app.storage.engine import Database, open_database

LEDGER_TRIGGERS = "SELECT count(*) FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'ledger_%'"


def test_the_migrations_make_the_tables_the_code_uses(database: Database) -> None:
    every = MetaData()
    for table in (*ledger.metadata.sorted_tables, *replay.metadata.sorted_tables):
        table.to_metadata(every)
    with database.read() as connection:
        assert compare_metadata(MigrationContext.configure(connection), every) == []


def test_migrating_twice_changes_nothing(database: Database) -> None:
    with database.transaction() as connection:
        before = connection.execute(text("SELECT sql FROM sqlite_master ORDER BY name")).all()
        migrate.upgrade(connection)
        assert connection.execute(text("SELECT sql FROM sqlite_master ORDER BY name")).all() == before


def test_down_to_nothing_and_up_again(database: Database) -> None:
    with database.transaction() as connection:
        migrate.downgrade(connection, "base")
        assert migrate.current(connection) is None
        assert connection.execute(text(LEDGER_TRIGGERS)).scalar_one() == 0
    again = open_database(database.path.parent)
    with again.read() as connection:
        assert connection.execute(text(LEDGER_TRIGGERS)).scalar_one() == 7
    again.close()


def test_a_migration_cut_short_leaves_the_schema_as_it_was(database: Database) -> None:
    def fail() -> None:
        with database.transaction() as connection:
            migrate.downgrade(connection, "base")
            raise LookupError

    with pytest.raises(LookupError):
        fail()
    with database.read() as connection:
        assert migrate.is_current(connection, database.path)
        assert connection.execute(text(LEDGER_TRIGGERS)).scalar_one() == 7


def test_a_newer_schema_is_refused(database: Database) -> None:
    with database.transaction() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StorageError, match=r"newer Dragoman \(schema 9999; .*Upgrade Dragoman"):
        open_database(database.path.parent)


def test_migrating_prints_nothing_and_leaves_logging_alone(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    ours = logging.getLogger("dragoman.before")
    root = logging.getLogger()
    before = (root.level, list(root.handlers), logging.getLogger("alembic").level)
    open_database(tmp_path / "data").close()
    assert (root.level, root.handlers, logging.getLogger("alembic").level) == before
    assert not ours.disabled
    assert capfd.readouterr() == ("", "")
