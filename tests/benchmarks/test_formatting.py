"""Floors under what docs/benchmarks.md says of formatting."""

from pathlib import Path

from benchmarks.formatting import judged, sentences, summary

FLOOR = 0.95


async def test_tags_find_their_words_in_the_embedded_models_translations(tmp_path: Path) -> None:
    found = sentences()
    assert len(found) >= 200
    verdicts = await judged(found[::3], tmp_path)
    assert all(each.valid for each in verdicts)
    total = summary(verdicts)
    assert total["tags"] > 150
    assert total["precision"] > FLOOR
    assert total["recall"] > FLOOR
    assert total["approximate"] < total["sentences"] / 10
