"""Files come back as they were, whatever their length and however they are read; nothing cut or changed does."""

import io
import os

import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from app.errors import Unreadable
from app.vault.keyring import DataKey
from app.vault.place import Place
from app.vault.streams import FRAME, HEADER, Opened, Sealing, exactly, mark_of

HERE = Place("north", "job.result_blob", "job_1")
KEY = DataKey("00" * 8, "north", 1, os.urandom(32), b"")
SIZES = st.sampled_from([0, 1, FRAME - 1, FRAME, FRAME + 1, 2 * FRAME, 3 * FRAME + 7])
TAG = 16


def sealed(plain: bytes, piece: int = -1) -> bytes:
    stream = Sealing(io.BytesIO(plain), KEY, HERE)
    return b"".join(iter(lambda: stream.read(piece), b""))


def opened(stored: bytes, piece: int = -1, key: DataKey = KEY, place: Place = HERE) -> bytes:
    stream = io.BytesIO(stored)
    header = exactly(stream, HEADER)
    found = Opened(stream, key, header, place=place, size=len(stored))
    plain = b"".join(iter(lambda: found.read(piece), b""))
    assert len(plain) == found.size
    return plain


@given(SIZES, st.integers(1, 200_000), st.integers(1, 200_000))
@examples(max_examples=30)
def test_there_and_back(size: int, writing: int, reading: int) -> None:
    plain = os.urandom(size)
    stored = sealed(plain, writing)
    assert mark_of(stored[:HEADER]) == KEY.mark
    assert opened(stored, reading) == plain
    assert sealed(plain) != stored


@given(SIZES, st.integers(0, 10**9))
@examples(max_examples=30)
def test_a_file_cut_short_is_refused(size: int, at: int) -> None:
    stored = sealed(os.urandom(size))
    with pytest.raises(Unreadable):
        opened(stored[: HEADER + at % (len(stored) - HEADER)])


def test_cut_at_the_end_of_a_frame_too() -> None:
    stored = sealed(os.urandom(2 * FRAME))
    with pytest.raises(Unreadable):
        opened(stored[: HEADER + FRAME + TAG])


@given(SIZES, st.integers(0, 10**9))
@examples(max_examples=30)
def test_a_changed_byte_is_refused(size: int, at: int) -> None:
    stored = bytearray(sealed(os.urandom(size)))
    stored[9 + at % (len(stored) - 9)] ^= 1
    with pytest.raises(Unreadable):
        opened(bytes(stored))


def test_frames_of_two_files_do_not_mix() -> None:
    one, two = sealed(bytes(2 * FRAME)), sealed(bytes(2 * FRAME))
    with pytest.raises(Unreadable):
        opened(one[: HEADER + FRAME + TAG] + two[HEADER + FRAME + TAG :])
    with pytest.raises(Unreadable):
        opened(one[:HEADER] + one[HEADER + FRAME + TAG :] + one[HEADER : HEADER + FRAME + TAG])


def test_another_tenants_key_does_not_open() -> None:
    with pytest.raises(Unreadable):
        opened(sealed(b"words"), key=DataKey(KEY.id, "south", 1, KEY.secret, b""))


@pytest.mark.parametrize(
    "elsewhere", [Place("north", HERE.kind, "job_2"), Place("north", "job.source_blob", HERE.record)]
)
def test_the_file_of_another_job_or_on_the_other_side_of_one_is_refused(elsewhere: Place) -> None:
    with pytest.raises(Unreadable):
        opened(sealed(b"words"), place=elsewhere)
