from pathlib import Path

import pytest

from benchmarks import texts


def test_without_shared_material_there_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DRAGOMAN_SHARED", str(tmp_path / "none"))
    assert (texts.evaluation(), list(texts.distilled()), texts.aligned(5)) == ((), [], [])


@pytest.mark.shared
def test_evaluation_sentences_have_references(shared_data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DRAGOMAN_SHARED", str(shared_data))
    assert {english for english, _ in texts.aligned(20)} <= set(texts.evaluation())
