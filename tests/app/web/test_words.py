"""Every language of the pages says the same things."""

import re
from pathlib import Path

import pytest

from app.api.problems import STATUS
from app.flags import FLAGS
from app.jobs.job import State
from app.quality.rating import Rating
from app.review.verdict import Reason
from app.web import words as module
from app.web.words import SHIPPED, chosen, direction, words

OTHERS = [code for code in SHIPPED if code != "en"]
TEMPLATES = Path(module.__file__).parent / "templates"


@pytest.mark.parametrize("code", OTHERS)
def test_nothing_is_left_out(code: str) -> None:
    english, other = words("en"), words(code)

    assert other.texts.keys() == english.texts.keys()
    assert other.languages.keys() == english.languages.keys()
    assert other.errors.keys() >= english.errors.keys()
    assert other.flags.keys() == FLAGS.keys()
    for name, text in english.texts.items():
        assert set(re.findall(r"{\w+}", text)) == set(re.findall(r"{\w+}", other.texts[name])), name


@pytest.mark.parametrize("code", SHIPPED)
def test_errors_are_those_there_are(code: str) -> None:
    assert words(code).errors.keys() <= {*STATUS, "language_undetermined"}


def test_templates_say_only_what_the_catalogue_knows() -> None:
    said = {
        name
        for file in TEMPLATES.glob("*.html")
        for name in re.findall(r"\bsay\([\"'](\w+)[\"']", file.read_text(encoding="utf-8"))
    }
    said |= {f"state_{state}" for state in State} | {f"reason_{reason}" for reason in Reason}
    said |= {f"rating_{rating}" for rating in Rating}
    assert said <= {*words("en").texts, "state_", "reason_", "rating_"}


@pytest.mark.parametrize(
    ("wanted", "accept", "code"),
    [
        (None, "", "en"),
        (None, "pt-BR,en;q=0.5", "pt"),
        (None, "en;q=0.5, pt;q=0.9", "pt"),
        (None, "fr, pt;q=0", "en"),
        (None, "pt;q=x", "en"),
        ("pt", "en", "pt"),
        ("../x", "pt", "pt"),
    ],
)
def test_the_language_of_the_pages(wanted: str | None, accept: str, code: str) -> None:
    assert chosen(wanted, accept) == code


def test_direction() -> None:
    assert [direction(code) for code in ("ar", "he", "en", "und", "ku")] == [
        "rtl",
        "rtl",
        "ltr",
        "auto",
        "auto",
    ]


def test_what_is_not_certain_is_not_called_so() -> None:
    assert words("en").percent(0.9999) == "99\N{NO-BREAK SPACE}%"
    assert words("pt").number(1_234_567) == "1.234.567"
