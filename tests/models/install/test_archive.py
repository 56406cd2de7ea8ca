"""Zips that cannot be read."""

import struct
import zipfile
from pathlib import Path

import pytest

from models.contracts import InstallError
from models.install.archive import unzip

NAME = "config.json"


def packed(file: Path, method: int = zipfile.ZIP_DEFLATED) -> bytearray:
    with zipfile.ZipFile(file, "w", method) as archive:
        archive.writestr(NAME, b'{"a": "made-up configuration", "layers": [1, 2, 3]}' * 40)
    return bytearray(file.read_bytes())


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_LZMA, zipfile.ZIP_STORED])
def test_a_damaged_member_is_no_zip_that_can_be_read(tmp_path: Path, method: int) -> None:
    file = tmp_path / "model.zip"
    raw = packed(file, method)
    (size,) = struct.unpack_from("<I", raw, 18)
    inside = 30 + len(NAME) + size // 2
    raw[inside - 8 : inside + 8] = b"\xff" * 16
    file.write_bytes(raw)
    with pytest.raises(InstallError, match=r"model\.zip is not a zip that can be read"):
        unzip(file, tmp_path / "into")


def test_what_is_cut_off_is_no_zip_that_can_be_read(tmp_path: Path) -> None:
    file = tmp_path / "model.zip"
    file.write_bytes(packed(file)[:-40])
    with pytest.raises(InstallError, match=r"model\.zip is not a zip that can be read"):
        unzip(file, tmp_path / "into")


def test_an_encrypted_zip_says_so(tmp_path: Path) -> None:
    file = tmp_path / "model.zip"
    raw = packed(file)
    raw[6] |= 1
    raw[raw.index(b"PK\x01\x02") + 8] |= 1
    file.write_bytes(raw)
    with pytest.raises(InstallError, match=r"model\.zip is encrypted"):
        unzip(file, tmp_path / "into")
