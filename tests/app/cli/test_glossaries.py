"""dragoman glossaries, and --glossary."""

import json
from pathlib import Path

import pytest

from tests.app.cli.conftest import Call


@pytest.fixture
def terms(tmp_path: Path) -> Path:
    file = tmp_path / "terms.tsv"
    file.write_text("van\tcarrinha\nbus\tautocarro\n", encoding="utf-8")
    return file


def test_a_glossary_from_file_to_file(dragoman: Call, terms: Path, tmp_path: Path) -> None:
    done = dragoman(
        "glossaries", "create", "Statements", str(terms), "--from", "en", "--to", "pt", "--protect", "ACME"
    )
    assert done.code == 0, done.err
    ident = done.out.strip()
    terms.write_text("van\tfurgão\n", encoding="utf-8")
    done = dragoman("glossaries", "import", ident, str(terms), "--from", "en", "--to", "pt", "--json")
    assert json.loads(done.out)["version"] == 2
    (listed,) = json.loads(dragoman("glossaries", "list", "--json").out)["glossaries"]
    assert (listed["id"], listed["pairs"]) == (ident, [{"source": "en", "target": "pt", "terms": 1}])
    shown = dragoman("glossaries", "show", ident)
    assert "furgão" in shown.out
    assert "protected: ACME" in shown.out
    out = tmp_path / "out.tbx"
    asked = ("glossaries", "export", ident, "--from", "en", "--to", "pt")
    assert dragoman(*asked, "--format", "tbx", "--out", str(out)).code == 0
    assert "<term>furgão</term>" in out.read_text(encoding="utf-8")
    assert dragoman(*asked, "--version", "1").out == "van\tcarrinha\nbus\tautocarro\n"
    assert dragoman("glossaries", "delete", ident).code == 0
    gone = dragoman(*asked)
    assert (gone.code, gone.out) == (2, "")
    assert "no such glossary" in gone.err


def test_translations_with_one(dragoman: Call, terms: Path, tmp_path: Path, model_dir: Path) -> None:
    settings = {"DRAGOMAN_MODEL_DIR": str(model_dir)}
    ident = dragoman("glossaries", "create", "S", str(terms), "--from", "en", "--to", "pt").out.strip()
    for glossary in (ident, str(terms)):
        asked = ("translate", "--from", "en", "--to", "pt", "--glossary", glossary, "--protect", "bus")
        assert dragoman(*asked, "The van and the bus.", **settings).out == "The carrinha and the bus.\n"
    letter = tmp_path / "letter.txt"
    letter.write_text("The van left.\n", encoding="utf-8")
    asked = ("documents", "translate", str(letter), "--from", "en", "--to", "pt", "--glossary", ident)
    assert dragoman(*asked, **settings).code == 0
    assert (tmp_path / "letter.pt.txt").read_text(encoding="utf-8") == "The carrinha left.\n"
    missing = dragoman("translate", "--to", "pt", "--from", "en", "--glossary", "none", "A", **settings)
    assert missing.code == 2


@pytest.mark.parametrize(
    "args",
    [
        ("create", "S", "terms.tsv"),
        ("create", "S", "terms.tsv", "--from", "en", "--to", "en"),
        ("show", "none"),
    ],
)
def test_what_cannot_be(dragoman: Call, terms: Path, args: tuple[str, ...]) -> None:
    assert dragoman("glossaries", *args).code == 2
