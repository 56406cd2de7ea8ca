"""What docs/client.md shows works."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from app.client import AsyncDragoman, Dragoman
from app.client.glossaries import AsyncGlossaries, Glossaries
from app.tenants.directory import Directory
from tests.app.conftest import Start
from tests.app.serving import PATIENCE

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs/client.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```python\n(.*?)```", PAGE, flags=re.DOTALL)


def test_every_block(start: Start) -> None:
    service = start(auth="required")
    directory = Directory(service.runtime.database)
    directory.create_tenant("north")
    secret = directory.create_key("north").secret
    for block in BLOCKS:
        code = block.replace("http://localhost:8080", str(service.client.base_url)).replace("KEY", secret)
        ran = subprocess.run(
            [sys.executable, "-c", code],
            cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE, check=False,
        )  # fmt: skip
        assert ran.returncode == 0, ran.stderr
        assert "Bom dia" in ran.stdout or "succeeded" in ran.stdout


@pytest.mark.parametrize("kind", [Dragoman, AsyncDragoman, Glossaries, AsyncGlossaries])
def test_every_method_is_named(kind: type) -> None:
    for name in vars(kind):
        assert (
            name.startswith("_") or name in ("close", "window") or f"`{name}" in PAGE or f".{name}(" in PAGE
        )


@pytest.mark.parametrize("kinds", [(Dragoman, AsyncDragoman), (Glossaries, AsyncGlossaries)])
def test_both_have_the_same(kinds: tuple[type, type]) -> None:
    public = [{name for name in vars(kind) if not name.startswith("_")} for kind in kinds]
    assert public[0] == public[1] - {"window"}
