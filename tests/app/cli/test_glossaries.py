"""dragoman glossaries, and --glossary."""

import json
import re
from pathlib import Path

import pytest

from tests.app.cli.conftest import Call
from tests.app.cli.program import Served


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


def test_a_server_s_glossaries_are_told_alike(
    dragoman: Call, server: Served, terms: Path, tmp_path: Path
) -> None:
    told = [
        _life(dragoman, terms, tmp_path / name, *where)
        for name, where in (("own", ()), ("server", ("--server", server.url)))
    ]
    assert told[0] == told[1]
    refused = dragoman("glossaries", "list", "--tenant", "local", "--server", server.url)
    assert (refused.code, "--tenant" in refused.err) == (2, True)


def test_a_server_s_glossary_by_its_name(dragoman: Call, server: Served, terms: Path, tmp_path: Path) -> None:
    there = ("--server", server.url)
    made = dragoman("glossaries", "create", "By name", str(terms), "--from", "en", "--to", "pt", *there)
    asked = ("--from", "en", "--to", "pt", "--glossary", "By name", *there)
    done = dragoman("translate", *asked, "--json", "The van left.")
    assert json.loads(done.out)["glossary"]["id"] == made.out.strip()
    letter = tmp_path / "letter.txt"
    letter.write_text("The van left.\n", encoding="utf-8")
    assert dragoman("documents", "translate", str(letter), *asked).code == 0
    assert "carrinha" in (tmp_path / "letter.pt.txt").read_text(encoding="utf-8")
    assert dragoman("glossaries", "delete", made.out.strip(), *there).code == 0
    assert "no stored glossary" in dragoman("translate", *asked, "The van left.").err


def _life(dragoman: Call, terms: Path, folder: Path, *where: str) -> list[str]:
    """What every command says of one glossary, without its id and times."""
    folder.mkdir()
    pair = ("--from", "en-GB", "--to", "pt")
    made = dragoman(
        "glossaries",
        "create",
        "Statements",
        str(terms),
        *pair,
        "--protect",
        "ACME",
        "--pattern",
        "R-[0-9]+",
        *where,
    )
    ident = made.out.strip()
    done = [
        made,
        dragoman("glossaries", "import", ident, str(terms), "--from", "pt", "--to", "en", "--json", *where),
        dragoman("glossaries", "list", *where),
        dragoman("glossaries", "show", ident, *where),
        dragoman("glossaries", "show", ident, "--version", "1", "--json", *where),
        dragoman("glossaries", "export", ident, *pair, "--format", "csv", *where),
        dragoman("glossaries", "export", ident, *pair, "--out", str(folder / "terms.tsv"), *where),
        dragoman("glossaries", "export", ident, "--from", "de", "--to", "en", *where),
        dragoman("glossaries", "delete", ident, *where),
        dragoman("glossaries", "show", ident, *where),
    ]
    assert [each.code for each in done] == [0, 0, 0, 0, 0, 0, 0, 2, 0, 2]
    written = [f"{each.out}{each.err}" for each in done] + [
        (folder / "terms.tsv").read_text(encoding="utf-8")
    ]
    written = [each.replace("The server refused: ", "").replace(ident, "ID") for each in written]
    return [re.sub(r"\d{4}-\d\d-\d\dT[\d:.]+\+00:00", "TIME", each) for each in written]


def test_translations_with_one(dragoman: Call, terms: Path, tmp_path: Path, model_dir: Path) -> None:
    settings = {"DRAGOMAN_MODEL_DIR": str(model_dir)}
    ident = dragoman("glossaries", "create", "S", str(terms), "--from", "en", "--to", "pt").out.strip()
    for glossary in (ident, "S", str(terms)):
        asked = ("translate", "--from", "en", "--to", "pt", "--glossary", glossary, "--protect", "bus")
        assert dragoman(*asked, "The van and the bus.", **settings).out == "The carrinha and the bus.\n"
    letter = tmp_path / "letter.txt"
    letter.write_text("The van left.\n", encoding="utf-8")
    asked = ("documents", "translate", str(letter), "--from", "en", "--to", "pt", "--glossary", "S")
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
