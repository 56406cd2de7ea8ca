import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.detection import identifiers
from app.detection.evidence import HEAD, MIDDLE, Evidence
from app.detection.identifiers import strip_identifiers

IDENTIFIERS = [
    "https://example.org/a?b=c#d",
    "www.example.org/folder",
    "example.com",
    "ana.silva@example.org",
    "@ana_silva",
    "#lisboa2026",
    "AB12 CDE",
    "KX65 TRV",
    "kx65trv",
    "AA-12-BB",
    "12-34-XY",
    "ABC-1234",
    "SW1A 1AA",
    "REF-2024/113",
    "123e4567-e89b-12d3-a456-426614174000",
    "9f86d081884c7d659a2feaa0c55ad015",
    "aGVsbG8gd29ybGQgdGhpcyBpcyBhIHRlc3Qgb2Y",
    r"C:\Users\report",
]
NOTHING = ["", " \t\r\n", "12345", "🙂👍🏽", "!!!", "£12.50", "+351 912 345 678", "(020) 7946-0018", "22:30",
           "\x00\x01\x7f", "\u200f\u200e\u202e", "\u0301\u0301", "1️⃣", "—", "1.000,50 €", "\ud800"]  # fmt: skip


@pytest.mark.parametrize("identifier", IDENTIFIERS)
def test_an_identifier_is_not_language(identifier: str) -> None:
    assert Evidence.of(identifier) is None


@pytest.mark.parametrize("identifier", IDENTIFIERS)
def test_an_identifier_leaves_the_words_around_it(identifier: str) -> None:
    evidence = Evidence.of(f"o carro {identifier} foi visto ontem")
    assert evidence is not None
    assert evidence.text == "o carro foi visto ontem"


PIECES = st.sampled_from(
    [
        "www.",
        "http://",
        "x.com",
        "a@b.pt",
        "#tag",
        "AB-12",
        "deaf-dead-beef",
        "c:\\x",
        "٣-ab",
        "²",
        *" .:-/é@#7bB",
    ]
)


@given(text=st.lists(PIECES, max_size=9).map("".join) | st.text(max_size=30))
def test_what_no_shortcut_looks_at_holds_no_identifier(text: str) -> None:
    quick = strip_identifiers(text)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(identifiers, "_MAYBE_ADDRESS", re.compile(""))
        patch.setattr(identifiers, "_DIGIT", re.compile(""))
        assert quick == strip_identifiers(text)


@pytest.mark.parametrize("text", NOTHING)
def test_no_letters_is_no_evidence(text: str) -> None:
    assert Evidence.of(text) is None


@pytest.mark.parametrize(
    "text", ["Fim. Depois", "é isso aí", "twelve-year-old", "l'homme", "não-conformidade"]
)
def test_words_stay(text: str) -> None:
    assert strip_identifiers(text) == text


def test_capitals_are_lowered() -> None:
    evidence = Evidence.of("HELLO MY FRIEND João")
    assert evidence is not None
    assert evidence.text == "hello my friend joão"


def test_direction_marks_do_not_split_words() -> None:
    evidence = Evidence.of("bom\u200f \u00adDia, \x00ami\u00adgo 🙂")
    assert evidence is not None
    assert evidence.text == "bom Dia, amigo"


def test_a_long_text_is_sampled() -> None:
    evidence = Evidence.of("palavra " * 200_000)
    assert evidence is not None
    assert len(evidence.text) <= HEAD + MIDDLE + 1


@given(st.text())
def test_any_text_is_taken(text: str) -> None:
    evidence = Evidence.of(text)
    if evidence is None:
        return
    assert evidence.letters == sum(map(str.isalpha, evidence.text)) > 0
    assert not any(c.isdigit() and c.isascii() for c in evidence.text)
