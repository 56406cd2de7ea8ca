"""The bill of materials: what the lock installs on Linux, and the models."""

import json
import re
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")


@cache
def printed() -> str:
    made = [sys.executable, str(ROOT / "scripts" / "make_sbom.py")]
    ran = subprocess.run(made, capture_output=True, text=True, check=True, timeout=60)
    return ran.stdout


def components(kind: str) -> list[dict[str, Any]]:
    return [each for each in json.loads(printed())["components"] if each["type"] == kind]


def test_it_names_what_it_is() -> None:
    made = json.loads(printed())

    assert (made["bomFormat"], made["specVersion"]) == ("CycloneDX", "1.6")
    assert made["metadata"]["component"]["name"] == "dragoman"
    assert re.fullmatch(r"urn:uuid:[0-9a-f-]{36}", made["serialNumber"])


def test_it_is_valid_cyclonedx() -> None:
    validation = pytest.importorskip(
        "cyclonedx.validation.json", reason="pip install -r requirements-deploy.lock"
    )
    schema = pytest.importorskip("cyclonedx.schema")

    assert validation.JsonStrictValidator(schema.SchemaVersion.V1_6).validate_str(printed()) is None


def test_packages_are_those_of_the_lock_that_linux_takes() -> None:
    locked = re.findall(r"^([\w.-]+)(?:\[[a-z,]+\])?==([^\s;]+)(?: ; (.*?))? \\$", LOCK, re.MULTILINE)
    told = {each["name"]: each["version"] for each in components("library")}

    always = {(name, version) for name, version, marker in locked if not marker}
    elsewhere = {name for name, _, marker in locked if marker == "sys_platform == 'win32'"}
    assert always <= told.items() <= {(name, version) for name, version, _ in locked}
    assert elsewhere
    assert not elsewhere & told.keys()


def test_models_are_in_it_with_their_checksums() -> None:
    told = {each["name"]: each["hashes"][0]["content"] for each in components("machine-learning-model")}
    cards = [json.loads(file.read_text()) for file in (ROOT / "models" / "starter").glob("*/card.json")]

    assert told == {card["id"]: card["sha256"]["model.bin"] for card in cards}


def test_the_same_input_gives_the_same_bytes() -> None:
    assert printed.__wrapped__() == printed()
