"""What a bulk run shows while it goes."""

import time
from pathlib import Path

import pytest

from app.bulk.engine import Answer
from app.bulk.listing import listing
from app.bulk.record import Record, Window
from app.cli import progress as module
from app.cli.progress import Tally, watching
from tests.app.bulk.test_run import USAGE, translated

TEXTS = ("x" * 40, "y" * 1_200)


@pytest.fixture
def step(tmp_path: Path) -> tuple[Window, Answer]:
    (tmp_path / "in.txt").write_bytes(b"z" * 90)
    records = tuple(Record(line, b"", (text,), size=45) for line, text in enumerate(TEXTS, start=1))
    return Window(1, records), Answer(tuple(map(translated, TEXTS)), (USAGE,))


def test_a_line_now_and_then_without_a_terminal(
    tmp_path: Path,
    step: tuple[Window, Answer],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "EVERY", 0.0)
    with watching(listing([str(tmp_path / "in.txt")], chosen=None, out=""), shown=True) as progress:
        progress(*step)
    told = capsys.readouterr()
    assert told.out == ""
    assert "2 records, 1,240 characters" in told.err
    assert "0.000000 GBP so far, 2 flagged" in told.err


def test_a_bar_on_a_terminal(
    tmp_path: Path,
    step: tuple[Window, Answer],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "160")
    with watching(listing([str(tmp_path / "in.txt")], chosen=None, out=""), shown=True) as progress:
        progress(*step)
    told = capsys.readouterr()
    assert "1,240 characters" in told.err
    assert "100%" in told.err
    assert told.out == ""


def test_it_can_be_off(
    tmp_path: Path, step: tuple[Window, Answer], capsys: pytest.CaptureFixture[str]
) -> None:
    with watching(listing([str(tmp_path / "in.txt")], chosen=None, out=""), shown=False) as progress:
        progress(*step)
    assert capsys.readouterr().err == ""


def test_the_time_left_is_by_this_attempts_speed(
    tmp_path: Path, step: tuple[Window, Answer], monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 100.0
    monkeypatch.setattr(time, "perf_counter", lambda: now)
    tally = Tally()
    assert tally.left(1_000) == ""
    for _ in range(6):
        tally.passed(step[0])
    now += 30
    tally.add(*step)
    assert tally.left(10 * step[0].size) == "0:01:30 left"
    assert tally.left(None) == ""
