"""Models from a hub and from OPUS-MT's store, by way of a server on this machine that speaks as they do."""

import json
import shutil
from pathlib import Path

import pytest
from safetensors.numpy import load_file, save_file

from models import catalogue
from models.card import read_card
from models.catalogue import STARTER, installed
from models.contracts import EngineOptions, LanguagePair
from models.install.pins import Pin, read_pins
from models.install.pull import Naming, pull
from models.loader import load
from tests.models.install.checkpoints import RECIPES, UNTRIED, write
from tests.models.install.conftest import Zipped
from tests.models.install.server import NAME, Store
from tests.models.small_marian import Recipe as Release


def listed(monkeypatch: pytest.MonkeyPatch, store: Store, name: str, zip_file: Path) -> None:
    """The packaged list has this release alone, at this server."""
    store.files[zip_file.name] = zip_file
    source, _, target = name.partition("-")
    release = catalogue.Release(
        name, frozenset({source}), frozenset({target}), "2020-02-02", "transformer", "sentencepiece", 64.3,
        f"{store.elsewhere}/{zip_file.name}",
    )  # fmt: skip
    monkeypatch.setattr(catalogue, "releases", lambda: (release,))


def test_a_model_from_the_hub_is_installed_tried_and_described(
    store: Store, starter_checkpoint: Path, tmp_path: Path
) -> None:
    store.repositories[NAME] = starter_checkpoint

    done = pull(NAME, tmp_path / "models")

    assert [line.split(":")[0] for line in done.tried] == ["en-pt"]
    card = installed(tmp_path / "models").card("opus-mt-en-pt")
    assert card is not None
    card.verify()
    assert card.pairs == (LanguagePair("en", "pt"),)
    assert card.licence == "cc-by-4.0"
    assert "Helsinki" in card.attribution
    assert card.chrf(card.pairs[0]) == 64.3
    assert card.provenance["revision"] == store.commit(NAME)
    assert card.provenance["files"].keys() >= {"model.safetensors", "vocab.json", "source.spm"}
    assert card.provenance["self_test"] == list(done.tried)
    backend = load(card, EngineOptions())
    answer = backend.translate(backend.tokenize(["Good morning, everybody."], card.pairs[0]))[0].text
    assert "Bom dia" in answer
    backend.close()
    assert sorted(each.name for each in (tmp_path / "models").iterdir()) == [
        ".downloads", ".lock", "models.lock", "opus-mt-en-pt"
    ]  # fmt: skip
    assert list((tmp_path / "models" / ".downloads").iterdir()) == []


def test_a_release_of_the_list_comes_as_a_zip(
    store: Store, zipped: Zipped, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed(monkeypatch, store, "en-pt", zipped("en-pt"))
    seen: list[tuple[str, int, int | None]] = []

    done = pull("en-pt", tmp_path / "models", choices=UNTRIED, progress=lambda *told: seen.append(told))

    assert done.card.id == "opus-mt-en-pt"
    assert done.card.pairs == (LanguagePair("en", "pt"),)
    assert done.card.licence == "CC-BY-4.0"
    assert done.card.chrf(done.card.pairs[0]) == 64.3
    assert done.card.provenance["self_test"] == "skipped"
    assert seen[-1][1] == seen[-1][2] == (tmp_path / "en-pt.zip").stat().st_size
    pin = read_pins(tmp_path / "models").of(f"{store.elsewhere}/en-pt.zip")
    assert pin == Pin({"zip": done.card.provenance["files"]["zip"]})


def test_a_repository_that_is_converted_already_is_taken_as_it_is(store: Store, tmp_path: Path) -> None:
    shutil.copytree(STARTER / "pt-en", tmp_path / "files", ignore=shutil.ignore_patterns("card.json"))
    store.repositories["someone/opus-mt-pt-en-ct2"] = tmp_path / "files"

    done = pull(
        "someone/opus-mt-pt-en-ct2", tmp_path / "models", naming=Naming(pairs=(LanguagePair("pt", "en"),))
    )

    assert done.card.sha256["model.bin"] == read_card(STARTER / "pt-en").sha256["model.bin"]
    assert "someone/opus-mt-pt-en-ct2" in done.card.attribution
    assert done.tried


def test_weights_in_several_files_are_all_fetched(store: Store, tmp_path: Path) -> None:
    write(tmp_path / "files", RECIPES["single"])
    whole = tmp_path / "files" / "model.safetensors"
    weights = load_file(whole)
    index: dict[str, str] = {}
    whole.unlink()
    for number, names in enumerate((sorted(weights)[:9], sorted(weights)[9:]), start=1):
        part = f"model-0000{number}-of-00002.safetensors"
        save_file({name: weights[name] for name in names}, tmp_path / "files" / part)
        index |= dict.fromkeys(names, part)
    body = json.dumps({"weight_map": index})
    (tmp_path / "files" / "model.safetensors.index.json").write_text(body, encoding="utf-8")
    store.repositories[NAME] = tmp_path / "files"

    done = pull(NAME, tmp_path / "models", choices=UNTRIED)

    assert {"model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"} <= set(
        done.card.provenance["files"]
    )


def test_several_targets_are_read_from_the_vocabulary(store: Store, zipped: Zipped, tmp_path: Path) -> None:
    file = zipped("en-roa", Release(targets=(">>fra<<", ">>por<<")))
    store.files["en-roa.zip"] = file
    write(tmp_path / "multi", RECIPES["multi"])
    store.repositories["Helsinki-NLP/opus-mt-en-roa"] = tmp_path / "multi"

    by_zip = pull(f"{store.elsewhere}/en-roa.zip", tmp_path / "zip", choices=UNTRIED)
    by_hub = pull("Helsinki-NLP/opus-mt-en-roa", tmp_path / "hub", choices=UNTRIED)

    for done in (by_zip, by_hub):
        assert set(done.card.pairs) == {LanguagePair("en", "fr"), LanguagePair("en", "pt")}
        assert done.card.target_tokens == {"fr": ">>fra<<", "pt": ">>por<<"}


def test_a_family_of_sources_is_read_from_the_page(store: Store, tmp_path: Path) -> None:
    write(tmp_path / "files", RECIPES["single"])
    name = "Helsinki-NLP/opus-mt-ROMANCE-en"
    store.repositories[name] = tmp_path / "files"
    store.languages = ("it", "pt_br", "ro", "roa", "en")

    done = pull(name, tmp_path / "models", choices=UNTRIED)

    assert {str(pair) for pair in done.card.pairs} == {"it-en", "pt-en", "ro-en"}
    told = pull(name, tmp_path / "told", choices=UNTRIED, naming=Naming(pairs=(LanguagePair("it", "en"),)))
    assert told.card.pairs == (LanguagePair("it", "en"),)


@pytest.mark.parametrize(
    ("name", "languages", "pairs"),
    [
        ("gmq-itc", ("da", "sv", "fr", "pt"), {"da-fr", "da-pt", "sv-fr", "sv-pt"}),
        ("itc-itc", ("fr", "pt"), {"fr-pt", "pt-fr"}),
    ],
)
def test_families_on_both_sides(
    store: Store, tmp_path: Path, name: str, languages: tuple[str, ...], pairs: set[str]
) -> None:
    write(tmp_path / "files", RECIPES["multi"])
    store.repositories[f"Helsinki-NLP/opus-mt-tc-big-{name}"] = tmp_path / "files"
    store.languages = languages

    done = pull(f"Helsinki-NLP/opus-mt-tc-big-{name}", tmp_path / "models", choices=UNTRIED)

    assert {str(pair) for pair in done.card.pairs} == pairs
