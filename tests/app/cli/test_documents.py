"""dragoman documents."""

import json
from pathlib import Path

import pytest

from app.client import Dragoman, File
from tests.app.cli.conftest import Call
from tests.app.cli.program import ROOT, Served

LETTER = (ROOT / "examples" / "letter.html").read_text(encoding="utf-8")


@pytest.fixture
def letter(tmp_path: Path) -> Path:
    path = tmp_path / 'carta "ção".html'
    path.write_text(LETTER, encoding="utf-8")
    return path


def test_by_the_embedded_engine(dragoman: Call, letter: Path, tmp_path: Path) -> None:
    done = dragoman("documents", "translate", str(letter), "--to", "en", "--json")
    assert done.code == 0, done.err
    report = json.loads(done.out)
    written = letter.with_name('carta "ção".en.html').read_text(encoding="utf-8")
    assert '<html lang="en">' in written
    assert 'href="https://example.org/portao"' in written
    assert "22:15" in written
    assert "noite" not in written
    assert report["models"] == ["starter-pt-en"]
    assert not any((tmp_path / "data" / "blobs").iterdir())
    usage = json.loads(dragoman("usage", "--json").out)
    assert usage["totals"]["characters"] == report["job"]["characters"]["total"]


def test_by_a_server_the_same(dragoman: Call, letter: Path, server: Served, tmp_path: Path) -> None:
    out = tmp_path / "server.html"
    asked = ("documents", "translate", str(letter), "--to", "en", "--from", "pt")
    done = dragoman(*asked, "--out", str(out), "--server", server.url, "--cost-centre", "cartas é")
    assert done.code == 0, done.err
    assert "segments" in done.err
    here = tmp_path / "here.html"
    assert dragoman(*asked, "-o", str(here)).code == 0
    assert here.read_bytes() == out.read_bytes()
    low = dragoman(*asked, "--server", server.url, "--priority", "low", "--confidence", "--json")
    told = json.loads(low.out)["job"]
    assert (told["priority"], told["confidence"]) == ("low", True)
    assert letter.with_name('carta "ção".en.html').read_bytes() == out.read_bytes()


def test_a_result_that_a_server_keeps(dragoman: Call, server: Served, tmp_path: Path) -> None:
    with Dragoman(server.url) as client:
        sent = client.send_document(File("a.txt", b"Bom dia."), source="pt", target="en")
        client.finished(sent["id"])
        whole = client.job_result(sent["id"]).data
    ask = ("documents", "result", sent["id"], "--server", server.url, "--out", str(tmp_path / "b.txt"))
    done = dragoman(*ask, "--corrected")
    assert (done.code, (tmp_path / "b.txt").read_bytes()) == (0, whole)
    again = dragoman(*ask)
    assert (again.code, "is there already" in again.err) == (2, True)
    assert dragoman(*ask, "--force").code == 0
    assert dragoman("documents", "result", "job_none", "--server", server.url).code == 2


def test_the_memory_is_a_servers(dragoman: Call, letter: Path, server: Served) -> None:
    asked = ("documents", "translate", str(letter), "--to", "en", "--from", "pt", "--json")
    for command in (("translate", "--to", "en", "Bom dia."), asked):
        alone = dragoman(*command, "--memory", "off")
        assert (alone.code, "--memory is for --server" in alone.err) == (2, True)
        refused = dragoman(*command, "--memory", "exact", "--server", server.url)
        assert (refused.code, "--memory exact` lets it be" in refused.err) == (2, True)
    done = dragoman(*asked, "--memory", "off", "--server", server.url)
    assert json.loads(done.out)["job"]["memory"] == "off"


def test_nothing_is_written_over(dragoman: Call, letter: Path) -> None:
    done = dragoman("documents", "translate", str(letter), "--to", "en", "-o", str(letter))
    assert (done.code, letter.read_text(encoding="utf-8")) == (2, LETTER)
    beside = letter.with_name('carta "ção".en.html')
    beside.write_text("mine", encoding="utf-8")
    assert dragoman("documents", "translate", str(letter), "--to", "en").code == 2
    assert dragoman("documents", "translate", str(letter), "--to", "pt", "--priority", "low").code == 2
    assert beside.read_text(encoding="utf-8") == "mine"


def test_what_cannot_be_read_is_a_sentence(dragoman: Call, tmp_path: Path, server: Served) -> None:
    picture = tmp_path / "a.png"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n\0\0\0\0")
    for more in ((), ("--server", server.url)):
        done = dragoman("documents", "translate", str(picture), "--to", "en", *more)
        assert (done.code, done.out) == (2, "")
        assert "It looks like a PNG picture" in done.err


def test_a_part_without_a_model_exits_1(dragoman: Call, tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_text("Bom dia a todos os amigos.\n\nDer Lieferwagen hat den Hof gestern verlassen.\n")
    done = dragoman("documents", "translate", str(file), "--to", "en")
    assert done.code == 1
    assert "left_untranslated 1" in done.err
