"""models doctor and models rollback."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from models.catalogue import STARTER, Catalogue, installed
from models.contracts import EngineOptions
from models.probe import probe
from tests.app.cli.conftest import Call
from tests.models.small_marian import Recipe, build


@pytest.fixture(scope="module")
def ward(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sound model, one that babbles, one with a wrong file, one with broken weights, and a folder that is none."""
    folder = tmp_path_factory.mktemp("ward")
    shutil.copytree(STARTER / "pt-en", folder / "sound")
    shutil.copytree(STARTER / "pt-en", folder / "wrong")
    for name in ("sound", "wrong"):
        file = folder / name / "card.json"
        file.write_text(json.dumps(json.loads(file.read_text(encoding="utf-8")) | {"id": name}))
    (folder / "wrong" / "config.json").write_text("{}")
    build(folder / "pt-de", Recipe(), work=tmp_path_factory.mktemp("work"))
    shutil.copytree(folder / "pt-de", folder / "pt-fr")
    (folder / "pt-fr" / "model.bin").write_bytes(b"no weights")
    (folder / "nothing").mkdir()
    (folder / "nothing" / "card.json").write_text("{")
    return folder


def test_every_model_is_examined_and_the_faulty_named(dragoman: Call, ward: Path) -> None:
    done = dragoman("models", "doctor", "--json", "--write", DRAGOMAN_MODEL_DIR=str(ward))

    assert done.code == 1
    body = json.loads(done.out)
    found: dict[str, Any] = {each["model"]: each for each in body["models"]}
    sound = {name: each["sound"] for name, each in found.items()}
    assert sound == {
        "starter-en-pt": True, "starter-pt-en": True, "sound": True, "wrong": False, "pt-de": False, "pt-fr": False,
    }  # fmt: skip
    assert "config.json is not the file its card vouches for" in found["wrong"]["faults"][0]
    assert "was tried on pt-de and is refused: an answer goes in circles" in found["pt-de"]["faults"][0]
    assert "pt-en: resemblance" in found["sound"]["self_test"][0]
    assert "cannot be loaded" in found["pt-fr"]["faults"][0]
    assert any("no checksums" in each for each in found["pt-de"]["remarks"])
    assert found["sound"]["remarks"] == []
    assert found["sound"]["verified"]
    assert found["sound"]["memory_bytes"] > 18e6
    assert found["sound"]["characters_per_second"] > 0
    assert [each["folder"] for each in body["problems"]] == ["nothing"]
    assert "nothing cannot be served" in done.err
    cards = {card.id: card for card in installed(ward).cards}
    assert cards["sound"].footprint == found["sound"]["memory_bytes"]
    assert cards["wrong"].footprint == 0
    assert not (STARTER / "pt-en" / "measured.json").exists(), "the package is not written to"


def test_one_model_alone(dragoman: Call, ward: Path) -> None:
    done = dragoman("models", "doctor", "sound", DRAGOMAN_MODEL_DIR=str(ward))
    assert done.code == 0
    assert "sound" in done.out
    assert "starter" not in done.out


def test_a_model_that_takes_too_long_is_given_up(starter_catalogue: Catalogue) -> None:
    found = probe(starter_catalogue.cards[0], EngineOptions(), ["One."], seconds=0.0)
    assert "given up" in str(found.fault)


def test_rollback_and_back(dragoman: Call, tmp_path: Path) -> None:
    models = tmp_path / "own"
    build(models / "pt-de", Recipe(seed=7), work=tmp_path / "a")
    build(models / ".previous" / "pt-de", Recipe(seed=8), work=tmp_path / "b")
    weights = models / "pt-de" / "model.bin"
    new = weights.read_bytes()

    done = dragoman("models", "rollback", "pt-de", DRAGOMAN_MODEL_DIR=str(models))
    assert done.code == 0
    assert weights.read_bytes() != new
    assert dragoman("models", "rollback", "pt-de", DRAGOMAN_MODEL_DIR=str(models)).code == 0
    assert weights.read_bytes() == new


def test_no_way_back(dragoman: Call, ward: Path) -> None:
    done = dragoman("models", "rollback", "sound", DRAGOMAN_MODEL_DIR=str(ward))
    assert done.code == 2
    assert "no previous revision" in done.err
