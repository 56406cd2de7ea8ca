"""What the README tells a newcomer to type works."""

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from app.settings import Settings
from tests.app.cli.program import START, environment
from tests.app.serving import serving

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
SHELL = "\n".join(re.findall(r"```sh\n(.*?)```", README, flags=re.DOTALL)).replace("\\\n", " ")
COMMANDS = [
    line
    for line in SHELL.splitlines()
    if line.startswith("dragoman ")
    and line != "dragoman serve"  # runs until stopped: tests/app/cli/test_serve.py
]


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_works(command: str, tmp_path: Path) -> None:
    arguments = shlex.split(command)[1:]
    if "examples/messages.jsonl" in arguments:
        (tmp_path / "examples").mkdir()
        lines = (ROOT / "examples/messages.jsonl").read_text(encoding="utf-8").splitlines(keepends=True)
        (tmp_path / "examples/messages.jsonl").write_text("".join(lines[:20]), encoding="utf-8")

    if "examples/letter.html" in arguments:
        (tmp_path / "examples").mkdir()
        (tmp_path / "examples/letter.html").write_bytes((ROOT / "examples/letter.html").read_bytes())

    if "--tenant" in arguments:
        made = [sys.executable, "-c", START, "tenants", "create", arguments[arguments.index("--tenant") + 1]]
        subprocess.run(made, cwd=tmp_path, env=environment(tmp_path, {}), check=True, capture_output=True)

    ran = subprocess.run(
        [sys.executable, "-c", START, *arguments],
        cwd=tmp_path,
        env=environment(tmp_path, {}),
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )

    # One very short line of the sample leaves its language undetermined, which the exit code says.
    assert ran.returncode in ({0, 1} if "bulk" in arguments else {0}), ran.stderr


def test_the_curl_example_works(tmp_path: Path) -> None:
    (body,) = re.findall(r"-d '(\{.*?\})'", SHELL)

    with serving(Settings(data_dir=tmp_path)) as service:
        answer = service.client.post("/v1/translate", json=json.loads(body))

    assert [each["status"] for each in answer.json()["translations"]] == ["translated", "unchanged"]


def test_every_linked_page_exists() -> None:
    links = {link for link in re.findall(r"\]\(([^)#]+)\)", README) if "://" not in link}

    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_make_targets_named_exist() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")

    for target in re.findall(r"^make (\w+)$", SHELL, flags=re.MULTILINE):
        assert re.search(rf"^{target}:", makefile, flags=re.MULTILINE)
