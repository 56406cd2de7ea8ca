"""dragoman usage in its forms."""

import csv
import io
import json

import pytest

from tests.app.cli.conftest import Call
from tests.app.cli.program import Served

TRANSLATE = ("translate", "--to", "en", "--from", "pt", "Bom dia, senhor.", "Até logo.")


@pytest.fixture
def used(dragoman: Call) -> Call:
    assert dragoman(*TRANSLATE).code == 0
    return dragoman


def test_a_page(used: Call) -> None:
    page = used("usage", "--format", "html").out
    assert page.startswith("<!doctype html>")
    assert "every tenant" in page
    assert "<h2>By language pair</h2>" in page
    assert "<h2>By model</h2>" not in used("usage", "--format", "html", "--by", "pair").out


def test_a_sheet(used: Call) -> None:
    rows = list(csv.reader(io.StringIO(used("usage", "--by", "pair", "--format", "csv").out)))
    assert (rows[0][0], rows[1][0], rows[1][2]) == ("pair", "pt-en", "25")


def test_what_it_would_have_cost_elsewhere(used: Call) -> None:
    told = used("usage", "--elsewhere", "--rate", "USD=0.79@2026-11-20").out
    assert "DeepL API Pro" in told
    assert "unconfirmed" in told
    assert "4.99 EUR" in told
    found = json.loads(used("usage", "--json", "--rate", "USD=0.5@2026-11-20").out)["elsewhere"]
    assert {bill["vendor"]: bill["converted"] for bill in found} == {
        "deepl": None,
        "google": "0.000000000",
        "azure": "0.000125000",
        "amazon": "0.000187500",
    }


def test_one_tenant_of_the_ledger(used: Call) -> None:
    assert json.loads(used("usage", "--json", "--tenant", "local").out)["totals"]["characters"] == 25
    assert json.loads(used("usage", "--json", "--tenant", "nobody").out)["totals"]["characters"] == 0


@pytest.mark.parametrize(
    "asked",
    [
        ("--json", "--format", "csv"),
        ("--rate", "USD=0.79"),
        ("--rate", "USD=1@2026-11-20", "--server", "http://127.0.0.1:1"),
        ("--by", "colour"),
    ],
)
def test_what_does_not_go_together_is_refused(dragoman: Call, asked: tuple[str, ...]) -> None:
    done = dragoman("usage", *asked)
    assert (done.code, done.out) == (2, "")
    assert done.err


def test_a_servers_page_and_sheet(dragoman: Call, server: Served) -> None:
    page = dragoman("usage", "--format", "html", "--server", server.url)
    assert page.out.startswith("<!doctype html>")
    sheet = dragoman("usage", "--format", "csv", "--by", "day", "--server", server.url)
    assert sheet.out.startswith("day,")
