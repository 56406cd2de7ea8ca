"""Files through the vault into a folder, and out of it."""

import io
from pathlib import Path

import pytest

from app.errors import ConfigurationError, FileDamaged, Unreadable, UnsupportedDocument
from app.storage.engine import Database
from app.storage.files import FileBlobs
from app.vault.blobs import SealedBlobs
from app.vault.streams import FRAME, MAGIC
from app.vault.vault import Vault
from tests.app.vault.keys import master_key, vault

KEY = master_key()
PLAIN = b"words of a document" * 10_000


@pytest.fixture
def folder(tmp_path: Path) -> FileBlobs:
    return FileBlobs(tmp_path / "blobs")


def sealing(database: Database, folder: FileBlobs, key: str = KEY) -> SealedBlobs:
    return SealedBlobs(folder, vault(database, master_key=key), database)


def read(blobs: SealedBlobs, name: str, tenant: str = "north") -> bytes:
    with blobs.open(tenant, name) as blob:
        found = b"".join(iter(lambda: blob.read(1_000), b""))
        assert len(found) == blob.size
    return found


@pytest.mark.parametrize("size", [0, 5, 30, 40, FRAME, len(PLAIN)])
def test_there_and_back_with_a_key_and_without(sqlite: Database, folder: FileBlobs, size: int) -> None:
    plain = sealing(sqlite, folder, key="").keep("north", io.BytesIO(PLAIN[:size]))
    blobs = sealing(sqlite, folder)
    sealed = blobs.keep("north", io.BytesIO(PLAIN[:size]))
    assert read(blobs, sealed) == read(blobs, plain) == PLAIN[:size]
    assert folder.path(plain).read_bytes() == PLAIN[:size]
    assert folder.path(sealed).read_bytes().startswith(MAGIC)


def test_another_tenants_file_does_not_open(database: Database, folder: FileBlobs) -> None:
    blobs = sealing(database, folder)
    norths = blobs.keep("north", io.BytesIO(PLAIN))
    blobs.keep("south", io.BytesIO(PLAIN))
    with pytest.raises(Unreadable):
        read(blobs, norths, "south")


def test_a_file_under_the_name_of_another_is_refused(sqlite: Database, folder: FileBlobs) -> None:
    blobs = sealing(sqlite, folder)
    one, two = (blobs.keep("north", io.BytesIO(each)) for each in (PLAIN, PLAIN[1:]))
    folder.path(one).write_bytes(folder.path(two).read_bytes())
    with pytest.raises((FileDamaged, Unreadable)):
        read(blobs, one)


def test_without_the_key_a_file_says_so(sqlite: Database, folder: FileBlobs) -> None:
    name = sealing(sqlite, folder).keep("north", io.BytesIO(PLAIN))
    with pytest.raises(ConfigurationError):
        read(SealedBlobs(folder, Vault(), sqlite), name)


def test_what_would_be_taken_for_encrypted_is_not_kept_without_a_key(
    sqlite: Database, folder: FileBlobs
) -> None:
    with pytest.raises(UnsupportedDocument):
        sealing(sqlite, folder, key="").keep("north", io.BytesIO(MAGIC + PLAIN))
