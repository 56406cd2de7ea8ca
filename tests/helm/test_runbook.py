"""docs/runbook.md has a section for each alert of the chart, and names what there is."""

import re

from app.telemetry import _STOCK
from tests.helm.chart import CHART
from tests.helm.test_metrics import exposed, rules

PAGE = (CHART.parents[1] / "docs" / "runbook.md").read_text(encoding="utf-8")
SECTIONS = re.findall(r"^## (Dragoman\w+)$", PAGE, flags=re.MULTILINE)
ENDING = re.compile("_(total|bucket|sum|count)$")
GROWING = {"currency", "model", "pair", "priority", "route", "status"}
"""Labels whose values are as many as there are models (and pairs that they translate), routes, statuses and currencies
that the operator charges in."""
FEW = {"flag", "how", "state", "what"}
"""Labels of a handful of words."""


def test_every_alert_has_a_section_and_every_section_an_alert() -> None:
    assert [rule["alert"] for rule in rules()] == SECTIONS


def test_a_section_says_what_it_means() -> None:
    for section in PAGE.split("\n## ")[1:]:
        if section.startswith("Dragoman"):
            assert "\n\n**Means** " in section, section[:40]


def test_metrics_that_it_names_are_there() -> None:
    known = set(exposed()) | {ENDING.sub("", each) for each in exposed()}
    known |= {name for name, *_ in _STOCK}
    assert set(re.findall(r"\bdragoman_[a-z_]+", PAGE)) <= known


def test_no_label_holds_what_a_caller_could_choose() -> None:
    labels = set().union(*exposed().values()) - {"le"}
    assert labels == GROWING | FEW
