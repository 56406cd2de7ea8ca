"""Serving asks nobody anything: no address that a caller sends is ever fetched (SSRF), because nothing can fetch."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.app.cli.program import ROOT

CLIENTS = {"aiohttp", "ftplib", "httpcore", "httpx", "requests", "smtplib", "urllib3", "websockets", "xmlrpc"}
BY_FULL_NAME = {"http.client", "urllib.request"}
ALLOWED = ("app/bench/", "app/bulk/", "app/client/", "models/install/")
"""The measuring tools, bulk runs, the client of our own API, `dragoman models pull`: commands, never the service."""
NEVER_SERVING = (
    "app.client",
    "app.bulk",
    "app.bench",
    "models.install.hub",
    "models.install.download",
    "httpx",
    "app.otlp",
    "opentelemetry.exporter",
    "opentelemetry.sdk",
    "requests",
)
CALLS = {"create_connection", "open_connection", "urlopen", "urlretrieve"}


def sources() -> Iterator[tuple[str, ast.Module]]:
    for package in ("app", "batching", "models"):
        for file in sorted((ROOT / package).rglob("*.py")):
            yield file.relative_to(ROOT).as_posix(), ast.parse(file.read_text(encoding="utf-8"))


def imported(tree: ast.Module) -> set[str]:
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {each.name for each in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found |= {node.module, *(f"{node.module}.{each.name}" for each in node.names)}
    return found


def called(tree: ast.Module) -> set[str]:
    return {
        node.func.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    }


def test_only_commands_can_ask_others() -> None:
    seen = set()
    for name, tree in sources():
        found = {each for each in imported(tree) if each.split(".")[0] in CLIENTS or each in BY_FULL_NAME}
        if name.startswith(ALLOWED):
            seen |= found
            continue
        assert not found, name
        assert not called(tree) & CALLS, name
    assert {"httpx", "urllib.request"} <= seen, "the search finds what there is to be found"


def test_the_service_does_not_even_load_what_could() -> None:
    ask = f"import sys, app.server; print([each for each in {NEVER_SERVING!r} if each in sys.modules])"
    found = subprocess.run([sys.executable, "-c", ask], cwd=ROOT, capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


def test_the_search_reads_the_sources() -> None:
    assert sum(1 for _ in sources()) > 200
    assert Path("app/main.py").as_posix() in {name for name, _ in sources()}
