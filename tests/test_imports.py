"""The contracts of pyproject.toml, which lint-imports keeps, leave nothing out."""

import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]
EDGE = {"app.api", "app.main", "app.server", "app.web"}


def test_every_module_but_the_edge_is_kept_from_the_web_framework() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = {each["name"]: each for each in settings["tool"]["importlinter"]["contracts"]}
    kept = set(contracts["the web framework is known to the edge only"]["source_modules"])
    parts = {f"app.{file.stem}" for file in (ROOT / "app").glob("*.py") if file.stem != "__init__"}
    parts |= {f"app.{file.parent.name}" for file in (ROOT / "app").glob("*/__init__.py")}
    assert kept == (parts - EDGE) | {"batching", "models"}
