import io
import struct
import zipfile
from contextlib import suppress

import pytest

from app.documents.archive import Archive, is_archive, names, write
from app.documents.limits import Limits
from app.errors import DamagedDocument, DragomanError, EncryptedDocument, TooLarge


def packed(files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as made:
        for name, data in files.items():
            made.writestr(name, data)
    return out.getvalue()


GOOD = packed({"a.txt": b"one" * 50, "b/c.txt": b"two"})


def test_an_archive_is_read_and_written_with_other_contents() -> None:
    archive = Archive.read(GOOD, Limits())
    assert [entry.name for entry in archive.entries] == list(names(GOOD, Limits())) == ["a.txt", "b/c.txt"]
    again = Archive.read(write(archive, {"a.txt": b"three"}), Limits())
    assert [entry.data for entry in again.entries] == [b"three", b"two"]
    assert [e.info.date_time for e in again.entries] == [e.info.date_time for e in archive.entries]
    assert archive.data("b/c.txt") == b"two"
    assert archive.data("d") is None


def test_a_bomb_is_stopped_while_it_unpacks() -> None:
    with pytest.raises(TooLarge, match="Unpacked"):
        Archive.read(packed({"zeros": bytes(20_000_000)}), Limits(max_expanded_bytes=1_000_000))


def test_too_many_files_are_refused() -> None:
    many = packed({str(number): b"" for number in range(20)})
    for take in (Archive.read, names):
        with pytest.raises(TooLarge, match="files"):
            take(many, Limits(max_entries=19))


@pytest.mark.parametrize("name", ["../x", "a/../../x", "/etc/x", "C:\\x", "..\\x", "\\\\server\\x"])
def test_names_that_lead_out_are_refused(name: str) -> None:
    with pytest.raises(DamagedDocument, match="leads out"):
        Archive.read(packed({name: b"x"}), Limits())


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_two_files_of_one_name_are_refused() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        made.writestr("x", b"1")
        made.writestr("x", b"2")
    with pytest.raises(DamagedDocument, match="one name"):
        Archive.read(out.getvalue(), Limits())


def test_a_password_is_named() -> None:
    data = bytearray(packed({"a": b"x"}))
    directory = data.index(b"PK\x01\x02")
    data[directory + 8] |= 1
    with pytest.raises(EncryptedDocument, match="password"):
        Archive.read(bytes(data), Limits())


def test_other_methods_are_refused() -> None:
    with pytest.raises(DamagedDocument, match="method"):
        Archive.read(packed({"a": b"x"}, zipfile.ZIP_LZMA), Limits())


@pytest.mark.parametrize("field", [20, 24])
def test_claims_of_two_gigabytes_are_not_believed(field: int) -> None:
    data = bytearray(packed({"a": b"x" * 100}))
    directory = data.index(b"PK\x01\x02")
    struct.pack_into("<I", data, directory + field, 2**31 - 1)
    with suppress(DamagedDocument):
        assert [len(entry.data) for entry in Archive.read(bytes(data), Limits()).entries] == [100]


@pytest.mark.parametrize("cut", range(1, len(GOOD)))
def test_whatever_is_cut_short_is_damaged(cut: int) -> None:
    with pytest.raises(DamagedDocument):
        Archive.read(GOOD[:cut], Limits())
    assert isinstance(names(GOOD[:cut], Limits()), tuple)


def test_any_changed_byte_is_read_or_refused() -> None:
    for place in range(len(GOOD)):
        data = bytearray(GOOD)
        data[place] ^= 0xFF
        try:
            Archive.read(bytes(data), Limits())
        except DragomanError:
            continue


def test_what_is_no_archive() -> None:
    assert not is_archive(b"PK nothing")
    assert names(b"words", Limits()) == ()
