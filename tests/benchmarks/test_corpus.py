from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks import corpus


@pytest.fixture
def _alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Without the shared material, as in a fresh checkout."""
    monkeypatch.setenv("DRAGOMAN_SHARED", str(tmp_path / "none"))
    corpus._evaluation.cache_clear()
    yield
    corpus._evaluation.cache_clear()


@pytest.mark.usefixtures("_alone")
def test_the_bundled_messages_are_enough() -> None:
    texts = corpus.sentences(1_000)
    assert len(texts) == 1_000
    assert len(set(texts)) == len(texts)
    assert texts == corpus.sentences(1_000)
    assert corpus.aligned(5) == []


@pytest.mark.shared
def test_evaluation_sentences_come_first_and_have_references() -> None:
    folder = corpus.shared()
    if folder is None:
        pytest.skip("needs ../shared beside the checkout")
    pairs = corpus.aligned(20)
    assert {english for english, _ in pairs} <= set(corpus.sentences(500))
