import csv
import io
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.ledger.report import GroupBy
from app.reports.sheet import FIGURES, inert, sheet
from tests.app.reports.examples import report, row


def cells(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline="")))


@pytest.mark.parametrize("group_by", get_args(GroupBy))
def test_a_row_each_under_a_header(group_by: GroupBy) -> None:
    head, *rows = cells(sheet(report((group_by, [row("first"), row("second", characters=7)]))))
    assert head == [group_by, *FIGURES, "currency"]
    assert [found[0] for found in rows] == ["first", "second"]
    assert [found[head.index("characters")] for found in rows] == ["1000", "7"]
    assert rows[0][head.index("cost_per_million")] == "8.060000"
    assert rows[0][head.index("unchanged_share")] == "0.2500"


def test_without_grouping_the_totals_are_the_row() -> None:
    head, total = cells(sheet(report()))
    assert (head[0], total[0], total[2], total[-1]) == ("total", "total", "1200000", "GBP")


@given(st.text(min_size=1, max_size=20))
def test_no_cell_begins_like_a_formula(key: str) -> None:
    text = sheet(report(("cost_centre", [row(key)])))
    assert cells(text)[1][0] == inert(key)
    assert inert(key)[0] not in "=+-@\t\r"


@pytest.mark.parametrize("key", ["=HYPERLINK(1)", "+1", "-1", "@SUM(A1)", "\tx", "\rx"])
def test_what_begins_like_a_formula_is_made_inert(key: str) -> None:
    assert inert(key) == f"'{key}"
