"""`make demo` shows the main job and notices when it is off."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

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
    """Whatever else the caller has set for a service of their own."""
    others = {"DRAGOMAN_MODEL_DIR": "/nowhere", "DRAGOMAN_MAX_TEXTS": "1", "DRAGOMAN_CURRENCY": "EUR"}
    ran = _demo({**environment, **others})

    assert ran.returncode == 0, ran.stdout + ran.stderr
    for shown in ("characters a second", "chrF", "KX65 TRV", "a million translated characters", "£8.06"):
        assert shown in ran.stdout


def test_the_demo_fails_when_the_price_of_the_machine_is_out_of_reason(environment: dict[str, str]) -> None:
    ran = _demo({**environment, "DRAGOMAN_MACHINE_RATE_PER_HOUR": "500000"})

    assert ran.returncode == 1
    assert "Off:" in ran.stdout


STUBBORN = (
    "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('ready', flush=True); signal.pause()"
)


@pytest.fixture
def demo() -> ModuleType:
    spec = importlib.util.spec_from_file_location("demo", DEMO)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_a_service_that_does_not_stop_is_killed(demo: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo, "STOP_SECONDS", 0.1)
    with subprocess.Popen([sys.executable, "-c", STUBBORN], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        process.stdout.readline()
        demo.stop(process)
        assert process.poll() == -9
    assert demo.faults == ["the service did not stop within 0.1 s and was killed"]


def test_texts_are_shown_as_they_are(demo: ModuleType) -> None:
    translation: dict[str, Any] = {
        "source": "en", "confidence": None, "text": "a [bold]b[/] [/x]", "error": None, "models": [], "flags": [],
    }  # fmt: skip
    failed = {**translation, "text": None, "error": {"code": "no_route", "message": "no [/route]"}}
    body = {"translations": [translation, *[failed] * (len(demo.MESSAGES) - 1)]}
    with demo.console.capture() as shown:
        demo.console.print(demo._batch_table(body, "pt"))
    assert "a [bold]b[/] [/x]" in " ".join(shown.get().split())
    assert "no [/route]" in shown.get()
