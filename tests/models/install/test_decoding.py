import json
import zipfile
from collections.abc import Sequence
from pathlib import Path

import pytest
from safetensors.numpy import load_file, save_file

from models.card import ModelCard
from models.contracts import EngineOptions, LanguagePair
from models.install.decoding import shortlists, stated
from models.install.installer import Choices
from models.install.layout import Layout
from models.install.pull import import_files
from models.loader import load
from tests.models.install.checkpoints import RECIPES, write
from tests.models.install.conftest import Zipped
from tests.models.small_marian import ENGLISH

EN_PT = LanguagePair("en", "pt")


def test_of_an_opus_release_what_its_decoder_file_says(tmp_path: Path) -> None:
    (tmp_path / "decoder.yml").write_text(
        "relative-paths: true\nmodels:\n  - opus.npz\nbeam-size: 6\nnormalize: 1\nword-penalty: 0\nmini-batch: 1\n"
    )
    assert stated(tmp_path, Layout.MARIAN) == {"beam-size": "6", "normalize": "1", "word-penalty": "0"}


def test_of_a_checkpoint_its_newer_file_goes_first(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text('{"num_beams": 6, "length_penalty": 1.0, "d_model": 512}')
    (tmp_path / "generation_config.json").write_text('{"num_beams": 4, "bad_words_ids": [[9]]}')
    found = stated(tmp_path, Layout.TRANSFORMERS)
    assert found == {"num_beams": 4, "length_penalty": 1.0, "bad_words_ids": [[9]]}


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("vmap.txt", True), ("lex.s2t.bin", True), ("model/lex.50.50.enpt.s2t.bin", True), ("opus.lex-s2t.gz", True),
        ("LEX.bin", True), ("flexible.json", False), ("lexicon.md", False), ("source.spm", False),
    ],
)  # fmt: skip
def test_a_shortlist_is_told_by_its_name(tmp_path: Path, name: str, *, found: bool) -> None:
    listed = shortlists(tmp_path, Layout.CTRANSLATE2, [name, "model.bin"])
    assert listed == ([name.rpartition("/")[2]] if found else [])


@pytest.mark.parametrize("line", ["shortlist: [lex.s2t, 50, 50]", "shortlist:\n  - lex.s2t\n  - 50"])
def test_a_shortlist_that_the_decoder_file_names_is_told(tmp_path: Path, line: str) -> None:
    (tmp_path / "decoder.yml").write_text(f"models:\n  - opus.npz\n{line}\n")
    assert shortlists(tmp_path, Layout.MARIAN, ["opus.npz"]) == ["decoder.yml: shortlist"]
    (tmp_path / "decoder.yml").write_text("models:\n  - opus.npz\n")
    assert shortlists(tmp_path, Layout.MARIAN, ["opus.npz"]) == []


@pytest.mark.parametrize("beam", [1, 4])
def test_padding_and_the_unknown_piece_are_never_written_however_likely(tmp_path: Path, beam: int) -> None:
    """Whatever `bad_words_ids` says; nor is anything longer than the model's positions."""
    files = tmp_path / "opus-mt-en-pt"
    write(files, RECIPES["single"])
    pieces = json.loads((files / "vocab.json").read_text(encoding="utf-8"))
    weights = load_file(files / "model.safetensors")
    for piece in ("<pad>", "<unk>"):
        weights["final_logits_bias"][0, pieces[piece]] = 1e4
    weights["final_logits_bias"][0, pieces["</s>"]] = -1e4
    save_file(weights, files / "model.safetensors")

    done = import_files(files, tmp_path / "models", choices=Choices(self_test=False, beam_size=beam))

    backend = load(done.card, EngineOptions())
    answers = backend.translate(backend.tokenize(ENGLISH, EN_PT))
    backend.close()
    for answer in answers:
        assert answer.truncated
        assert 0 < answer.tokens < done.card.positions
        assert not any(sign in answer.text for sign in ("<pad>", "<unk>", "\u2047"))


def test_a_models_own_beam_goes_before_the_services_and_shows_in_its_fingerprint(
    tmp_path: Path,
) -> None:
    files = tmp_path / "opus-mt-en-pt"
    write(files, RECIPES["single"])
    untried = Choices(self_test=False)
    plain = import_files(files, tmp_path / "a", choices=untried).card
    wide = import_files(files, tmp_path / "b", choices=Choices(self_test=False, beam_size=4)).card
    assert (plain.beam_size, wide.beam_size) == (0, 4)
    assert plain.sha256 == wide.sha256
    assert plain.fingerprint != wide.fingerprint

    by_card, by_service, usual = (
        _answers(card, EngineOptions(beam_size=beam), ENGLISH)
        for card, beam in ((wide, 1), (plain, 4), (plain, 1))
    )

    assert by_card == by_service
    assert by_card != usual
    strict = EngineOptions(strict=True)
    assert _answers(wide, strict, ENGLISH) == [_answers(wide, strict, [text])[0] for text in ENGLISH]


def test_what_a_release_brings_of_a_shortlist_is_written_down(tmp_path: Path, zipped: Zipped) -> None:
    file = zipped("en-pt")
    with zipfile.ZipFile(file, "a") as archive:
        archive.writestr("lex.s2t.bin", b"candidates")

    card = import_files(file, tmp_path / "models", choices=Choices(self_test=False)).card

    assert card.provenance["shortlist"] == ["lex.s2t.bin"]
    assert not (card.path / "lex.s2t.bin").exists()


def _answers(card: ModelCard, options: EngineOptions, texts: Sequence[str]) -> list[str]:
    backend = load(card, options)
    try:
        return [each.text for each in backend.translate(backend.tokenize(texts, card.pairs[0]))]
    finally:
        backend.close()
