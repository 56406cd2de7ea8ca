import json
from pathlib import Path

import pytest

from app.provenance import Signer
from tests.app.cli.conftest import Call
from tests.app.cli.stating import TEXT, write


@pytest.fixture
def signer() -> Signer:
    return Signer(bytes(32))


def test_verify(dragoman: Call, tmp_path: Path, signer: Signer) -> None:
    file = write(tmp_path, signer, "The man.")
    assert signer.public_key in dragoman("statement", "verify", file).out
    assert dragoman("statement", "verify", file, "--key", signer.public_key).code == 0
    assert dragoman("statement", "verify", file, "--key", Signer(bytes([1]) * 32).public_key).code == 1
    Path(file).write_text(Path(file).read_text(encoding="utf-8").replace("man", "cat"), encoding="utf-8")
    assert dragoman("statement", "verify", file).code == 1
    assert dragoman("replay", file).code == 1


def test_the_key_is_this_installations(dragoman: Call) -> None:
    first, again = (dragoman("statement", "key") for _ in range(2))
    assert first.code == 0
    assert first.out == again.out


def test_replay(dragoman: Call, tmp_path: Path, signer: Signer) -> None:
    body = json.loads(dragoman("translate", "--to", "en", "--from", "pt", "--json", TEXT).out)
    told = dragoman("replay", write(tmp_path, signer, body["translations"][0]["text"]))
    assert (told.code, told.out) == (0, "1 segments run again, 0 differences\n")
    other = dragoman("replay", write(tmp_path, signer, "The woman."))
    assert other.code == 1
    assert "unit 0, segment at 0" in other.err
    assert TEXT not in other.err + other.out


def test_what_is_no_statement(dragoman: Call, tmp_path: Path) -> None:
    (tmp_path / "other.json").write_text("[]", encoding="utf-8")
    assert dragoman("replay", str(tmp_path / "other.json")).code == 2
    assert dragoman("statement", "verify", str(tmp_path / "none.json")).code == 2
