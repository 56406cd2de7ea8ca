"""Every example in every `--help` runs as it stands."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from app.cli.db import COPY
from app.cli.documents import RESULT
from app.cli.main import app
from app.provenance import Signer
from app.storage.engine import open_database
from tests.app.cli.program import ROOT, START, environment
from tests.app.cli.stating import TEXT, write
from tests.app.quality.documents import keep

ENTRY = "ENTRY"
"""Stands for the id of an entry that is there."""
SERVE = "dragoman serve --port 8080"
"""Does not return; test_serve.py starts it. COPY needs a PostgreSQL; test_db.py has one. RESULT needs a server with a
job; test_documents.py has both."""
FETCH = "dragoman models pull hu-en"
"""Needs the network; test_installing.py has a hub on this machine."""


def commands(command: object, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], object]]:
    yield path, command
    for name, inner in getattr(command, "commands", {}).items():
        yield from commands(inner, (*path, name))


GLOSSARY = "GLOSSARY"
"""Stands for the id of a glossary that is there."""
KEY = "key_5b1c09d2e4f7"
"""Stands for the id of a key that is there."""

PUBLIC_KEY = "PUBLIC_KEY"
"""Stands for that of a statement that is there."""

LEAVES = [
    (path, each)
    for path, each in commands(get_command(app))
    if not hasattr(each, "commands") or (path and getattr(each, "invoke_without_command", False))
]
EXAMPLES = [
    (path, line.strip())
    for path, each in LEAVES
    for line in str(getattr(each, "epilog", "")).partition("Examples:\n")[2].splitlines()
]


def test_every_command_has_help_and_an_example_of_itself() -> None:
    assert len(LEAVES) >= 8
    for path, each in LEAVES:
        assert getattr(each, "help", None), path
        mine = [line for found, line in EXAMPLES if found == path]
        assert mine, path
        assert all(f"dragoman {' '.join(path)}" in line for line in mine), path


def test_the_example_of_serve_is_known() -> None:
    assert [line for path, line in EXAMPLES if path == ("serve",)] == [SERVE]


@pytest.mark.parametrize("line", [line for _, line in EXAMPLES if line not in {SERVE, COPY, FETCH, RESULT}])
def test_it_runs(line: str, tmp_path: Path) -> None:
    program = tmp_path / "bin" / "dragoman"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -c "{START}" "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    variables = environment(tmp_path, {})
    variables["PATH"] = f"{program.parent}{os.pathsep}{variables['PATH']}"
    if ENTRY in line:
        line = line.replace(
            ENTRY,
            _made(program, tmp_path, variables, "translate", "--to", "en", "--json", "Bom dia a todos."),
        )
    if GLOSSARY in line:
        made = ("glossaries", "create", "A", "examples/terms.tsv", "--from", "en", "--to", "pt", "--json")
        line = line.replace(GLOSSARY, _made(program, tmp_path, variables, *made))
    if KEY in line:
        line = line.replace(
            KEY, _made(program, tmp_path, variables, "keys", "create", "--tenant", "local", "--json")
        )
    if "review sample" in line:
        with closing(open_database(tmp_path / "data")) as database:
            keep(database, "job_1", 120, tenant="local")
    if "statement.json" in line:
        answer = _told(
            program, tmp_path, variables, "translate", "--to", "en", "--from", "pt", "--json", TEXT
        )
        signer = Signer(bytes(32))
        write(tmp_path, signer, answer["translations"][0]["text"])
        line = line.replace(PUBLIC_KEY, signer.public_key)
    done = subprocess.run(
        ["/bin/sh", "-c", line], cwd=tmp_path, env=variables, capture_output=True, check=False
    )
    # 1: the sample holds a few texts whose language nobody can tell.
    assert done.returncode in ((0, 1) if "messages.jsonl" in line else (0,)), done.stderr
    assert b"Traceback" not in done.stderr


def _made(program: Path, folder: Path, variables: Mapping[str, str], *args: str) -> str:
    """The id of what a command makes."""
    return str(_told(program, folder, variables, *args)["id"])


def _told(program: Path, folder: Path, variables: Mapping[str, str], *args: str) -> Any:
    made = subprocess.run(
        [program, *args],
        cwd=folder,
        env=variables,
        capture_output=True,
        check=True,
    )
    return json.loads(made.stdout)
