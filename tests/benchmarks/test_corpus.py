from pathlib import Path

import pytest

from benchmarks import corpus


@pytest.fixture
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the shared material, as in a fresh checkout."""
    monkeypatch.setenv("DRAGOMAN_SHARED", str(tmp_path / "none"))
    corpus._evaluation.cache_clear()


@pytest.mark.usefixtures("alone")
def test_the_bundled_messages_are_enough() -> None:
    texts = corpus.sentences(1_000)
    assert len(texts) == 1_000
    assert len(set(texts)) == len(texts)
    assert texts == corpus.sentences(1_000)
    assert corpus.aligned(5) == []
    corpus._evaluation.cache_clear()
