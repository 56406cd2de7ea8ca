"""What is sealed opens in its own place, with its own keys, and nowhere else."""

import base64
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st
from sqlalchemy import select, update

from app.errors import ConfigurationError, StorageError, Suspended, Unreadable
from app.storage.engine import Database
from app.tenants.directory import Directory
from app.tenants.tenant import Status
from app.vault.keyring import KEPT, Keyring, live
from app.vault.masters import MasterKey, Masters
from app.vault.place import Place
from app.vault.tables import data_keys
from app.vault.vault import PLAIN, SEALED, Vault
from tests.app.vault.keys import key_file, key_service, master_key, vault

HERE = Place("north", "job_chunk.units", "job_1:0")
WORDS = b"the minutes of a meeting"


def seal(made: Vault, database: Database, place: Place = HERE, plain: bytes = WORDS) -> bytes:
    return database.attempt(lambda connection: made.seal(connection, place, plain))


def opened(made: Vault, database: Database, stored: bytes, place: Place = HERE) -> bytes:
    with database.read() as connection:
        return made.open(connection, place, stored)


def test_what_is_sealed_opens(database: Database) -> None:
    made = vault(database, master_key=master_key())
    sealed = seal(made, database)
    assert WORDS not in sealed
    assert sealed != seal(made, database)
    assert opened(made, database, sealed) == WORDS


@pytest.mark.parametrize(
    "elsewhere",
    [
        Place("south", HERE.kind, HERE.record),
        Place("north", "job_chunk.result", HERE.record),
        Place("north", HERE.kind, "job_1:1"),
    ],
    ids=["tenant", "class", "row"],
)
def test_a_ciphertext_that_was_moved_is_refused(sqlite: Database, elsewhere: Place) -> None:
    made = vault(sqlite, master_key=master_key())
    sealed = seal(made, sqlite)
    seal(made, sqlite, elsewhere)
    with pytest.raises(Unreadable):
        opened(made, sqlite, sealed, elsewhere)


@given(st.integers(0, 10_000), st.integers(1, 255))
@examples(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_byte_may_change(sqlite: Database, at: int, by: int) -> None:
    made = vault(sqlite, master_key=_SAME)
    sealed = bytearray(seal(made, sqlite))
    sealed[9 + at % (len(sealed) - 9)] ^= by
    with pytest.raises(Unreadable):
        opened(made, sqlite, bytes(sealed))
    with pytest.raises(Unreadable):
        opened(made, sqlite, seal(made, sqlite)[: 9 + at % 40])


_SAME = master_key()


def test_a_data_key_given_to_another_tenant_does_not_open(sqlite: Database) -> None:
    key = master_key()
    sealed = seal(vault(sqlite, master_key=key), sqlite)
    with sqlite.transaction() as connection:
        connection.execute(update(data_keys).values(tenant="south"))
    with pytest.raises(ConfigurationError, match="row was changed"):
        opened(Vault(Keyring(Masters([MasterKey(base64.b64decode(key))]))), sqlite, sealed)


def test_another_master_key_or_none_says_so_at_once(sqlite: Database) -> None:
    seal(vault(sqlite, master_key=master_key()), sqlite)
    with pytest.raises(ConfigurationError, match="which is not configured"):
        vault(sqlite, master_key=master_key())
    with pytest.raises(ConfigurationError, match="there is none"):
        vault(sqlite)


def test_a_new_line_in_front_of_the_file_is_the_new_key(sqlite: Database, tmp_path: Path) -> None:
    old, new = master_key(), master_key()
    sealed = seal(vault(sqlite, master_key_file=key_file(tmp_path, old)), sqlite)
    both = vault(sqlite, master_key_file=key_file(tmp_path, new, old))
    assert opened(both, sqlite, sealed) == WORDS
    seal(both, sqlite, Place("south", "", ""))
    with sqlite.read() as connection:
        wrapped = {row.tenant: row.master for row in connection.execute(select(data_keys))}
    assert wrapped["north"] != wrapped["south"]


@pytest.mark.parametrize("written", ["", "short", "c2hvcnQ=", "ä"])
def test_what_is_no_key_is_refused_and_not_repeated(sqlite: Database, tmp_path: Path, written: str) -> None:
    file = tmp_path / "master.key"
    file.write_text(written, encoding="utf-8")
    with pytest.raises(ConfigurationError) as refused:
        vault(sqlite, master_key_file=str(file))
    assert not written or written not in str(refused.value)


def test_a_key_service(database: Database, tmp_path: Path) -> None:
    program = key_service(tmp_path)
    sealed = seal(vault(database, kms_command=program), database)
    assert opened(vault(database, kms_command=program), database, sealed) == WORDS
    with database.read() as connection:
        assert connection.execute(live("north")).mappings().one()["master"] == "kms"


def test_a_key_service_that_ignores_the_context_cannot_be_tricked(sqlite: Database, tmp_path: Path) -> None:
    program = key_service(tmp_path)
    seal(vault(sqlite, kms_command=program), sqlite)
    with sqlite.transaction() as connection:
        connection.execute(update(data_keys).values(tenant="south"))
    with pytest.raises(ConfigurationError, match="not the one that the key service wrapped"):
        vault(sqlite, kms_command=program)


@pytest.mark.parametrize(
    "program", ["#!/bin/sh\nexit 3\n", "#!/bin/sh\necho no\n", "#!/bin/sh\necho '{{}}'\n"]
)
def test_a_key_service_that_fails_is_named(sqlite: Database, tmp_path: Path, program: str) -> None:
    made = vault(sqlite, kms_command=key_service(tmp_path, program))
    with pytest.raises(StorageError, match="key service"):
        seal(made, sqlite)


def test_without_a_key_nothing_changes(database: Database) -> None:
    made = vault(database)
    assert seal(made, database) == WORDS
    assert opened(vault(database, master_key=master_key()), database, WORDS) == WORDS


@pytest.mark.parametrize("text", ["Bom dia.", SEALED + "AAAA", PLAIN, "\ud800", ""])
def test_every_text_comes_back_with_a_key_and_without(sqlite: Database, text: str) -> None:
    for made in (vault(sqlite), vault(sqlite, master_key=_SAME)):
        with sqlite.transaction() as connection:
            stored = made.seal_text(connection, HERE, text)
            assert made.open_text(connection, HERE, stored) == text


def test_a_digest_is_the_tenants_own(sqlite: Database) -> None:
    made = vault(sqlite, master_key=master_key())
    with sqlite.transaction() as connection:
        first = made.digest(connection, "north", "Yes.")
        assert first == made.digest(connection, "north", "Yes.")
        assert first != made.digest(connection, "south", "Yes.")


def test_a_destroyed_key_opens_nothing_once_it_is_out_of_memory(sqlite: Database) -> None:
    now = [0.0]
    made = Vault(Keyring(Masters([MasterKey(bytes(32))]), clock=lambda: now[0]))
    sealed = seal(made, sqlite)
    with sqlite.transaction() as connection:
        connection.execute(update(data_keys).values(wrapped=None))
    now[0] = KEPT + 1
    with pytest.raises(Unreadable):
        opened(made, sqlite, sealed)


def test_nothing_is_kept_for_a_tenant_that_was_erased(database: Database) -> None:
    Directory(database).create_tenant("north")
    made = vault(database, master_key=master_key())
    seal(made, database)
    with database.transaction() as connection:
        connection.execute(update(data_keys).values(wrapped=None))
    Directory(database).change_tenant("north", status=Status.SUSPENDED)
    with pytest.raises(Suspended):
        seal(made, database)
    Directory(database).change_tenant("north", status=Status.ACTIVE)
    assert opened(made, database, seal(made, database)) == WORDS
