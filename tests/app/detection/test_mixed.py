"""A stretch of another language in a text is found; clean texts hold none."""

import time

import pytest

from app.detection.mixed import LANGUAGES, mixed
from tests.app.serving import Service
from tests.conftest import Flores

CODES = {"en": "eng", "pt": "por", "es": "spa", "fr": "fra", "de": "deu", "it": "ita"}


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Ele disse que the meeting was cancelled ontem.", "en"),
        ("Ele disse que the meeting was cancelled ontem.", "pt"),
        ("Ele veio com the whole family yesterday.", "pt"),
        ("Please send o relatório até amanhã.", "en"),
        ("I said que não quero mais.", "en"),
        ("Der Zeuge sagte, that he was never there.", "de"),
    ],
)
def test_a_stretch_of_another_language_is_found(text: str, language: str) -> None:
    assert mixed(text, language)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("O filme The Lord of the Rings ganhou onze prémios.", "pt"),
        ("He was born in Rio de Janeiro and lives in São João da Madeira.", "en"),
        ("A reunião de feedback do marketing foi online.", "pt"),
        ("Ele disse que the meeting was cancelled ontem.", "ja"),
        ("", "en"),
    ],
)
def test_names_and_loans_are_none(text: str, language: str) -> None:
    assert not mixed(text, language)


@pytest.mark.shared
@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_clean_prose_raises_it_in_one_line_of_a_hundred_at_most(flores: Flores, language: str) -> None:
    lines = flores(CODES[language])
    began = time.process_time()
    told = [line for line in lines if mixed(line, language)]
    assert len(told) * 100 <= len(lines)
    assert (time.process_time() - began) / len(lines) < 0.001  # 20 µs here


@pytest.mark.parametrize("named", [{}, {"source": "en"}])
def test_what_passes_through_half_foreign_is_a_doubt(service: Service, named: dict[str, str]) -> None:
    text = "Ele disse que the meeting was cancelled ontem."
    body = service.translate([text, "He said the meeting was cancelled yesterday."], **named)
    mine, clean = body["translations"]
    assert (mine["text"], mine["status"]) == (text, "unchanged")
    assert {"already_target", "mixed_languages"} <= {*mine["flags"]}
    assert clean["flags"] == ["already_target"]
