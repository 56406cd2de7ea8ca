# ruff: noqa: RUF001 - characters that look alike are what is tested
import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app import segmentation
from app.emoji import EMOJI
from app.segmentation import Segment, join, split

AWKWARD = [
    *(
        "a",
        "B",
        "Z.",
        "1",
        "14.30",
        "Dr.",
        "n.º",
        "é",
        "e\u0301",
        "ß",
        "中",
        "。",
        "م",
        "؟",
        "क",
        "।",
        "word ",
        "No. 5 ",
    ),
    *(
        ".",
        "!",
        "?",
        "…",
        "...",
        ",",
        ";",
        '"',
        "(",
        ")",
        "]",
        "- ",
        "* ",
        "• ",
        "1. ",
        "1) ",
        "a) ",
        "[ ] ",
        "> ",
        "# ",
    ),
    *(" ", "  ", "   ", "\t", "\n", "\r\n", "\r", "\x0b", "\x0c", "\x1c", "\x1f", "\x85", "\u2028", "\u2029"),
    *(
        "\xa0",
        "\u202f",
        "\u3000",
        "\x00",
        "\x07",
        "\x7f",
        "\u200b",
        "\u200c",
        "\u200d",
        "\u200e",
        "\u200f",
        "\u202e",
    ),
    *(
        "\u2066",
        "\ufeff",
        "\xad",
        "\ud800",
        "\udfff",
        "\ufe0f",
        "😀",
        "👍🏽",
        "👨‍👩‍👧‍👦",
        "🇵🇹",
        "1️⃣",
        "#️⃣",
        "❤️",
        "©️",
        "🏴\U000e0067\U000e007f",
    ),
]
texts = st.one_of(
    st.lists(st.sampled_from(AWKWARD), max_size=40).map("".join),
    st.text(st.characters(), max_size=200),
    st.text(
        st.characters(categories=["Cs", "Cc", "Cf", "Zs", "Zl", "Zp", "Mn", "So", "Lo", "Nd", "Po"]),
        max_size=60,
    ),
)
languages = st.sampled_from(["en", "pt", "pt-BR", "ar", "zh", "ja", "hi", "und", "", "x-none"])


def cores(text: str, language: str = "en") -> list[str]:
    return [text[segment.start : segment.end] for segment in split(text, language)]


@given(texts, languages)
@example("B\xa0.\xa0C", "en")
def test_the_identity_returns_every_text(text: str, language: str) -> None:
    segments = split(text, language)
    assert join(text, segments, [text[segment.start : segment.end] for segment in segments]) == text


@given(texts, languages)
def test_segments_are_ordered_disjoint_and_clean(text: str, language: str) -> None:
    done = 0
    for segment in split(text, language):
        assert done <= segment.start < segment.end <= len(text)
        done = segment.end
        core = text[segment.start : segment.end]
        assert any(character.isalnum() for character in core)
        assert core == core.strip().strip("\x00\u200b\u200d\u200e\u200f\u2066\ufeff\ufe0f")
        assert not core.startswith(("- ", "* ", "• ", "> ", "[ ] ", "1. ", "a) "))
        assert len(core.splitlines()) == 1
        assert "\t" not in core
        assert not any("\ud800" <= character <= "\udfff" for character in core)
        assert not EMOJI.search(core)


@given(texts)
def test_every_letter_outside_a_segment_belongs_to_a_marker_or_an_emoji(text: str) -> None:
    outside = join(text, segments := split(text), [""] * len(segments))
    assert sum(character.isalpha() for character in outside) <= sum(map(outside.count, (")", "]")))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Hello. Bye.", ["Hello.", "Bye."]),
        (
            "  - 1. Buy milk  \r\n\t* [x] Sell it\n> > quoted\n# Title",
            ["Buy milk", "Sell it", "quoted", "Title"],
        ),
        (
            "1) one\n2. two\na) three\n(b) four\niv) five\n• six\n— seven",
            ["one", "two", "three", "four", "five", "six", "seven"],
        ),
        ("I am glad 😀 to be here 👍🏽.", ["I am glad", "to be here"]),
        ("1️⃣ one 🇵🇹🇬🇧 two ❤️", ["one", "two"]),
        ("Room 1 of 20", ["Room 1 of 20"]),
        ("Name   Date\tSum", ["Name", "Date", "Sum"]),
        ("two  spaces and a\xa0hard one", ["two  spaces and a\xa0hard one"]),
        ("\u200fשלום\u200f\nin\u200bside", ["שלום", "in\u200bside"]),
        ("\x00a\x00b\x00", ["a\x00b"]),
        ("left\ud83dright", ["left", "right"]),
        ("one\x85two\u2028three\u2029four\x0bfive\x0csix", ["one", "two", "three", "four", "five", "six"]),
        ("...\n--- ***\n?!\n€", []),
        ("-5 degrees", ["-5 degrees"]),
        ("", []),
        (" \t\r\n\xa0", []),
    ],
)
def test_cores(text: str, expected: list[str]) -> None:
    assert cores(text) == expected


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("en", "Dr. Smith met Mrs. Jones at 14.30 in St. Ives."),
        ("en", "No. 5 paid 1,700.50 for AB12 CDE on 020 7946 0958."),
        ("en", "See https://example.org/a.b?c=1.html for the rest."),
        ("en", "Wait... there is more… of it."),
        ("pt", "O Sr. Silva pagou 1.700,50 no n.º 5 às 14.30."),
    ],
)
def test_a_point_inside_a_sentence_does_not_end_it(language: str, sentence: str) -> None:
    assert cores(sentence, language) == [sentence]


def test_a_stray_quote_does_not_swallow_the_paragraph() -> None:
    sentences = [f'He said "stay" to man {number}. "Go" is what Dr. No heard.' for number in range(20)]
    found = cores("The 19 ' mark (so he said. " + " ".join(sentences))
    assert len(found) >= 40
    assert max(map(len, found)) < 40
    assert not any(core.endswith(' "') for core in found)


def test_a_long_line_is_cut_as_its_sentences_are() -> None:
    """Longer than one look of the splitter: nothing is cut where the look ends."""
    sentences = [
        f'Man {n} said (twice, to {n + 1} people) "stay here" and took the No. {n} bus.' for n in range(900)
    ]
    assert cores(" ".join(sentences)) == sentences
    assert cores("word " * 20_000) == [("word " * 20_000).strip()]
    assert cores("今天天气很好。" * 3_000, "zh") == ["今天天气很好。"] * 3_000


def test_scripts_have_their_own_full_stops() -> None:
    assert cores("今天天气很好。我们走吧！", "zh") == ["今天天气很好。", "我们走吧！"]
    assert cores("مرحبا بك. كيف حالك؟ بخير", "ar") == ["مرحبا بك.", "كيف حالك؟", "بخير"]


def test_a_panic_of_the_splitter_falls_back_to_terminators(monkeypatch: pytest.MonkeyPatch) -> None:
    class PanicException(BaseException):
        pass  # as pyo3 names it

    def panic(language: str, text: str) -> list[dict[str, int]]:
        raise PanicException

    monkeypatch.setattr(segmentation, "get_sentence_boundaries", panic)
    assert cores('One. "Two!" Three… four。五') == ["One.", '"Two!"', "Three…", "four。", "五"]


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit, ValueError])
def test_other_exceptions_are_not_swallowed(
    error: type[BaseException], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(language: str, text: str) -> list[dict[str, int]]:
        raise error

    monkeypatch.setattr(segmentation, "get_sentence_boundaries", interrupt)
    with pytest.raises(error):
        split("One. Two.")


def test_join_puts_translations_in_place() -> None:
    text = "- One.  Two 😀\r\n"
    assert join(text, split(text), ["Um.", "Dois"]) == "- Um.  Dois 😀\r\n"


def test_join_refuses_a_missing_translation() -> None:
    with pytest.raises(ValueError):
        join("a\nb", [Segment(0, 1), Segment(2, 3)], ["x"])


MONOTONOUS = [
    "a", "a\xa0.", "- ", "1) ", "\x00", "😀", ". ", '"(', "A. ", "This is a sentence. ", "a\n", "\ud800",
    *(f"{mark}a" for mark in "\"'“”„‘’«»‹›()[]{}「」『』《》〈〉（）【】"),
    "“a b. ", "„a b. ", "«a b. ", "a «b ", "(a b. ", "a (b ", "«a “b „c ", "(«a", "「a。", "«" + "a" * 99,
]  # fmt: skip


@pytest.mark.parametrize("unit", MONOTONOUS)
def test_a_megabyte_of_anything_is_linear(unit: str) -> None:
    """Marks that are opened and never closed above all."""
    text = unit * (1_000_000 // len(unit))
    began = time.process_time()
    split(text)
    assert time.process_time() - began < 10  # about 0.2 s here; quadratic work would take hours
