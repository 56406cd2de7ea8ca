"""What every store of files does."""

import hashlib
import io
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from app.errors import FileDamaged, FileMissing
from app.storage.blobs import PIECE, Blobs, sha256, whole
from app.storage.files import FileBlobs
from app.storage.s3 import S3Blobs
from tests.objectstore import Bucket

LONG = bytes(range(256)) * (3 * PIECE // 256) + b"end"


@dataclass(frozen=True, slots=True)
class Store:
    blobs: Blobs
    age: Callable[[str], None]
    """Makes a file older than any grace."""
    damage: Callable[[str, bytes], object]


@pytest.fixture(params=["files", "s3"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    if request.param == "files":
        files = FileBlobs(tmp_path / "blobs")
        return Store(
            files,
            age=lambda name: os.utime(files.path(name), (0, 0)),
            damage=lambda name, data: files.path(name).write_bytes(data),
        )
    bucket = request.getfixturevalue("bucket")
    assert isinstance(bucket, Bucket)
    return Store(S3Blobs(bucket.address), age=bucket.age, damage=bucket.write)


@pytest.mark.parametrize("data", [b"", b"text", LONG])
def test_what_was_kept_comes_back(store: Store, data: bytes) -> None:
    name = store.blobs.keep("north", io.BytesIO(data))
    with store.blobs.open("north", name) as blob:
        assert (blob.size, b"".join(whole(blob))) == (len(data), data)
    assert name.endswith(digest(store, name))


@given(st.integers(0, len(LONG) - 1), st.integers(1, len(LONG)))
@examples(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_piece_is_what_was_asked_for(store: Store, start: int, length: int) -> None:
    name = store.blobs.keep("north", io.BytesIO(LONG))
    length = min(length, len(LONG) - start)
    with store.blobs.piece("north", name, start=start, length=length) as piece:
        assert b"".join(iter(lambda: piece.read(PIECE), b"")) == LONG[start : start + length]
    store.blobs.remove("north", name)
    with pytest.raises(FileMissing), store.blobs.piece("north", name, start=0, length=1):
        pass


def digest(store: Store, name: str) -> str:
    with store.blobs.open("north", name) as blob:
        return sha256(blob)


def test_it_is_read_in_whatever_bites(store: Store) -> None:
    name = store.blobs.keep("north", io.BytesIO(LONG))
    with store.blobs.open("north", name) as blob:
        read = [blob.read(PIECE - 1), blob.read(0), blob.read(3), blob.read()]
    assert (b"".join(read), read[1], len(read[2])) == (LONG, b"", 1)


def test_names_tell_nothing_twice(store: Store) -> None:
    first, second = (store.blobs.keep("north", io.BytesIO(b"text")) for _ in range(2))
    assert first[:32] != second[:32]


@pytest.mark.parametrize("damaged", [b"tex_", b"tex", b"text and more", b""])
def test_a_damaged_file_is_not_given(store: Store, damaged: bytes) -> None:
    name = store.blobs.keep("north", io.BytesIO(b"text"))
    store.damage(name, damaged)
    with pytest.raises(FileDamaged), store.blobs.open("north", name) as blob:
        blob.read()


def test_the_last_piece_of_a_damaged_file_is_not_given(store: Store) -> None:
    name = store.blobs.keep("north", io.BytesIO(LONG))
    store.damage(name, LONG[:-1] + b"_")
    given = io.BytesIO()
    with store.blobs.open("north", name) as blob, pytest.raises(FileDamaged):
        given.writelines(whole(blob))
    assert 0 < len(given.getvalue()) < len(LONG)


def test_what_is_not_there_is_missing_and_may_be_removed(store: Store) -> None:
    name = store.blobs.keep("north", io.BytesIO(b"text"))
    store.blobs.remove("north", name, None)
    store.blobs.remove("north", name)
    with pytest.raises(FileMissing), store.blobs.open("north", name):
        pass


def test_a_file_is_put_under_its_own_name_alone(store: Store) -> None:
    assert store.blobs.empty()
    name = store.blobs.keep("north", io.BytesIO(b"text"))
    store.blobs.remove("north", name)
    with pytest.raises(FileDamaged):
        store.blobs.put("north", name, io.BytesIO(b"another"))
    assert store.blobs.empty()
    store.blobs.put("north", name, io.BytesIO(b"text"))
    assert not store.blobs.empty()
    assert digest(store, name) == hashlib.sha256(b"text").hexdigest()


def test_what_no_job_names_is_swept_once_it_is_old(store: Store) -> None:
    assert store.blobs.sweep(set()) == 0
    known, stray, fresh = (store.blobs.keep("north", io.BytesIO(b"text")) for _ in range(3))
    for name in (known, stray):
        store.age(name)
    assert store.blobs.sweep({known}) == 1
    for name in (known, fresh):
        assert len(digest(store, name)) == 64
    with pytest.raises(FileMissing):
        digest(store, stray)


def test_a_store_that_is_there_answers(store: Store) -> None:
    store.blobs.ping()
