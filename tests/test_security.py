"""docs/security.md: every promise names a test, and every test it names is there."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
ROWS = [row for row in re.findall(r"^\| (.+) \|$", PAGE, flags=re.MULTILINE) if not row.startswith("threat")]
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")
EDGES = ("HTTP API", "web form", "command line", "database", "Blobs", "Model files", "parser", "Metrics")


def test_every_promise_names_a_test() -> None:
    assert len(ROWS) > 40
    for row in ROWS:
        threat, _, tests = row.split(" | ")
        assert threat in "STRIDE"
        assert NAMED.search(tests), row


def test_every_test_named_is_there() -> None:
    assert PAGE.count("::test_") == len(NAMED.findall(PAGE))
    for file, name in NAMED.findall(PAGE):
        tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
        functions = {
            each.name for each in tree.body if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef)
        }
        assert name in functions, f"{file}::{name}"


def test_every_edge_is_there() -> None:
    headings = "\n".join(re.findall(r"^## (.+)$", PAGE, flags=re.MULTILINE))
    assert all(edge in headings for edge in EDGES)
