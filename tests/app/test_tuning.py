"""Kept results: read back, disregarded where they are not about this."""

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from app.errors import StorageError
from app.tuning import Tuning, this_machine, tuned_budget, tuning_file, write_tuning
from models.card import ModelCard
from models.contracts import LanguagePair

CARD = ModelCard("../odd id/é", Path(), (LanguagePair("en", "pt"),), sha256={"model.bin": "0" * 64})
TUNING = Tuning(768, {512: 90.04, 768: 100.0}, this_machine(), date(2026, 11, 22), CARD.fingerprint)


def test_what_was_kept_is_read_and_stays_in_its_folder(tmp_path: Path) -> None:
    assert tuned_budget(tmp_path, CARD) is None
    file = write_tuning(tmp_path, CARD, TUNING)
    assert file.parent == tmp_path / "tuning"
    assert tuned_budget(tmp_path, CARD) == 768
    assert json.loads(file.read_text(encoding="utf-8")) == {
        "batch_tokens": 768,
        "measured": {"512": 90.0, "768": 100.0},
        "machine": this_machine(),
        "date": "2026-11-22",
        "fingerprint": CARD.fingerprint,
    }
    assert [each.name for each in tmp_path.rglob("*") if each.is_file()] == [file.name]


def test_another_machine_other_weights_another_model(tmp_path: Path) -> None:
    write_tuning(tmp_path, CARD, TUNING)
    assert tuned_budget(tmp_path, replace(CARD, sha256={"model.bin": "1" * 64})) is None
    assert tuned_budget(tmp_path, replace(CARD, id="other")) is None
    write_tuning(tmp_path, CARD, replace(TUNING, machine="Another, 2 cores"))
    assert tuned_budget(tmp_path, CARD) is None


@pytest.mark.parametrize(
    "content", [b"", b"\xff", b"[]", b"null", b"{}", b'{"batch_tokens": 768}', b'{"batch_tokens": "768"}']
)
def test_what_is_no_result_is_none(tmp_path: Path, content: bytes) -> None:
    file = tuning_file(tmp_path, CARD)
    file.parent.mkdir()
    file.write_bytes(content)
    assert tuned_budget(tmp_path, CARD) is None


@pytest.mark.parametrize("tokens", [0, 63, 2_000_000, True, 768.0])
def test_a_budget_out_of_bounds_is_none(tmp_path: Path, tokens: int) -> None:
    write_tuning(tmp_path, CARD, replace(TUNING, batch_tokens=tokens))
    assert tuned_budget(tmp_path, CARD) is None


def test_a_data_folder_that_is_none(tmp_path: Path) -> None:
    (tmp_path / "data").write_bytes(b"")
    with pytest.raises(StorageError, match="cannot be written"):
        write_tuning(tmp_path / "data", CARD, TUNING)
    assert tuned_budget(tmp_path / "data", CARD) is None
