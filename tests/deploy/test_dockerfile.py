"""The image's recipe and docker-compose.yml, without building anything."""

import fnmatch
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from babel import Locale, UnknownLocaleError, localedata

from app.settings import Settings

ROOT = Path(__file__).parents[2]
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
SERVED = DOCKERFILE.split("\nFROM ")[-1]
"""The last stage: what is shipped."""
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
SETTINGS = {f"DRAGOMAN_{name.upper()}" for name in Settings.model_fields}


def test_hadolint_finds_nothing() -> None:
    beside = Path(sys.executable).with_name("hadolint")
    found = str(beside) if beside.exists() else shutil.which("hadolint")
    if found is None:
        pytest.skip("needs hadolint: pip install -r requirements-deploy.lock")

    ran = subprocess.run(
        [found, str(ROOT / "Dockerfile")], capture_output=True, text=True, check=False, timeout=60
    )

    assert (ran.returncode, ran.stdout) == (0, "")


def test_everything_installed_is_checked_against_a_lock() -> None:
    installs = re.findall(r"pip\S* .*?install (.*?)(?: \\| &&|$)", DOCKERFILE, flags=re.MULTILINE)

    assert len(installs) == 3
    assert all("--require-hashes" in each or "--no-index --no-deps" in each for each in installs)


def test_it_runs_as_a_fixed_number_that_is_not_root() -> None:
    (user,) = re.findall(r"^USER (.*)$", SERVED, flags=re.MULTILINE)

    assert user == "10001:10001"


def test_the_variables_it_sets_are_settings() -> None:
    assert set(re.findall(r"\bDRAGOMAN_\w+", SERVED)) <= SETTINGS
    assert "PYTHONSAFEPATH=1" in SERVED
    assert "DRAGOMAN_DATA_DIR=/data" in SERVED
    assert "VOLUME /data" in SERVED


def test_the_health_check_is_a_command_that_python_can_read() -> None:
    (command,) = re.findall(r"^HEALTHCHECK .* CMD (\[.*\])$", SERVED, flags=re.MULTILINE)
    python, flag, code = json.loads(command)

    assert (python, flag) == ("python3", "-c")
    compile(code, "HEALTHCHECK", "exec")


def test_what_is_copied_is_let_through_and_little_else() -> None:
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    let_through = {line[1:] for line in lines if line.startswith("!")}
    copied = {
        source
        for line in re.findall(r"^COPY (?!--from)(.*) \S+$", DOCKERFILE, flags=re.MULTILINE)
        for source in line.split()
    }

    assert lines[1] == "*"
    assert copied == {each.split("/")[0] for each in let_through}
    assert not [each for each in let_through if fnmatch.fnmatch(each, "test*")]


def test_slimmed_locales_name_languages_as_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    locales = Path(localedata.__file__).parent / "locale-data"
    folder = tmp_path / "locale-data"
    folder.mkdir()
    for name in ("root", "en", "pt", "pt_PT", "sr", "sr_Latn", "zh", "zh_Hant"):
        shutil.copy(locales / f"{name}.dat", folder)
    wanted = {name: dict(Locale.parse(name).languages) for name in ("en", "pt_PT", "sr_Latn", "zh_Hant")}
    size = sum(file.stat().st_size for file in folder.iterdir())

    script = ROOT / "scripts" / "slim_locales.py"
    subprocess.run([sys.executable, str(script), str(folder)], check=True, capture_output=True, timeout=60)

    monkeypatch.setattr(localedata, "_dirname", str(folder))
    monkeypatch.setattr(localedata, "_cache", {})
    # Babel remembers which there were, where another test asked before.
    monkeypatch.setattr(localedata, "locale_identifiers", localedata.locale_identifiers.__wrapped__)
    assert {name: dict(Locale.parse(name).languages) for name in wanted} == wanted
    assert sum(file.stat().st_size for file in folder.iterdir()) < size / 8
    with pytest.raises(UnknownLocaleError):
        Locale.parse("de")


def test_slimming_takes_no_other_folder(tmp_path: Path) -> None:
    (tmp_path / "other.dat").write_bytes(b"not Babel's")
    script = ROOT / "scripts" / "slim_locales.py"
    ran = subprocess.run(
        [sys.executable, str(script), str(tmp_path)], check=False, capture_output=True, timeout=60
    )

    assert ran.returncode == 1
    assert (tmp_path / "other.dat").read_bytes() == b"not Babel's"


def test_compose_is_closed_and_names_real_settings() -> None:
    service = COMPOSE["services"]["dragoman"]

    assert set(service["environment"]) <= SETTINGS
    assert service["environment"]["DRAGOMAN_AUTH"] == "required"
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert all(port.startswith("127.0.0.1:") for port in service["ports"])


def test_compose_waits_longer_than_the_service_drains() -> None:
    service = COMPOSE["services"]["dragoman"]
    grace = int(service["stop_grace_period"].removesuffix("s"))

    assert grace > float(service["environment"]["DRAGOMAN_DRAIN_TIMEOUT"])
