# ruff: noqa: RUF001 - the punctuation of many scripts
import time
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest
import sentencepiece
from hypothesis import given
from hypothesis import strategies as st

from models.splitting import split_to_limit

STARTER = Path(__file__).parents[2] / "models" / "starter" / "en-pt" / "source.spm"
PIECES = [
    *(
        "word",
        "a",
        "Dr.",
        "acabou.",
        "why?",
        "so;",
        "then,",
        "(yes)",
        "—",
        "x",
        "中文",
        "。",
        "، ",
        "؛",
        "।",
        "1,000",
    ),
    *(
        " ",
        "  ",
        "\n",
        "\u3000",
        "e\u0301",
        "\u0915\u093f",
        "👩\u200d👩",
        "👍\U0001f3fd",
        "\ud83d\ude00",
        "\ud800",
        "\x00",
        "-",
    ),
]
texts = st.one_of(
    st.lists(st.sampled_from(PIECES), max_size=60).map("".join), st.text(st.characters(), max_size=150)
)


def words(text: str) -> int:
    return len(text.split())


def uneven(text: str) -> int:
    """Not additive: a start costs one, capitals and digits cost more, a doubled letter costs less."""
    return (
        1
        + sum(3 if character.isupper() or character.isdigit() else 1 for character in text)
        - text.count("aa")
    )


counts = st.sampled_from(
    [len, uneven, lambda text: len(text) // 3 + 1, lambda text: len(text.encode("utf-8", "replace"))]
)


def pieces(text: str, limit: int, count: Callable[[str], int] = len) -> list[str]:
    return [text[start:end] for start, end in split_to_limit(text, limit=limit, count=count)]


@given(texts, st.integers(1, 40), counts)
def test_ranges_fit_and_leave_only_white_space_between(
    text: str, limit: int, count: Callable[[str], int]
) -> None:
    done = 0
    for start, end in split_to_limit(text, limit=limit, count=count):
        assert done <= start <= end <= len(text)
        assert not text[done:start].strip()
        assert count(text[start:end]) <= limit or end - start == 1
        done = end
    assert not text[done:].strip()


@given(texts)
def test_what_fits_is_left_alone(text: str) -> None:
    assert split_to_limit(text, limit=len(text) + 1, count=len) == [(0, len(text))]


@pytest.mark.parametrize(
    ("text", "limit", "expected"),
    [
        (
            "we went home early. then we slept a bit, until ten",
            32,
            ["we went home early.", "then we slept a bit, until ten"],
        ),
        ("we talked to Dr. Smith, who came here late", 25, ["we talked to Dr. Smith,", "who came here late"]),
        ("one two three; four five six seven", 20, ["one two three;", "four five six seven"]),
        ("one two three — four five six seven", 21, ["one two three", "— four five six seven"]),
        ("one two three (four five six seven)", 21, ["one two three", "(four five six seven)"]),
        ("one two three four", 10, ["one two", "three four"]),
        ("我们今天去公园，明天再回家", 10, ["我们今天去公园，", "明天再回家"]),
        ("पहला वाक्य यहाँ है। दूसरा वाक्य", 20, ["पहला वाक्य यहाँ है।", "दूसरा वाक्य"]),
        ("1,000,000.50", 8, ["1,000,", "000.50"]),
        ("abcdefgh", 5, ["abcd", "efgh"]),
        ("abcdefgh ij", 9, ["abcdefgh", "ij"]),
    ],
)
def test_the_best_place_is_taken(text: str, limit: int, expected: list[str]) -> None:
    assert pieces(text, limit) == expected


def test_pieces_are_balanced() -> None:
    lengths = [words(piece) for piece in pieces("word " * 103, 50, words)]
    assert sum(lengths) == 103
    assert len(lengths) == 3
    assert min(lengths) >= 30


def test_marks_stay_with_their_letters() -> None:
    for piece in pieces("e\u0301\u0323" * 100, 10):
        assert not unicodedata.combining(piece[0])
    for piece in pieces("👩\u200d👩\u200d👧" * 40, 12):
        assert "\u200d" not in {piece[0], piece[-1]}


def test_a_cluster_over_the_limit_is_parted_all_the_same() -> None:
    assert all(len(piece) <= 5 for piece in pieces("e" + "\u0301" * 400, 5))


def test_a_limit_below_one_is_refused() -> None:
    with pytest.raises(ValueError):
        split_to_limit("a", limit=0, count=len)


@pytest.mark.parametrize("unit", ["a", "word ", "中，", "a\u0301", "http://a.b/c,d?e&", "x" * 799 + " "])
def test_counting_a_megabyte_is_not_quadratic(unit: str) -> None:
    counted = 0

    def count(piece: str) -> int:
        nonlocal counted
        counted += len(piece)
        return len(piece) // 4 + 1

    text = unit * (1_000_000 // len(unit))
    began = time.process_time()
    ranges = split_to_limit(text, limit=200, count=count)
    assert time.process_time() - began < 10  # about 0.5 s here
    assert counted < 20 * len(text)
    assert len(ranges) <= 2 * len(text) / 800


@pytest.mark.parametrize(
    "text", ["word and " * 3000, "abcdefghij" * 2000, "e então ele disse, que vinha. " * 500]
)
def test_pieces_fit_the_real_vocabulary(text: str) -> None:
    processor = sentencepiece.SentencePieceProcessor(model_file=str(STARTER))

    def count(piece: str) -> int:
        return len(processor.encode(piece))

    found = pieces(text, 200, count)
    assert "".join("".join(found).split()) == "".join(text.split())
    assert all(60 <= count(piece) <= 200 for piece in found)
