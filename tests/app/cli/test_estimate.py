"""dragoman estimate."""

import json
from pathlib import Path

import pytest

from app.cli import forecast
from tests.app.cli.conftest import Call
from tests.app.cli.program import Served


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    path = tmp_path / "in.txt"
    path.write_text("Bom dia, senhor.\nAté amanhã.\nBom dia, senhor.\n", encoding="utf-8")
    return path


ASKED = ("--to", "en", "--from", "pt")


def test_it_says_what_a_bulk_run_then_comes_to(dragoman: Call, corpus: Path, tmp_path: Path) -> None:
    expected = json.loads(dragoman("estimate", str(corpus), *ASKED, "--json").out)
    assert json.loads(dragoman("usage", "--json").out)["totals"]["requests"] == 0
    done = dragoman("bulk", "run", str(corpus), *ASKED, "--out", str(tmp_path / "out.txt"), "--json")
    report = json.loads(done.out)
    used = json.loads(dragoman("usage", "--json").out)["totals"]
    assert expected["texts"] == report["records"]
    for name in ("characters", "billed_characters", "segments"):
        assert expected[name] == used[name]
    assert expected["repeats"] == used["cached_segments"] == 1


def test_several_files_of_several_kinds_are_one_piece_of_work(
    dragoman: Call, corpus: Path, tmp_path: Path
) -> None:
    other = tmp_path / "in.jsonl"
    other.write_text('{"text": "Bom dia, senhor."}\n\nnonsense\n', encoding="utf-8")
    expected = json.loads(dragoman("estimate", str(corpus), str(other), *ASKED, "--json").out)
    assert (expected["texts"], expected["segments"], expected["repeats"]) == (4, 4, 2)


def test_a_person_reads_a_table_and_what_is_missing(dragoman: Call, corpus: Path) -> None:
    told = dragoman("estimate", str(corpus), "--to", "hu", "--from", "pt")
    assert told.code == 0
    assert "pivot factor" in told.out
    assert "cannot be translated. No model translates pt into hu" in told.err
    assert "Bom dia" not in told.out + told.err


def test_a_server_estimates_alike(dragoman: Call, corpus: Path, server: Served) -> None:
    mine = json.loads(dragoman("estimate", str(corpus), *ASKED, "--json").out)
    theirs = json.loads(dragoman("estimate", str(corpus), *ASKED, "--json", "--server", server.url).out)
    for name in ("texts", "characters", "billed_characters", "segments", "repeats", "languages"):
        assert mine[name] == theirs[name], name


def test_what_no_server_would_take_is_not_gathered_for_it(
    dragoman: Call, corpus: Path, server: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forecast, "MOST_SENT", 20)
    told = dragoman("estimate", str(corpus), *ASKED, "--server", server.url)
    assert (told.code, "Leave --server out" in told.err) == (2, True)


def test_a_file_of_an_unknown_kind_is_refused(dragoman: Call, tmp_path: Path) -> None:
    done = dragoman("estimate", str(tmp_path / "in.xyz"), "--to", "en")
    assert (done.code, done.out) == (2, "")
