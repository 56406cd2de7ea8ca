"""docs/counting.md does what it says."""

import json
import re
from pathlib import Path

import pytest

from app.documents.format import Options
from app.documents.registry import FORMATS
from app.ledger.counting import Counts, count
from tests.app.serving import Service

PAGE = (Path(__file__).parents[2] / "docs" / "counting.md").read_text(encoding="utf-8")
ROWS = [
    [cell.strip() for cell in row.split("|")] for row in re.findall(r"^\| (`\".*) \|$", PAGE, re.MULTILINE)
]
CHARACTERS = [row for row in ROWS if len(row) == 5 and row[1].isdigit()]
DOCUMENTS = [row for row in ROWS if len(row) == 5 and not row[1].isdigit()]
REQUESTS = [row for row in ROWS if len(row) == 7]


def text_of(cell: str) -> str:
    text = json.loads(cell.removeprefix("`").removesuffix("`"))
    assert isinstance(text, str)
    return text


def test_the_page_has_its_tables() -> None:
    assert (len(CHARACTERS), len(REQUESTS), len(DOCUMENTS)) == (13, 5, 6)


@pytest.mark.parametrize("row", CHARACTERS, ids=lambda row: row[0])
def test_a_character(row: list[str]) -> None:
    characters, units, size = map(int, row[1:4])
    assert count(text_of(row[0])) == Counts(characters, characters, units, size)


@pytest.mark.parametrize("row", REQUESTS, ids=lambda row: row[0])
def test_a_request(row: list[str], service: Service) -> None:
    names = ("characters", "billed_characters", "unchanged_characters", "failed_characters")
    before = service.usage()["totals"]
    service.translate(text_of(row[0]), row[1])
    after = service.usage()["totals"]
    assert [after[name] - before[name] for name in names] == [int(cell) for cell in row[2:6]]


@pytest.mark.parametrize("row", DOCUMENTS, ids=lambda row: row[0])
def test_a_document(row: list[str]) -> None:
    (form,) = (each for each in FORMATS if each.name == row[1])
    units = form.extract(text_of(row[0]).encode(), Options()).units
    assert [len(units), sum(len(unit.text) for unit in units)] == [int(row[2]), int(row[3])]


def test_markup_in_plain_text_is_text() -> None:
    assert count("<b>dia</b>") == Counts(10, 10, 10, 10)
