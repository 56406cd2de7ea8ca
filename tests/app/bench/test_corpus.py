from collections.abc import Iterator
from pathlib import Path

import pytest

from app.bench import corpus


@pytest.fixture(autouse=True)
def _bundled() -> Iterator[None]:
    """Nothing preferred before and after."""
    corpus.prefer()
    yield
    corpus.prefer()


@pytest.mark.parametrize("installed", [False, True])
def test_the_bundled_text_is_enough(installed: bool, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    if installed:
        monkeypatch.setattr(corpus, "MESSAGES", tmp_path / "none")
    texts = corpus.sentences(2_400)
    assert len(set(texts)) == len(texts) == 2_400
    assert texts == corpus.sentences(2_400)


def test_what_is_preferred_comes_first_without_doubles() -> None:
    first = corpus.sentences(1)[0]
    corpus.prefer(lambda: ["One sentence of somebody.", first], lambda: ())

    texts = corpus.sentences(50)

    assert texts[:2] == ["One sentence of somebody.", first]
    assert len(set(texts)) == 50
