import json
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from app.bench.machine import Header
from app.bench.measure import at_least, row, skipped
from app.bench.report import Result
from benchmarks.publish import END, START, publish, replaced, save

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
prose = st.text().filter(lambda text: START not in text and END not in text)


def result(name: str, value: float) -> Result:
    rows = (row("32 clients", [value] * 5, goal=at_least(0.65)), skipped("peer", "not installed"))
    return Result(name, "Clients", "How it was done.", HEADER, rows)


@given(prose, prose, prose, prose)
def test_only_what_is_between_the_markers_changes(before: str, old: str, after: str, body: str) -> None:
    once = replaced(f"{before}{START}\n{old}\n{END}{after}", body)
    assert once.startswith(before + START)
    assert once.endswith(END + after)
    assert replaced(once, body) == once


@given(prose, prose)
def test_without_markers_the_section_goes_to_the_end_once(before: str, body: str) -> None:
    once = replaced(before, body)
    assert once.startswith(before.rstrip())
    assert replaced(once, body) == once


def test_a_partial_run_keeps_the_others(tmp_path: Path) -> None:
    file = tmp_path / "results.json"
    save([result("B10", 0.4), result("B2", 0.5), result("B1", 0.6)], file)
    stored = save([result("B1", 0.7)], file)
    assert list(stored) == ["B1", "B2", "B10"]
    assert [stored[name]["rows"][0]["value"] for name in stored] == [0.7, 0.5, 0.4]
    assert json.loads(file.read_text(encoding="utf-8")) == stored


def test_the_document_holds_figures_conditions_and_skips(tmp_path: Path) -> None:
    document = tmp_path / "benchmarks.md"
    document.write_text(f"# Benchmarks\n\n{START}\nold\n{END}\n\n## After\n", encoding="utf-8")
    publish(save([result("B1", 0.7)], tmp_path / "results.json"), document)
    text = document.read_text(encoding="utf-8")
    assert "old" not in text
    assert "| 32 clients | 0.7 × |" in text
    assert "≥ 0.65 | met |" in text
    assert "| peer |  |  |  | skipped |  | not installed |" in text
    assert "a processor, 2 cores" in text
    assert text.endswith("## After\n")
