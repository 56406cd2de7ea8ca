"""bench tune: what is measured, what is recommended, what is kept."""

import itertools
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.cli.budgets import BUDGETS, Rate, batches, language, recommended, segments
from batching.budget import Budget, padded
from models.contracts import TokenizedSegment
from tests.app.cli.conftest import Call


def test_it_measures_recommends_and_keeps(dragoman: Call, model_dir: Path, tmp_path: Path) -> None:
    asked = ("bench", "tune", "--model", "identity", "--rounds", "3")
    own = {"DRAGOMAN_MODEL_DIR": str(model_dir)}
    told = dragoman(*asked, **own)
    assert (told.code, told.err) == (0, "")
    assert "padded tokens a batch" in told.out
    assert not (tmp_path / "data").exists()
    (found,) = json.loads(dragoman(*asked, "--write", "--json", **own).out)["tunings"]
    assert [each["batch_tokens"] for each in found["measured"]] == list(BUDGETS)
    assert all(each["least"] <= each["characters_per_second"] <= each["most"] for each in found["measured"])
    assert found["batch_tokens"] in BUDGETS
    file = tmp_path / "data" / "tuning" / "identity.json"
    assert found["written"] == str(file)
    assert json.loads(file.read_text(encoding="utf-8"))["batch_tokens"] == found["batch_tokens"]


def test_an_unknown_model_is_named(dragoman: Call) -> None:
    done = dragoman("bench", "tune", "--model", "nonsense")
    assert done.code == 2
    assert "No model 'nonsense' is installed" in done.err


@pytest.mark.parametrize("source", ["en", "pt", "fi"])
def test_the_segments_are_distinct_and_the_same_every_time(source: str) -> None:
    found = segments(source, 1024)
    assert len(set(found)) == 1024
    assert found == segments(source, 1024)
    assert language(source) == ("en" if source == "fi" else source)


@given(st.lists(st.integers(1, 60), max_size=60), st.integers(8, 200), st.integers(1, 20))
def test_batches_keep_to_the_budget_and_lose_nothing(lengths: list[int], budget: int, most: int) -> None:
    tokens = [TokenizedSegment(("x",) * length) for length in lengths]
    found = [[each.length for each in batch] for batch in batches(tokens, Budget(budget, most))]
    assert sorted(itertools.chain(*found)) == sorted(lengths)
    assert all(len(batch) <= most for batch in found)
    assert all(len(batch) == 1 or padded(batch) <= budget for batch in found)


def test_of_two_budgets_as_fast_the_smaller_is_recommended() -> None:
    rates = [Rate(256, (80.0,)), Rate(512, (98.5, 98.5, 10.0)), Rate(1024, (100.0,)), Rate(2048, (99.0,))]
    assert recommended(rates) == 512


@pytest.mark.slow
def test_a_measurement_prints_its_table_and_writes_json(dragoman: Call, tmp_path: Path) -> None:
    file = tmp_path / "found.json"
    done = dragoman("bench", "run", "B9", "--quick", "--rounds", "1", "--out", str(file))
    assert (done.code, done.err) == (0, "")
    assert "ledger on ÷ off" in done.out
    found = json.loads(file.read_text(encoding="utf-8"))
    assert found["B9"]["rows"][0]["verdict"] == "no verdict"
    assert found["B9"]["header"]["quick"] is True


def test_an_unknown_measurement_is_named(dragoman: Call) -> None:
    done = dragoman("bench", "run", "B99")
    assert done.code == 2
    assert "There is no benchmark 'B99'." in done.err
