"""How translations begin and end where that is to be as in the source."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.edges import as_in


@pytest.mark.parametrize(
    ("source", "text", "language", "wanted"),
    [
        ("good morning", "Bom dia.", "pt", "bom dia"),
        ("Good morning!", "bom dia", "pt", "Bom dia!"),
        ("Ready?", "Pronto.", "pt", "Pronto?"),
        ("and then:", "e depois", "pt", "e depois:"),
        ("Wait...", "Espere…", "pt", "Espere…"),
        ("Ready?", "¿Listo?", "es", "¿Listo?"),
        ("Good morning.", "早上好", "zh", "早上好。"),
        ("Good morning.", "早上好。", "zh", "早上好。"),
        ("Ready?", "هل أنت مستعد", "ar", "هل أنت مستعد؟"),
        ("eu não sei", "I do not know", "en", "I do not know"),
        ("às nove da manhã", "At 9 a.m.", "en", "at 9 a.m."),
        ("pão, leite, outros", "bread, milk, etc.", "en", "bread, milk, etc."),
        ("iPhone novo", "New iPhone", "en", "new iPhone"),
        ("a casa", "Haus", "de", "Haus"),
        ("12 horas", "Twelve hours", "en", "Twelve hours"),
        ("“Sim.”", "“Yes”", "en", "“Yes”"),
    ],
)  # fmt: skip
def test_as_in_the_source(source: str, text: str, language: str, wanted: str) -> None:
    assert as_in(source, text, language) == wanted


@given(st.text(max_size=12), st.text(min_size=1, max_size=12), st.sampled_from(["en", "zh", "ar", "tr"]))
def test_done_once_it_is_done(source: str, text: str, language: str) -> None:
    once = as_in(source, text, language)
    assert as_in(source, once, language) == once


@given(st.text(max_size=20))
def test_the_source_itself_stays(text: str) -> None:
    assert as_in(text, text, "en") == text
