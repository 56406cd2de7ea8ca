import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from models.card import ModelCard
from models.catalogue import STARTER, find, installable, installed, refused, release, releases
from models.contracts import InvalidCard, LanguagePair
from models.measured import write
from models.suggestions import suggested

STARTERS = {"starter-en-pt", "starter-pt-en"}


def model(
    parent: Path, name: str, *, card: dict[str, Any] | str | None = None, pieces: list[str] | None = None
) -> Path:
    """A folder that looks like a model from outside; nothing here loads it."""
    folder = parent / name
    folder.mkdir(parents=True)
    (folder / "model.bin").touch()
    if card is not None:
        (folder / "card.json").write_text(card if isinstance(card, str) else json.dumps(card))
    if pieces is not None:
        (folder / "shared_vocabulary.json").write_text(json.dumps(pieces), encoding="utf-8")
    return folder


def test_the_starter_models_are_always_there() -> None:
    catalogue = installed(None)

    assert {card.id for card in catalogue.cards} == STARTERS
    assert catalogue.pairs == (LanguagePair("en", "pt"), LanguagePair("pt", "en"))
    assert catalogue.problems == ()
    assert catalogue.card("nonsense") is None


def test_a_broken_folder_is_a_problem_and_the_others_are_served(tmp_path: Path) -> None:
    model(tmp_path, "good", card={"id": "good", "pairs": [{"source": "de", "target": "en"}]})
    broken = model(tmp_path, "broken", card="{")
    nameless = model(tmp_path, "my best model")
    torn = model(tmp_path, "en-it")
    (torn / "shared_vocabulary.json").write_text("[")
    (tmp_path / "notes.txt").touch()
    (tmp_path / "empty").mkdir()

    catalogue = installed(tmp_path)

    assert {card.id for card in catalogue.cards} == STARTERS | {"good"}
    assert [problem.folder for problem in catalogue.problems] == [broken, torn, nameless]
    assert '"pairs"' in catalogue.problems[2].reason
    assert "my best model" in catalogue.problems[2].reason


def test_one_folder_that_cannot_be_looked_into_does_not_hide_the_rest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model(tmp_path, "opus-mt-en-de")
    locked = model(tmp_path, "locked")
    exists = Path.exists

    def refused(path: Path) -> bool:
        if locked in path.parents:
            raise PermissionError(13, "Permission denied")
        return exists(path)

    # Tests run as root in some places, where a file mode refuses nothing.
    monkeypatch.setattr(Path, "exists", refused)
    catalogue = installed(tmp_path)

    assert {card.id for card in catalogue.cards} == STARTERS | {"opus-mt-en-de"}
    assert [problem.folder for problem in catalogue.problems] == [locked]


@pytest.mark.parametrize("content", ["[", "7", "[1, 2]", '{"a": 1}', "null"])
def test_a_vocabulary_that_is_no_list_of_pieces_is_a_problem_by_name(tmp_path: Path, content: str) -> None:
    folder = model(tmp_path, "en-it")
    (folder / "shared_vocabulary.json").write_text(content)

    catalogue = installed(tmp_path)

    assert {card.id for card in catalogue.cards} == STARTERS
    assert "en-it: shared_vocabulary.json" in catalogue.problems[0].reason


@pytest.mark.parametrize("kind", ["missing", "file"])
def test_a_model_directory_that_cannot_be_read_comes_with_advice(tmp_path: Path, kind: str) -> None:
    folder = tmp_path / "models"
    if kind == "file":
        folder.touch()

    with pytest.raises(InvalidCard, match="DRAGOMAN_MODEL_DIR") as refusal:
        installed(folder)

    assert str(folder) in str(refusal.value)


@pytest.mark.parametrize(
    ("name", "pairs"),
    [
        ("opus-mt-en-de", ["en-de"]),
        ("opus-mt-tc-big-en-fr", ["en-fr"]),
        ("opus-mt-tc-base-uk-hu", ["uk-hu"]),
        ("OPUS-MT-EN-DE", ["en-de"]),
        ("eng-spa", ["en-es"]),
        ("marian-pt_BR-en", ["pt-en"]),
        ("opus-nb+da-sv", ["da-sv", "no-sv"]),
    ],
)
def test_a_folder_without_a_card_is_told_by_its_name(tmp_path: Path, name: str, pairs: list[str]) -> None:
    model(tmp_path, name)

    card = installed(tmp_path).card(name)

    assert card is not None
    assert sorted(map(str, card.pairs)) == pairs


@pytest.mark.parametrize("name", ["opus-mt-ROMANCE-en", "opus-mt-en", "models", "en-", "-en"])
def test_a_name_that_tells_no_pair_is_a_problem(tmp_path: Path, name: str) -> None:
    model(tmp_path, name)

    catalogue = installed(tmp_path)

    assert {card.id for card in catalogue.cards} == STARTERS
    assert len(catalogue.problems) == 1


def test_the_targets_of_a_multi_target_model_are_read_from_its_vocabulary(tmp_path: Path) -> None:
    pieces = [
        "</s>",
        "<unk>",
        "▁a",
        ">>pt_BR<<",
        ">>por<<",
        ">>fra<<",
        ">>qwertyuiop<<",
        ">>en<<",
        ">>xx",
        ">>und<<",
    ]
    model(tmp_path, "opus-mt-en-mul", pieces=pieces)

    card = installed(tmp_path).card("opus-mt-en-mul")

    assert card is not None
    assert card.target_tokens == {"pt": ">>pt_BR<<", "fr": ">>fra<<", "en": ">>en<<"}
    assert set(card.pairs) == {LanguagePair("en", "pt"), LanguagePair("en", "fr")}


def test_a_variety_does_not_take_the_place_of_its_language(tmp_path: Path) -> None:
    model(
        tmp_path, "opus-mt-en-mul", pieces=[">>nno<<", ">>yue_Hant<<", ">>nob<<", ">>cmn_Hans<<", ">>arz<<"]
    )

    card = installed(tmp_path).card("opus-mt-en-mul")

    assert card is not None
    assert card.target_tokens == {"no": ">>nob<<", "zh": ">>cmn_Hans<<", "ar": ">>arz<<"}


def test_a_text_vocabulary_and_a_source_vocabulary_do_as_well(tmp_path: Path) -> None:
    folder = model(tmp_path, "opus-mt-en-roa")
    (folder / "source_vocabulary.txt").write_text("</s>\n<unk>\n>>ita<<\n", encoding="utf-8")

    card = installed(tmp_path).card("opus-mt-en-roa")

    assert card is not None
    assert card.target_tokens == {"it": ">>ita<<"}


def test_a_card_says_more_than_the_vocabulary(tmp_path: Path) -> None:
    pairs = [{"source": "en", "target": "pt"}]
    tokens = {"pt": ">>por<<"}
    pieces = [">>pt_BR<<", ">>por<<"]
    model(tmp_path, "told", card={"id": "told", "pairs": pairs, "target_tokens": tokens}, pieces=pieces)
    model(tmp_path, "untold", card={"id": "untold", "pairs": pairs}, pieces=pieces)
    other = [{"source": "en", "target": "de"}]
    model(tmp_path, "single", card={"id": "single", "pairs": other}, pieces=pieces)

    catalogue = installed(tmp_path)

    found = {card.id: card.target_tokens.get("pt") for card in catalogue.cards if card.id not in STARTERS}
    assert found == {"told": ">>por<<", "untold": ">>pt_BR<<", "single": None}


def test_an_id_replaces_a_starter_model_but_never_a_neighbour(tmp_path: Path) -> None:
    pairs = [{"source": "en", "target": "pt"}]
    first = model(tmp_path, "a", card={"id": "starter-en-pt", "pairs": pairs})
    second = model(tmp_path, "b", card={"id": "starter-en-pt", "pairs": pairs})

    catalogue = installed(tmp_path)

    card = catalogue.card("starter-en-pt")
    assert card is not None
    assert card.path == first
    assert {card.id for card in catalogue.cards} == STARTERS
    assert [problem.folder for problem in catalogue.problems] == [second]
    assert "starter-en-pt" in catalogue.problems[0].reason


def test_a_model_directory_may_hold_a_copy_of_a_starter(tmp_path: Path) -> None:
    shutil.copytree(STARTER / "en-pt", tmp_path / "copy")

    card = installed(tmp_path).card("starter-en-pt")

    assert card is not None
    assert card.path == tmp_path / "copy"


def test_the_published_releases_are_known() -> None:
    hungarian = installable(LanguagePair("hu", "en"))

    assert hungarian[0].name == "hu-en"
    assert hungarian[0].zip.startswith("https://object.pouta.csc.fi/")
    assert hungarian[0].chrf is not None
    assert 0 < hungarian[0].chrf <= 100
    assert {"hu"} == hungarian[0].sources
    assert {"en"} == hungarian[0].targets
    assert installable(LanguagePair("qaa", "en")) == []


def test_releases_for_few_languages_come_before_those_for_many() -> None:
    widths = [len(each.sources) * len(each.targets) for each in installable(LanguagePair("de", "en"))]

    assert widths == sorted(widths)
    assert widths[0] == 1


def test_a_release_has_a_short_name_where_it_is_for_one_pair() -> None:
    chinese = release("zh-sv")

    assert chinese is not None
    assert chinese.name.startswith("cmn+")
    assert chinese.short == "zh-sv"
    assert release("hu-en") == release("hu-en")
    assert release("xh-cy") is None


def test_only_what_can_be_installed_is_found() -> None:
    found = find()
    assert found
    assert all(each.convertible for each in found)
    assert len(found) < len(releases())
    assert {each.short for each in find(source="hu", target="en")} >= {"hu-en"}


@pytest.mark.shared
def test_what_is_said_of_releases_with_bpe_codes_is_so() -> None:
    """The figures of docs/models.md, "Finding and installing one"."""
    cut = refused()
    alone = {
        LanguagePair(min(each.sources), min(each.targets))
        for each in cut
        if len(each.sources) == len(each.targets) == 1
    }
    direct = {pair for pair in alone if installable(pair)}
    pivoted = {pair for pair in alone - direct if suggested(pair, leads=lambda _: False)}
    counted = [
        len(releases()),
        len(find()),
        *map(len, (cut, alone, direct, pivoted, alone - direct - pivoted)),
    ]
    assert counted == [1123, 1044, 79, 45, 16, 8, 21]


def test_the_packaged_list_is_that_of_the_facts_it_was_made_from(shared_data: Path) -> None:
    facts = json.loads((shared_data / "data" / "opus-mt-catalogue.json").read_text(encoding="utf-8"))[
        "models"
    ]

    listed = {each.name: each for each in releases()}

    assert listed.keys() == {fact["pair"] for fact in facts}
    for fact in facts:
        row, told = listed[fact["pair"]], fact["release"]
        assert (row.date, row.tokenizer, row.architecture, row.zip) == (
            told["date"], told["tokenizer"], told["architecture"], told["zip"],
        )  # fmt: skip
        scores = [score["chrf"] for score in told["scores"] if score.get("chrf") is not None]
        assert row.chrf == (pytest.approx(100 * max(scores), abs=0.051) if scores else None)


def test_a_model_whose_card_has_no_checksums_has_a_fingerprint_of_its_files(tmp_path: Path) -> None:
    folder = tmp_path / "pt-en"
    shutil.copytree(STARTER / "pt-en", folder)
    body = json.loads((folder / "card.json").read_text(encoding="utf-8"))
    (folder / "card.json").write_text(json.dumps(body | {"id": "mine", "sha256": {}}), encoding="utf-8")

    def mine() -> ModelCard:
        found = installed(tmp_path).card("mine")
        assert found is not None
        return found

    first = mine()
    write(first, footprint=1)
    assert len(first.fingerprint) == 64
    assert mine().fingerprint == first.fingerprint, "what was measured is no part of the model"
    assert mine().footprint == 1
    with (folder / "model.bin").open("ab") as weights:
        weights.write(b"\0")
    assert mine().fingerprint != first.fingerprint


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("card.json", '{"id": "x", "pairs": [{"source": "de", "target": "en"}], "token_limit": Infinity}'),
        ("card.json", '{"id": "x", "pairs": [{"source": "de", "target": "en"}], "beam_size": 1e400}'),
        (
            "card.json",
            '{"id": "x", "pairs": [{"source": "de", "target": "en"}], "positions": 1' + "0" * 30 + "}",
        ),
        ("card.json", '{"id": "\\ud800", "pairs": [{"source": "de", "target": "en"}]}'),
        (
            "card.json",
            '{"id": "x", "pairs": [], "scores": [{"testset": "t", "source": "de", "target": "en", "chrf": "nan"}]}',
        ),
        ("card.json", "[" * 200_000),
        ("shared_vocabulary.json", "[" * 200_000),
    ],
)
def test_odd_json_in_one_folder_is_a_problem_by_name(tmp_path: Path, file: str, content: str) -> None:
    odd = model(tmp_path, "en-it")
    (odd / file).write_text(content)
    model(tmp_path, "good", card={"id": "good", "pairs": [{"source": "de", "target": "en"}]})

    catalogue = installed(tmp_path)

    assert {card.id for card in catalogue.cards} == STARTERS | {"good"}
    (problem,) = catalogue.problems
    assert problem.folder == odd
    assert file in problem.reason


@pytest.mark.parametrize(
    "content",
    [
        '{"of": "%s", "footprint": Infinity, "scores": []}',
        '{"of": "%s", "footprint": 1e400, "scores": []}',
        '{"of": "%s", "footprint": -1, "scores": []}',
        '{"of": "%s", "footprint": 1, "scores": [{"testset": [], "source": [], "target": "en", "chrf": 1}]}',
        "[" * 200_000,
        "[]",
    ],
)
def test_what_was_measured_and_cannot_be_read_is_as_if_never_measured(tmp_path: Path, content: str) -> None:
    folder = model(tmp_path, "de-en", card={"id": "m", "pairs": [{"source": "de", "target": "en"}]})
    card = installed(tmp_path).card("m")
    assert card is not None
    (folder / "measured.json").write_text(content.replace("%s", card.fingerprint or card.stamp))

    catalogue = installed(tmp_path)

    found = catalogue.card("m")
    assert found is not None
    assert found.footprint == (1 if '"footprint": 1,' in content else 0)
    assert catalogue.problems == ()


def test_a_folder_that_fails_in_a_way_nobody_foresaw_is_a_problem_without_its_content(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model(tmp_path, "en-it")
    model(tmp_path, "good", card={"id": "good", "pairs": [{"source": "de", "target": "en"}]})

    def unforeseen(folder: Path) -> ModelCard:
        raise MemoryError(f"the content of {folder}")

    monkeypatch.setattr("models.catalogue.discover", unforeseen)
    catalogue = installed(tmp_path)

    assert {card.id for card in catalogue.cards} == STARTERS | {"good"}
    assert "en-it cannot be read: MemoryError at " in catalogue.problems[0].reason
    assert "the content of" not in catalogue.problems[0].reason
