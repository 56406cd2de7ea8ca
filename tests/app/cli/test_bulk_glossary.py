"""bulk run with terms and names: from a file, from this machine's glossaries, from a server's."""

import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from tests.app.cli.conftest import MODEL, Call
from tests.app.cli.program import Served

LINES = "The van met ACME.\nGood morning.\nTwo vans left.\n"
DONE = "The carrinha met ACME.\nGood morning.\nTwo carrinhas left.\n"
ASKED = ("bulk", "run", "in.txt", "--from", "en", "--to", "pt", "--json")


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    (tmp_path / "in.txt").write_text(LINES, encoding="utf-8")
    (tmp_path / "terms.tsv").write_text("van\tcarrinha\n", encoding="utf-8")
    return tmp_path


def stored(dragoman: Call, *where: str, name: str = "Statements") -> str:
    made = dragoman("glossaries", "create", name, "terms.tsv", "--from", "en", "--to", "pt", *where)
    assert made.code == 0, made.err
    return made.out.strip()


def charged(folder: Path) -> set[tuple[str | None, int | None]]:
    with sqlite3.connect(folder / "data" / "dragoman.db") as ledger:
        return set(ledger.execute("select glossary, glossary_version from ledger_entry where kind = 'chunk'"))


def manifest(out: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(out.with_name(f"{out.name}.manifest.json").read_bytes())
    return found


@pytest.mark.sqlite
def test_terms_of_a_file_and_names(dragoman: Call, corpus: Path, model_dir: Path) -> None:
    asked = (*ASKED, "--out", "out.txt", "--glossary", "terms.tsv", "--protect", "ACME", "--report", "r.html")
    done = dragoman(*asked, DRAGOMAN_MODEL_DIR=str(model_dir))
    assert done.code == 0, done.err
    assert (corpus / "out.txt").read_text(encoding="utf-8") == DONE
    told = json.loads(done.out)["glossary"]
    assert told["terms"] == 1
    assert charged(corpus) == {(f"sha256:{told['sha256']}", None)}
    assert manifest(corpus / "out.txt")["terms"]["--glossary"] == told
    assert manifest(corpus / "out.txt")["options"]["--protect"] == ["ACME"]
    assert told["sha256"] in (corpus / "r.html").read_text(encoding="utf-8")
    (corpus / "terms.tsv").write_text("van\tfurgão\n", encoding="utf-8")
    for changed in (asked, asked[:-4] + asked[-2:]):
        again = dragoman(*changed, DRAGOMAN_MODEL_DIR=str(model_dir))
        assert (again.code, f"--glossary was {_json(told)} and is " in again.err) == (2, True)
    assert "--protect was" in again.err


@pytest.mark.sqlite
def test_a_stored_glossary_by_name_or_id_and_its_version(
    dragoman: Call, corpus: Path, model_dir: Path
) -> None:
    own = {"DRAGOMAN_MODEL_DIR": str(model_dir)}
    ident = stored(dragoman)
    for name in ("Statements", ident):
        done = dragoman(*ASKED, "--out", "out.txt", "--glossary", name, **own)
        assert done.code == 0, done.err
    assert (corpus / "out.txt").read_text(encoding="utf-8") == DONE
    assert json.loads(done.out)["glossary"] == {"id": ident, "name": "Statements", "version": 1}
    assert charged(corpus) == {(ident, 1)}
    (corpus / "terms.tsv").write_text("van\tfurgão\n", encoding="utf-8")
    dragoman("glossaries", "import", ident, "terms.tsv", "--from", "en", "--to", "pt")
    refused = dragoman(*ASKED, "--out", "out.txt", "--glossary", "Statements", **own)
    assert refused.code == 2
    assert '"version":1} and is' in refused.err
    stored(dragoman)
    for name, said in (("Statements", "2 glossaries have this name"), ("none", "no stored glossary")):
        for dry in ((), ("--dry-run",)):
            refused = dragoman(*ASKED, "--out", "other.txt", "--glossary", name, *dry, **own)
            assert (refused.code, said in refused.err) == (2, True)
    assert not list(corpus.glob("other.txt*"))


def test_on_standard_output_too(dragoman: Call, corpus: Path, model_dir: Path) -> None:
    stored(dragoman)
    asked = ("bulk", "run", "in.txt", "--from", "en", "--to", "pt", "--out", "-", "--glossary", "Statements")
    done = dragoman(*asked, DRAGOMAN_MODEL_DIR=str(model_dir))
    assert (done.code, done.out) == (0, DONE)
    assert "Statements, version 1" in done.err


def test_what_was_missed_is_counted(dragoman: Call, corpus: Path, model_dir: Path) -> None:
    card = {**MODEL, "architecture": "reverse"}
    (model_dir / "identity" / "card.json").write_text(json.dumps(card), encoding="utf-8")
    asked = (*ASKED, "--out", "out.txt", "--glossary", "terms.tsv")
    report = json.loads(dragoman(*asked, DRAGOMAN_MODEL_DIR=str(model_dir)).out)
    assert report["flags"]["glossary_missed"] == 2


def test_a_server_s_glossary(dragoman: Call, server: Served, corpus: Path) -> None:
    """Its models are the real ones, as the machine's own here."""
    there = ("--server", server.url)
    ident, own = stored(dragoman, *there, name="Of bulk"), stored(dragoman, name="Of bulk")
    reports = [
        json.loads(dragoman(*ASKED, "--out", out, "--glossary", "Of bulk", *where).out)
        for out, where in (("here.txt", ()), ("there.txt", there))
    ]
    assert [report["glossary"]["id"] for report in reports] == [own, ident]
    assert (corpus / "here.txt").read_bytes() == (corpus / "there.txt").read_bytes()
    assert "carrinha" in (corpus / "there.txt").read_text(encoding="utf-8")
    sent = dragoman(*ASKED, "--out", "sent.txt", "--glossary", "terms.tsv", "--protect", "ACME", *there)
    assert sent.code == 0, sent.err
    assert (corpus / "sent.txt").read_text(encoding="utf-8").count("carrinha") == 2
    for name, code in (("Of bulk", 0), ("none", 2)):
        dry = dragoman(*ASKED, "--out", "dry.txt", "--glossary", name, "--dry-run", *there)
        assert (dry.code, "no stored glossary" in dry.err) == (code, code == 2)
    many = "".join(f"van{number}\tcarrinha\n" for number in range(1_001))
    (corpus / "terms.tsv").write_text(many, encoding="utf-8")
    refused = dragoman(*ASKED, "--out", "many.txt", "--glossary", "terms.tsv", *there)
    assert (refused.code, "up to 1,000 terms" in refused.err) == (2, True)
    assert dragoman("glossaries", "delete", ident, *there).code == 0


def _json(found: dict[str, Any]) -> str:
    return json.dumps(found, separators=(",", ":"))
