"""The tables of the docs hold what the code knows, no more and no less."""

import json
import re
from pathlib import Path

from app import assembly
from app.api.problems import STATUS
from app.flags import FACTS, FLAGS
from app.plan import Fate
from app.settings import Settings

DOCS = Path(__file__).parents[1] / "docs"
OPERATORS_OWN = {"data_dir", "model_dir"}
"""Settings whose default the page tells in words."""


def rows(page: str, *, heading: str = "") -> list[list[str]]:
    """Cells of the page's tables from `heading` to the next of its rank, back quotes taken off."""
    text = (DOCS / page).read_text(encoding="utf-8")
    part = text.split(f"## {heading}\n")[1].split("\n## ")[0] if heading else text
    lines = re.findall(r"^\| (`.+) \|$", part, flags=re.MULTILINE)
    return [[cell.strip("`") for cell in line.split(" | ")] for line in lines]


def test_every_setting_is_told_with_its_default() -> None:
    told = {name: default for name, default, _ in rows("settings.md")}
    known = {f"DRAGOMAN_{name.upper()}": field for name, field in Settings.model_fields.items()}
    assert told.keys() == known.keys()
    for name, field in Settings.model_fields.items():
        if name not in OPERATORS_OWN:
            assert told[f"DRAGOMAN_{name.upper()}"] == plain(field.default), name


def test_every_flag_is_explained() -> None:
    told = {flag: (meaning, advice) for flag, meaning, advice in rows("flags.md", heading="Every flag")}
    assert told.keys() == FLAGS.keys()
    assert all(meaning.endswith(".") and advice.endswith(".") for meaning, advice in told.values())


def test_every_fact_is_told_from_the_doubts() -> None:
    assert {flag for flag, _ in rows("flags.md", heading="Doubts and facts")} == FACTS


def test_every_refusal_is_explained() -> None:
    told = {code: int(status) for code, status, _, _ in rows("errors.md", heading="A request is refused")}
    assert told == {code: status.value for code, status in STATUS.items()}


def test_every_failure_of_a_text_is_explained() -> None:
    told = {code for code, _, _ in rows("errors.md", heading="A text of a request fails")}
    assert told == {
        Fate.UNDETERMINED.value,
        Fate.NO_ROUTE.value,
        assembly._ENGINE_FAILED.code,
        assembly._NOTHING.code,
        "model_unavailable",
    }


def plain(value: object) -> str:
    return json.dumps(value) if isinstance(value, bool) else str(value)
