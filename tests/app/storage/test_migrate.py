import logging
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, MetaData, inspect, text

from app.audit import tables as audit
from app.errors import StorageError
from app.glossary import tables as glossary
from app.jobs import tables as jobs
from app.ledger import tables as ledger
from app.quality import tables as quality
from app.replay import tables as replay
from app.review import tables as review
from app.storage import migrate
from app.storage.engine import Database, open_database
from app.tenants import tables as tenants
from app.vault import tables as vault
from tests.databases import Place

TRIGGERS = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'ledger_%'",
    "postgresql": """SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgname LIKE 'ledger_%'
                     UNION SELECT proname FROM pg_proc WHERE proname LIKE 'ledger_%'""",
}


def triggers(connection: Connection) -> set[str]:
    """And their functions."""
    return set(connection.scalars(text(TRIGGERS[connection.dialect.name])))


def schema(connection: Connection) -> dict[str, list[tuple[object, ...]]]:
    inspected = inspect(connection)
    return {
        name: sorted((str(one["name"]), str(one["type"]), one["nullable"], one["default"]) for one in columns)
        for (_, name), columns in inspected.get_multi_columns().items()
    }


def test_the_migrations_make_the_tables_the_code_uses(database: Database) -> None:
    every = MetaData()
    for part in (audit, glossary, jobs, ledger, quality, replay, review, tenants, vault):
        for table in part.metadata.sorted_tables:
            table.to_metadata(every)
    with database.read() as connection:
        assert compare_metadata(MigrationContext.configure(connection), every) == []


def test_migrating_twice_changes_nothing(database: Database) -> None:
    with database.transaction() as connection:
        before = schema(connection), triggers(connection)
        migrate.upgrade(connection)
        assert (schema(connection), triggers(connection)) == before


def test_down_to_nothing_and_up_again(database: Database, place: Place) -> None:
    with database.transaction() as connection:
        before = schema(connection), triggers(connection)
        migrate.downgrade(connection, "base")
        assert migrate.current(connection) is None
        assert triggers(connection) == set()
        assert schema(connection).keys() <= {"alembic_version"}
    again = place.open()
    with again.read() as connection:
        assert (schema(connection), triggers(connection)) == before
    again.close()


def test_a_migration_cut_short_leaves_the_schema_as_it_was(database: Database) -> None:
    before: set[str] = set()

    def fail() -> None:
        with database.transaction() as connection:
            before.update(triggers(connection))
            migrate.downgrade(connection, "base")
            raise LookupError

    with pytest.raises(LookupError):
        fail()
    with database.read() as connection:
        assert migrate.is_current(connection, database.name)
        assert triggers(connection) == before != set()


def test_a_newer_schema_is_refused(database: Database, place: Place) -> None:
    with database.transaction() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StorageError, match=r"newer Dragoman \(schema 9999; .*Upgrade Dragoman"):
        place.open()


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


def test_who_could_decide_may_go_on_deciding(database: Database) -> None:
    """And the release before finds no scope that it does not know."""
    before = {"sender": "bulk documents translate", "reader": "translate usage", "both": "documents"}
    after = {
        "sender": "bulk documents translate review",
        "reader": "translate usage",
        "both": "documents review",
    }
    key = text(
        "INSERT INTO api_key (id, tenant, name, digest, prefix, scopes, created_at) "
        "VALUES (:id, 'local', '', :id, '', :scopes, 0)"
    )
    with database.transaction() as connection:
        migrate.downgrade(connection, "0018")
        for name, scopes in before.items():
            connection.execute(key, {"id": name, "scopes": scopes})
        migrate.upgrade(connection)
        assert _scopes(connection) == after
        migrate.downgrade(connection, "0018")
        assert _scopes(connection) == before
        migrate.upgrade(connection)


def _scopes(connection: Connection) -> dict[str, str]:
    rows = connection.execute(text("SELECT id, scopes FROM api_key"))
    return {row.id: row.scopes for row in rows}
