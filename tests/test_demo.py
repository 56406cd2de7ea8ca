"""`make demo` shows the main job and notices when it is off."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
DEMO = ROOT / "scripts" / "demo.py"


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    if not Path(sys.executable).with_name("dragoman").exists():
        pytest.skip("the package is not installed here: make test installs it")
    kept = {name: value for name, value in os.environ.items() if not name.startswith("DRAGOMAN_")}
    return {**kept, "TMPDIR": str(tmp_path), "COLUMNS": "160"}


def _demo(environment: dict[str, str]) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, DEMO], env=environment, capture_output=True, text=True, check=False, timeout=300
    )


def test_the_demo_passes_and_shows_its_figures(environment: dict[str, str]) -> None:
    ran = _demo(environment)

    assert ran.returncode == 0, ran.stdout + ran.stderr
    for shown in ("characters a second", "chrF", "KX65 TRV", "a million translated characters", "£8.06"):
        assert shown in ran.stdout


def test_the_demo_fails_when_the_price_of_the_machine_is_out_of_reason(environment: dict[str, str]) -> None:
    ran = _demo({**environment, "DRAGOMAN_MACHINE_RATE_PER_HOUR": "500000"})

    assert ran.returncode == 1
    assert "Off:" in ran.stdout
