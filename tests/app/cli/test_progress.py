"""The bar of a bulk run."""

from pathlib import Path

import pytest

from app.cli.progress import progress


def test_it_shows_characters_and_speed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "in.txt").write_text("Bom dia.\n" * 10, encoding="utf-8")
    with progress(tmp_path / "in.txt", shown=True) as advance:
        advance(45, 40)
        advance(45, 1_200)
    shown = capsys.readouterr()
    assert "1,240 characters" in shown.err
    assert "100%" in shown.err
    assert shown.out == ""


def test_it_can_be_off(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with progress(tmp_path / "-", shown=False) as advance:
        advance(1, 1)
    assert capsys.readouterr().err == ""
