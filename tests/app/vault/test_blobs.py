"""Files through the vault into a folder, and out of it."""

import io
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from app.errors import ConfigurationError, FileDamaged, Unreadable, UnsupportedDocument
from app.storage.engine import Database
from app.storage.files import FileBlobs
from app.vault.blobs import SealedBlobs
from app.vault.place import Place as At
from app.vault.streams import FRAME, MAGIC
from app.vault.vault import Vault
from tests.app.vault.keys import master_key, vault

KEY = master_key()
HERE = At("north", "job.result_blob", "job_1")
PLAIN = b"words of a document" * 10_000


@pytest.fixture
def folder(tmp_path: Path) -> FileBlobs:
    return FileBlobs(tmp_path / "blobs")


def sealing(database: Database, folder: FileBlobs, key: str = KEY) -> SealedBlobs:
    return SealedBlobs(folder, vault(database, master_key=key), database)


def of(tenant: str = "north", job: str = "job_1") -> At:
    return At(tenant, "job.result_blob", job)


def read(blobs: SealedBlobs, name: str, place: At = HERE) -> bytes:
    with blobs.open(place, name) as blob:
        found = b"".join(iter(lambda: blob.read(1_000), b""))
        assert len(found) == blob.size
    return found


@pytest.mark.parametrize("size", [0, 5, 30, 40, FRAME, len(PLAIN)])
def test_there_and_back_with_a_key_and_without(sqlite: Database, folder: FileBlobs, size: int) -> None:
    plain = sealing(sqlite, folder, key="").keep(HERE, io.BytesIO(PLAIN[:size]))
    blobs = sealing(sqlite, folder)
    sealed = blobs.keep(HERE, io.BytesIO(PLAIN[:size]))
    assert read(blobs, sealed) == read(blobs, plain) == PLAIN[:size]
    assert folder.path(plain).read_bytes() == PLAIN[:size]
    assert folder.path(sealed).read_bytes().startswith(MAGIC)


def test_another_tenants_file_does_not_open(database: Database, folder: FileBlobs) -> None:
    blobs = sealing(database, folder)
    norths = blobs.keep(HERE, io.BytesIO(PLAIN))
    blobs.keep(of("south"), io.BytesIO(PLAIN))
    with pytest.raises(Unreadable):
        read(blobs, norths, of("south"))


def test_a_file_under_the_name_of_another_is_refused(sqlite: Database, folder: FileBlobs) -> None:
    blobs = sealing(sqlite, folder)
    one, two = (blobs.keep(HERE, io.BytesIO(each)) for each in (PLAIN, PLAIN[1:]))
    folder.path(one).write_bytes(folder.path(two).read_bytes())
    with pytest.raises((FileDamaged, Unreadable)):
        read(blobs, one)


def test_without_the_key_a_file_says_so(sqlite: Database, folder: FileBlobs) -> None:
    name = sealing(sqlite, folder).keep(HERE, io.BytesIO(PLAIN))
    with pytest.raises(ConfigurationError):
        read(SealedBlobs(folder, Vault(), sqlite), name)


def test_what_would_be_taken_for_encrypted_is_not_kept_without_a_key(
    sqlite: Database, folder: FileBlobs
) -> None:
    with pytest.raises(UnsupportedDocument):
        sealing(sqlite, folder, key="").keep(HERE, io.BytesIO(MAGIC + PLAIN))


@pytest.mark.parametrize("key", [KEY, ""], ids=["encrypted", "plain"])
@given(st.integers(0, len(PLAIN) - 1), st.integers(1, 200_000))
@examples(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_part_of_a_file(sqlite: Database, folder: FileBlobs, key: str, start: int, length: int) -> None:
    blobs = sealing(sqlite, folder, key)
    name = blobs.keep(HERE, io.BytesIO(PLAIN))
    length = min(length, len(PLAIN) - start)
    with blobs.part(HERE, name, lambda _: (start, length)) as part:
        found = b"".join(iter(lambda: part.blob.read(1_000), b""))
    assert (found, part.start, part.whole) == (PLAIN[start : start + length], start, len(PLAIN))


def test_a_part_is_proved_by_itself_where_it_is_encrypted(sqlite: Database, folder: FileBlobs) -> None:
    blobs = sealing(sqlite, folder)
    name = blobs.keep(HERE, io.BytesIO(PLAIN * 5))
    stored = bytearray(folder.path(name).read_bytes())
    stored[-40] ^= 1
    folder.path(name).write_bytes(stored)
    with blobs.part(HERE, name, lambda _: (0, FRAME)) as part:
        assert part.blob.read() == PLAIN[:FRAME]
    with pytest.raises(Unreadable), blobs.part(HERE, name, lambda size: (size - 5, 5)) as part:
        part.blob.read()
    with pytest.raises(Unreadable), blobs.part(of(job="job_2"), name, lambda _: (0, 5)) as part:
        part.blob.read()
