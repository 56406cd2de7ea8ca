import json
import os
from dataclasses import replace
from pathlib import Path

import pytest

from models import loader, measured, revisions
from models.card import ModelCard, Score
from models.catalogue import installed
from models.contracts import EngineOptions, InvalidCard, LanguagePair, ModelUnavailable
from models.footprint import footprint
from models.measured import with_measured
from tests.models.small_marian import Recipe, build

PAIR = LanguagePair("en", "pt")


def place(folder: Path, *, seed: int, work: Path) -> None:
    build(folder, Recipe(seed=seed), work=work)
    (folder / "card.json").write_text(json.dumps({"id": "m", "pairs": [{"source": "en", "target": "pt"}]}))


def card_of(models: Path) -> ModelCard:
    card = installed(models).card("m")
    assert card is not None
    return card


def answer(card: ModelCard) -> str:
    backend = loader.load(card, EngineOptions())
    try:
        return backend.translate(backend.tokenize(["She keeps three keys."], PAIR))[0].text
    finally:
        backend.close()


@pytest.fixture
def models(tmp_path: Path) -> Path:
    folder = tmp_path / "models"
    folder.mkdir()
    place(folder / "m", seed=7, work=tmp_path / "a")
    return folder


def test_a_newer_revision_takes_the_place_and_the_former_is_kept(models: Path, tmp_path: Path) -> None:
    old = card_of(models)
    first = answer(old)
    place(models / ".staged" / "m", seed=8, work=tmp_path / "b")

    revisions.install(models / ".staged" / "m", models / "m")

    new = card_of(models)
    second = answer(new)
    assert new.revision != old.revision
    assert second != first
    assert answer(old) == first, "who began with it still finds its files"

    revisions.rollback(models / "m")
    assert answer(card_of(models)) == first
    assert card_of(models).revision == old.revision
    revisions.rollback(models / "m")
    assert answer(card_of(models)) == second


def test_only_one_former_revision_is_kept(models: Path, tmp_path: Path) -> None:
    for seed in (8, 9):
        place(models / ".staged" / "m", seed=seed, work=tmp_path / str(seed))
        revisions.install(models / ".staged" / "m", models / "m")

    assert [each.name for each in (models / ".previous").iterdir()] == ["m"]
    assert not installed(models).problems


def test_without_a_former_revision_there_is_no_way_back(models: Path) -> None:
    with pytest.raises(InvalidCard, match="no previous revision"):
        revisions.rollback(models / "m")
    assert card_of(models).id == "m"


def test_files_changed_in_place_are_not_served_under_the_old_name(models: Path, tmp_path: Path) -> None:
    old = card_of(models)
    place(tmp_path / "other", seed=8, work=tmp_path / "b")
    (models / "m" / "model.bin").write_bytes((tmp_path / "other" / "model.bin").read_bytes())

    with pytest.raises(ModelUnavailable, match="changed since they were listed"):
        answer(old)
    assert answer(card_of(models))


def test_a_stamp_tells_every_change_of_a_file(models: Path) -> None:
    before = revisions.stamp(models / "m")
    assert revisions.stamp(models / "m") == before

    status = (models / "m" / "source.spm").stat()
    os.utime(models / "m" / "source.spm", ns=(status.st_atime_ns, status.st_mtime_ns + 1))

    assert revisions.stamp(models / "m") != before


def test_what_was_measured_is_kept_beside_the_card_and_changes_no_revision(models: Path) -> None:
    card = card_of(models)
    published = replace(card, scores=(Score("ours", PAIR, 20.0), Score("theirs", PAIR, 30.0)))

    measured.write(card, footprint=1234)
    measured.write(card, scores=[Score("ours", PAIR, 51.5, 22.0)])

    again = card_of(models)
    assert (again.footprint, again.revision) == (1234, card.revision)
    assert again.chrf(PAIR) == 51.5
    scores = {score.testset: score.chrf for score in with_measured(published).scores}
    assert scores == {"ours": 51.5, "theirs": 30.0}


def test_memory_counts_for_the_engine_it_was_measured_with(models: Path) -> None:
    measured.write(card_of(models), footprint=90 << 20, options=EngineOptions(threads=2))
    card = card_of(models)

    assert footprint(card, EngineOptions(threads=2)) == 90 << 20
    assert footprint(card, EngineOptions(threads=3)) == 100 << 20
    assert footprint(card, EngineOptions(threads=2, compute_type="float32")) < 60 << 20, "reckoned anew"
    measured.write(card, scores=[Score("ours", PAIR, 51.5)])
    assert footprint(card_of(models), EngineOptions(threads=2)) == 90 << 20, "other figures change nothing"


def test_what_was_measured_of_other_weights_says_nothing(models: Path, tmp_path: Path) -> None:
    measured.write(card_of(models), footprint=1234)
    place(models / ".staged" / "m", seed=8, work=tmp_path / "b")
    kept = (models / "m" / "measured.json").read_bytes()
    (models / ".staged" / "m" / "measured.json").write_bytes(kept)
    revisions.install(models / ".staged" / "m", models / "m")

    assert card_of(models).footprint == 0


def test_cards_of_folders_that_did_not_change_are_not_read_again(models: Path) -> None:
    first = installed(models)
    (models / "m" / "card.json").write_text("not JSON")
    os.utime(models / "m" / "card.json", ns=(0, 0))
    second = installed(models, known=first.cards)

    assert second.card("m") is None
    assert [problem.folder.name for problem in second.problems] == ["m"]
