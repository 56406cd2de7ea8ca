import pytest

from app.naming import code_of, named, reader
from models.catalogue import languages
from models.language import UnknownCode


def test_a_language_is_named_in_the_readers_own() -> None:
    assert named("hu", "de_DE") == "Ungarisch"
    assert named("hu", "pt-BR") == "húngaro"
    assert named("hu", "hu") == "magyar"
    assert named("hu") == "Hungarian"


def test_what_has_no_name_there_has_its_english_one_and_else_its_code() -> None:
    assert named("gcf", "pt") == "Guadeloupean Creole"
    assert named("hu", "zz_ZZ") == "Hungarian"
    assert named("qaa", "de") == "qaa"


def test_every_language_of_a_published_model_has_a_name() -> None:
    assert [code for code in languages() if named(code) == code] == []
    assert code_of("Tetela", known=languages()) == "tll"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("hu", "hu"), ("Hungarian", "hu"), ("UNGARISCH", "hu"), ("magyar", "hu"), ("português", "pt"),
        ("Portugues", "pt"), ("zh-TW", "zh"), ("nb", "no"), ("sr-Latn", "sr"), ("bs", "bs"), ("arz", "ar"),
        ("Serbisch", "sr"),
    ],
)  # fmt: skip
def test_a_code_or_a_name_is_understood(text: str, code: str) -> None:
    assert code_of(text, "de_DE", known=languages()) == code


@pytest.mark.parametrize("text", ["Klingonish", "", "-", "!"])
def test_what_is_neither_is_refused(text: str) -> None:
    with pytest.raises(UnknownCode):
        code_of(text, known=languages())


@pytest.mark.parametrize(
    ("environment", "found"),
    [
        ({"LC_ALL": "pt_BR.UTF-8", "LANG": "de_DE"}, "pt_BR"),
        ({"LANG": "de_DE@euro"}, "de_DE"),
        ({"LC_ALL": "", "LANG": "C.UTF-8"}, "C"),
        ({}, "en"),
    ],
)
def test_the_reader_is_told_by_the_environment(environment: dict[str, str], found: str) -> None:
    assert reader(environment) == found
    assert named("hu", found) in {"Ungarisch", "húngaro", "Hungarian"}
