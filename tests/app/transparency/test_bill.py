"""What is installed, with the licences that the packages declare."""

import json
from importlib.metadata import version

import pytest

from app.transparency.bill import installed
from models.catalogue import Catalogue


def test_packages_are_the_ones_that_run(starter_catalogue: Catalogue) -> None:
    made = installed("1.0", starter_catalogue.cards)
    found = {each["name"]: each for each in made["components"]}
    for name in ("ctranslate2", "pydantic", "psycopg-binary", "starlette"):
        assert found[name]["version"] == version(name)
        assert found[name]["licenses"]
    assert "pytest" not in found
    assert "mypy" not in found
    assert found["starter-en-pt"]["hashes"][0]["alg"] == "SHA-256"
    assert made == installed("1.0", starter_catalogue.cards)


def test_it_is_valid_cyclonedx(starter_catalogue: Catalogue) -> None:
    validation = pytest.importorskip(
        "cyclonedx.validation.json", reason="pip install -r requirements-deploy.lock"
    )
    schema = pytest.importorskip("cyclonedx.schema")
    text = json.dumps(installed("1.0", starter_catalogue.cards))
    assert validation.JsonStrictValidator(schema.SchemaVersion.V1_6).validate_str(text) is None
