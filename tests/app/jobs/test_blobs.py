import io
import os
import stat
from pathlib import Path

import pytest

from app.errors import StorageError
from app.jobs.blobs import Blobs


def test_what_no_job_names_is_swept_once_it_is_old(tmp_path: Path) -> None:
    blobs = Blobs(tmp_path / "blobs")
    assert blobs.sweep(set()) == 0
    known, stray, fresh = (blobs.keep(io.BytesIO(b"text")) for _ in range(3))
    for name in (known, stray):
        os.utime(blobs.path(name), (0, 0))
    assert blobs.sweep({known}) == 1
    assert (blobs.path(known).exists(), blobs.path(stray).exists(), blobs.path(fresh).exists()) == (
        True, False, True,
    )  # fmt: skip


def test_files_are_this_users_alone(tmp_path: Path) -> None:
    blobs = Blobs(tmp_path / "blobs")
    name = blobs.keep(io.BytesIO(b"text"))
    assert stat.S_IMODE(blobs.path(name).stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "blobs").stat().st_mode) == 0o700
    assert blobs.path(name).read_bytes() == b"text"


@pytest.mark.parametrize("name", ["", "../secret", "a" * 31, "A" * 32, "/etc/passwd"])
def test_a_name_is_never_a_path(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError):
        Blobs(tmp_path).path(name)


def test_a_file_that_could_not_be_written_is_gone(tmp_path: Path) -> None:
    blobs = Blobs(tmp_path / "blobs")

    def fail() -> None:
        with blobs.made() as (_, path):
            assert path.exists()
            raise OSError(28, "No space left on device")

    with pytest.raises(StorageError, match="No space left"):
        fail()
    assert list((tmp_path / "blobs").iterdir()) == []
