from pathlib import Path

import pytest

from models.contracts import InvalidRoutes, LanguagePair
from models.preferences import Preferences, Rule, allows, read_preferences


def write(tmp_path: Path, text: str) -> Path:
    file = tmp_path / "routes.toml"
    file.write_text(text)
    return file


def test_everything_that_can_be_said(tmp_path: Path) -> None:
    found = read_preferences(
        write(
            tmp_path,
            'hop_penalty = 0.9\ngroup_models = "last"\n'
            '[routes.hu-pt]\nmodels = ["a", "b"]\n'
            '[routes.de-pt]\nvia = "spa"\n'
            '[routes.fr-pt]\nvia = "direct"\n'
            '[tenants.acme]\nmodels = ["starter-*"]\n',
        )
    )
    assert found == Preferences(
        0.9,
        True,
        {
            LanguagePair("hu", "pt"): Rule(("a", "b")),
            LanguagePair("de", "pt"): Rule(via="es"),
            LanguagePair("fr", "pt"): Rule(via="direct"),
        },
        {"acme": ("starter-*",)},
    )


def test_no_file_is_the_defaults() -> None:
    assert read_preferences(None) == Preferences()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("hop_penalty = 0", "hop_penalty"),
        ('hop_penalty = "much"', "much"),
        ('group_models = "first"', "group_models"),
        ("[routes.hu]\nvia = 'en'", "routes.hu is not named"),
        ("[routes.hu-pt]", "models or via"),
        ("[routes.hu-pt]\nvia = 'en'\nmodels = ['a']", "models or via"),
        ("[routes.hu-pt]\nmodels = []", "one model nor two"),
        ("[routes.hu-pt]\nmodels = ['a', 'b', 'c']", "one model nor two"),
        ("[routes.hu-pt]\nmodels = 'a'", "list of model ids"),
        ("[routes.hu-pt]\nover = 'en'", "'over', which is none of models, via"),
        ("[tenants.acme]\nmodels = [1]", "list of model ids"),
        ("hop_penalties = 1", "'hop_penalties'"),
        ("this is no TOML", "routes.toml is not right"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(InvalidRoutes, match=says):
        read_preferences(write(tmp_path, text))


def test_a_missing_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InvalidRoutes, match="cannot be read"):
        read_preferences(tmp_path / "routes.toml")


def test_patterns() -> None:
    assert allows(None, "anything")
    assert allows(("starter-*", "b"), "starter-en-pt")
    assert not allows(("starter-*", "b"), "bb")
    assert not allows((), "a")
