"""`dragoman transparency` from the outside: files, and what changes with a setting."""

import json
from pathlib import Path

from tests.app.cli.conftest import Call


def test_it_writes_the_record_of_what_is_configured(dragoman: Call, tmp_path: Path) -> None:
    done = dragoman("transparency", "--out", "a")
    assert (done.code, done.out) == (0, "a/transparency.html\n")
    assert "contact" in done.err
    answers = tmp_path / "answers.toml"
    answers.write_text('contact = "it@council.example"\n', encoding="utf-8")
    dragoman("transparency", "--out", "b", "--answers", str(answers), DRAGOMAN_JOB_RETENTION="9")
    before, after = (
        json.loads((tmp_path / name / "transparency.json").read_text(encoding="utf-8")) for name in "ab"
    )
    changed = {
        each["name"]: each["value"]
        for each, old in zip(after["settings"], before["settings"], strict=True)
        if each != old
    }
    assert changed == {"DRAGOMAN_JOB_RETENTION": 9.0}
    page = (tmp_path / "b" / "transparency.html").read_text(encoding="utf-8")
    assert "at most 9 hours" in page
    assert "it@council.example" in page
    assert json.loads((tmp_path / "b" / "sbom.cdx.json").read_text())["bomFormat"] == "CycloneDX"


def test_answers_that_cannot_be_read_are_refused(dragoman: Call, tmp_path: Path) -> None:
    file = tmp_path / "answers.toml"
    file.write_text("contact = 3\n", encoding="utf-8")
    done = dragoman("transparency", "--out", "c", "--answers", str(file))
    assert done.code == 2
    assert "contact is no text" in done.err
    assert not (tmp_path / "c").exists()
