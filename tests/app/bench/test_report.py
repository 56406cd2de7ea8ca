import pytest
from rich.console import Console

from app.bench.machine import Header
from app.bench.measure import at_least, row, skipped
from app.bench.report import Result, number, table

HEADER = Header(
    date="2026-11-22 12:00 UTC",
    commit="abc",
    cpu="a processor",
    cores=2,
    memory_gb=24,
    system="Linux",
    python="3.11",
    versions={"ctranslate2": "4.8"},
    backend=("ISA: AVX2",),
    load=0.1,
    rounds=5,
    quick=False,
)


def result(name: str, value: float) -> Result:
    rows = (row("32 clients", [value] * 5, goal=at_least(0.65)), skipped("peer", "not installed"))
    return Result(name, "Clients", "How it was done.", HEADER, rows)


def test_the_table_shows_every_row() -> None:
    console = Console(width=160, record=True, quiet=False)
    with console.capture() as captured:
        console.print(table(result("B1", 0.7)))
    assert "32 clients" in captured.get()
    assert "not installed" in captured.get()


@pytest.mark.parametrize(
    ("value", "shown"), [(1234.5, "1,234"), (12.345, "12.3"), (0.00082, "0.00082"), (1.0, "1")]
)
def test_three_figures(value: float, shown: str) -> None:
    assert number(value) == shown
