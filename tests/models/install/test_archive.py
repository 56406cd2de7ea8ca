"""Zips that cannot be read, or must not be."""

import shutil
import stat
import struct
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings, strategies

from models.contracts import InstallError, Untrusted
from models.install.archive import unzip

NAME = "config.json"


def packed(file: Path, method: int = zipfile.ZIP_DEFLATED) -> bytearray:
    with zipfile.ZipFile(file, "w", method) as archive:
        archive.writestr(NAME, b'{"a": "made-up configuration", "layers": [1, 2, 3]}' * 40)
    return bytearray(file.read_bytes())


@pytest.mark.parametrize(
    "method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA, zipfile.ZIP_STORED]
)
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


def test_a_name_that_is_no_text_or_is_too_long_for_a_disk(tmp_path: Path) -> None:
    file = tmp_path / "model.zip"
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("é/config.json", "{}")
    file.write_bytes(file.read_bytes().replace("é".encode(), b"\xff\xff"))
    with pytest.raises(InstallError, match=r"model\.zip is not a zip that can be read"):
        unzip(file, tmp_path / "into")
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(f"{'x' * 400}.npz", "")

    assert unzip(file, tmp_path / "into") == (f"{'x' * 400}.npz",)
    assert list((tmp_path / "into").iterdir()) == []


def test_a_link_in_a_zip_is_no_link_on_the_disk(tmp_path: Path) -> None:
    entry = zipfile.ZipInfo("config.json")
    entry.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(tmp_path / "model.zip", "w") as archive:
        archive.writestr(entry, "/etc/passwd")

    unzip(tmp_path / "model.zip", tmp_path / "into")

    assert not (tmp_path / "into" / NAME).is_symlink()
    assert (tmp_path / "into" / NAME).read_bytes() == b"/etc/passwd"


def test_what_does_not_fit_on_the_disk_is_not_begun(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "model.zip"
    packed(file)
    monkeypatch.setattr("models.install.room._SPARE", shutil.disk_usage(tmp_path).free)

    with pytest.raises(InstallError, match=r"model\.zip needs 2 kB on the disk of .* are free"):
        unzip(file, tmp_path / "into")

    assert list((tmp_path / "into").iterdir()) == []


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    method=strategies.sampled_from([0, 8, 12, 14]),
    changes=strategies.lists(
        strategies.tuples(strategies.floats(0, 1), strategies.integers(0, 255)), max_size=8
    ),
    kept=strategies.floats(0.5, 1),
)
def test_a_damaged_zip_is_read_or_refused_and_never_anything_else(
    tmp_path: Path, method: int, changes: list[tuple[float, int]], kept: float
) -> None:
    file = tmp_path / "model.zip"
    raw = packed(file, method)
    for place, value in changes:
        raw[int(place * (len(raw) - 1))] = value
    file.write_bytes(raw[: int(kept * len(raw))])

    try:
        unzip(file, tmp_path / "into")
    except (InstallError, Untrusted):
        pass
    finally:
        shutil.rmtree(tmp_path / "into", ignore_errors=True)
    assert [each.name for each in tmp_path.iterdir()] == ["model.zip"]
