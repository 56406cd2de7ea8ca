"""What is of the folder alone; what every store of files does is in test_blobs.py."""

import io
import os
import stat
from pathlib import Path

import pytest

from app.errors import StorageError
from app.storage.files import FileBlobs


class Full(io.RawIOBase):
    """As copying onto a full disk ends."""

    def read(self, _: int = -1, /) -> bytes:
        raise OSError(28, "No space left on device")


def test_files_are_this_users_alone(tmp_path: Path) -> None:
    blobs = FileBlobs(tmp_path / "blobs")
    name = blobs.keep("north", io.BytesIO(b"text"))
    assert stat.S_IMODE(blobs.path(name).stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "blobs").stat().st_mode) == 0o700
    assert blobs.path(name).read_bytes() == b"text"


@pytest.mark.parametrize(
    "name", ["", "../secret", "a" * 31, "A" * 32, "/etc/passwd", f"{'a' * 32}-{'b' * 63}"]
)
def test_a_name_is_never_a_path(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError):
        FileBlobs(tmp_path).path(name)


def test_a_file_that_could_not_be_written_is_gone(tmp_path: Path) -> None:
    blobs = FileBlobs(tmp_path / "blobs")
    with pytest.raises(StorageError, match="No space left"):
        blobs.keep("north", Full())
    assert list((tmp_path / "blobs").iterdir()) == []


def test_what_a_killed_process_left_half_written_is_swept_too(tmp_path: Path) -> None:
    blobs = FileBlobs(tmp_path / "blobs")
    kept = blobs.keep("north", io.BytesIO(b"text"))
    half = tmp_path / "blobs" / ".part-0"
    half.write_bytes(b"te")
    os.utime(half, (0, 0))
    assert (blobs.sweep({kept}), half.exists()) == (1, False)


def test_a_file_of_the_first_releases_whose_name_has_no_sum_is_read(tmp_path: Path) -> None:
    (tmp_path / ("a" * 32)).write_bytes(b"text")
    with FileBlobs(tmp_path).open("north", "a" * 32) as blob:
        assert (blob.size, blob.read()) == (4, b"text")


def test_a_folder_that_cannot_be_used_is_told(tmp_path: Path) -> None:
    (tmp_path / "blobs").write_bytes(b"")
    blobs = FileBlobs(tmp_path / "blobs")
    for use in (blobs.ping, lambda: blobs.keep("north", io.BytesIO(b"text"))):
        with pytest.raises(StorageError, match="folder for documents"):
            use()
