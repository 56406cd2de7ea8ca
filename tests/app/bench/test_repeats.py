from app.bench.repeats import LABELS, catalogue, ideal


def test_the_ideal_gain_is_weighted_by_characters() -> None:
    assert ideal(["aaaa", "aaaa", "bb"]) == 10 / 6


def test_titles_are_distinct_and_labels_are_not() -> None:
    texts = catalogue(100, seed=1)
    titles = [text for text in texts if text not in LABELS]
    assert len(titles) == len(set(titles)) == 100
    assert ideal(texts) > 2
    assert texts == catalogue(100, seed=1)
