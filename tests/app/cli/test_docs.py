"""docs/cli.md names every command, option and JSON field."""

import re
import subprocess
import sys

import pytest

from app.bulk.added import ADDED, SCORED
from app.bulk.report import Report
from tests.app.cli.program import ROOT
from tests.app.cli.test_examples import LEAVES

DOC = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")
SECTIONS = {
    match[1]: match[2]
    for match in re.finditer(r"^## `dragoman ([a-z -]+)`\n(.*?)(?=^## |\Z)", DOC, re.MULTILINE | re.DOTALL)
}


def test_there_is_a_section_a_command() -> None:
    assert set(SECTIONS) == {" ".join(path) for path, _ in LEAVES}


@pytest.mark.parametrize("path", [path for path, _ in LEAVES], ids=" ".join)
def test_every_option_is_in_its_section(path: tuple[str, ...]) -> None:
    command = dict(LEAVES)[path]
    for parameter in getattr(command, "params", ()):
        for name in parameter.opts:
            if name.startswith("--") and name != "--help":
                assert f"`{name}" in SECTIONS[" ".join(path)], (path, name)


def test_the_fields_of_bulk_are_explained() -> None:
    for name in (*ADDED, SCORED, *Report("job").body(), "failures"):
        assert f"`{name}`" in SECTIONS["bulk run"], name


def test_the_reference_is_what_the_commands_say() -> None:
    program = "scripts/make_cli_reference.py"
    ran = subprocess.run([sys.executable, program, "--check"], cwd=ROOT, check=False, timeout=60)
    assert ran.returncode == 0, f"python {program} renews docs/cli-reference.md"
