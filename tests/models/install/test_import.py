# ruff: noqa: RUF001 - an answer in another script
"""Models that are on this machine already, of every kind; and what makes one refused."""

import fcntl
import json
import shutil
import zipfile
from pathlib import Path

import pytest

from app.settings import Settings
from models.card import read_card
from models.catalogue import STARTER, installed
from models.contracts import (
    ChecksumMismatch,
    EngineOptions,
    InstallError,
    LanguagePair,
    Translation,
    Untrusted,
)
from models.install import sandbox
from models.install.archive import unzip
from models.install.licence import Terms, terms
from models.install.pull import Naming, import_files
from models.install.trial import BATCH_TOKENS, fault_of, resemblance
from models.loader import load
from tests.models.install.checkpoints import RECIPES, UNTRIED, write
from tests.models.install.conftest import Zipped

EN_PT = LanguagePair("en", "pt")


@pytest.fixture
def argos(tmp_path: Path) -> Path:
    """The embedded model as an Argos package."""
    file = tmp_path / "translate-en_pt-1_9.argosmodel"
    metadata = {"from_code": "en", "to_code": "pt", "package_version": "1.9", "type": "translate"}
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("translate-en_pt/metadata.json", json.dumps(metadata))
        archive.write(STARTER / "en-pt" / "source.spm", "translate-en_pt/sentencepiece.model")
        for name in ("model.bin", "config.json", "shared_vocabulary.json"):
            archive.write(STARTER / "en-pt" / name, f"translate-en_pt/model/{name}")
        archive.writestr("translate-en_pt/stanza/en/tokenize.pt", "not ours")
    return file


def test_an_argos_package(argos: Path, tmp_path: Path) -> None:
    done = import_files(argos, tmp_path / "models", naming=Naming(id="argos-en-pt"))

    assert done.card.pairs == (EN_PT,)
    assert done.card.append_end is True
    assert done.licence_known is False
    assert done.tried
    assert sorted(each.name for each in done.card.path.iterdir()) == [
        "card.json", "config.json", "measured.json", "model.bin", "shared_vocabulary.json", "source.spm",
    ]  # fmt: skip


def test_an_argos_package_of_opennmt_gets_no_end_marker(argos: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(argos) as archive:
        archive.extractall(tmp_path / "folder")
    folder = tmp_path / "folder" / "translate-en_pt"
    (folder / "model" / "config.json").unlink()

    done = import_files(folder, tmp_path / "models", choices=UNTRIED)

    assert done.card.append_end is False
    backend = load(done.card, EngineOptions())
    (segment,) = backend.tokenize(["Good morning."], EN_PT)
    assert segment.tokens[-1] != "</s>"
    backend.close()


def test_a_converted_folder_keeps_what_its_card_says(tmp_path: Path) -> None:
    done = import_files(STARTER / "pt-en", tmp_path / "models", naming=Naming(id="mine"))

    card, given = done.card, read_card(STARTER / "pt-en")
    assert (card.pairs, card.scores, card.attribution) == (given.pairs, given.scores, given.attribution)
    assert card.sha256 == given.sha256
    assert installed(tmp_path / "models").card("mine") is not None


def test_an_opus_zip_knows_its_own_name(zipped: Zipped, tmp_path: Path) -> None:
    known = zipped("hu-en").rename(tmp_path / "opus-2020-02-02.zip")
    done = import_files(known, tmp_path / "models", choices=UNTRIED)

    assert done.card.id == "opus-mt-hu-en"
    assert done.card.licence == "CC-BY-4.0"
    newer = import_files(zipped("eu-cy"), tmp_path / "models", choices=UNTRIED)
    assert newer.card.id == "opus-mt-eu-cy"
    assert newer.card.licence == "unknown"


def test_languages_that_nothing_tells_are_asked_for(zipped: Zipped, tmp_path: Path) -> None:
    with pytest.raises(InstallError, match="--pairs"):
        import_files(zipped("eu-cy"), tmp_path / "models", choices=UNTRIED, naming=Naming(id="mine"))


def test_a_checkpoint_with_two_vocabularies_is_served(tmp_path: Path) -> None:
    write(tmp_path / "opus-mt-en-pt", RECIPES["separate"])
    said = tmp_path / "opus-mt-en-pt" / "generation_config.json"
    theirs = json.loads(said.read_text()) | {"num_beams": 6, "forced_eos_token_id": 0}
    said.write_text(json.dumps(theirs))

    done = import_files(tmp_path / "opus-mt-en-pt", tmp_path / "models", choices=UNTRIED)

    decoding = done.card.provenance["decoding"]
    assert decoding["num_beams"] == 6
    assert decoding["bad_words_ids"] == theirs["bad_words_ids"]
    assert decoding["forced_eos_token_id"] == 0
    assert done.card.licence == "cc-by-4.0"
    assert {"source_vocabulary.json", "target_vocabulary.json", "target.spm"} <= {
        each.name for each in done.card.path.iterdir()
    }
    backend = load(done.card, EngineOptions())
    assert backend.translate(backend.tokenize(["The train arrives late."], EN_PT))[0].tokens
    backend.close()


def test_random_weights_do_not_pass_the_self_test(zipped: Zipped, tmp_path: Path) -> None:
    with pytest.raises(InstallError, match="tried on en-pt and is refused"):
        import_files(zipped("en-pt"), tmp_path / "models", naming=Naming(pairs=(EN_PT,), id="a"))

    assert [each.name for each in (tmp_path / "models").iterdir()] == [".lock"]


def test_a_model_of_another_direction_does_not_pass(tmp_path: Path) -> None:
    backwards = Naming(pairs=(LanguagePair("pt", "en"),), id="backwards")
    shutil.copytree(STARTER / "en-pt", tmp_path / "files", ignore=shutil.ignore_patterns("card.json"))

    with pytest.raises(InstallError, match="tried on pt-en and is refused"):
        import_files(tmp_path / "files", tmp_path / "models", naming=backwards)


@pytest.mark.parametrize(
    ("answer", "fault"),
    [
        ("", "empty"),
        ("uma frase ⁇ aqui", "unknown"),
        ("sim e " * 20, "circles"),
        ("All human beings are born free.", "what was asked"),
        ("Все люди рождаются свободными", "script"),
        (" ".join(f"palavra{number}" for number in range(60)), "length"),
    ],
)
def test_a_bad_answer_is_told_by_its_kind(answer: str, fault: str) -> None:
    found = fault_of("All human beings are born free.", Translation(answer, 5), EN_PT)
    assert found is not None
    assert fault in found
    assert fault_of("All human beings are born free.", Translation("Todos nascem livres.", 5), EN_PT) is None
    assert (
        fault_of("All human beings are born free.", Translation("Todos", 5, truncated=True), EN_PT)
        is not None
    )


def test_memory_is_measured_with_as_much_as_a_batch_holds() -> None:
    assert Settings.model_fields["batch_tokens"].default == BATCH_TOKENS


def test_resemblance_tells_a_translation_from_another_language() -> None:
    version = "Todos os seres humanos nascem livres e iguais em dignidade e em direitos."
    assert resemblance("Todos os homens nascem livres e iguais em dignidade e direitos.", version) > 0.5
    assert resemblance("All human beings are born free and equal in dignity and rights.", version) < 0.2
    assert resemblance("人人生而自由", "人人生来自由") > 0.5
    assert resemblance("", "") == 0


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        ({"source.bpe": "", "decoder.yml": ""}, "BPE"),
        ({"metadata.json": '{"target_prefix": "__pt__"}', "model/model.bin": ""}, "prefix"),
        ({"notes.txt": ""}, "none of"),
        ({"decoder.yml": "models: [missing.npz]\nvocabs: [v.yml]\n"}, "cannot be converted"),
        ({"model.bin": "not a model", "config.json": "{}"}, "SentencePiece"),
    ],
)
def test_what_cannot_be_converted_says_why(tmp_path: Path, files: dict[str, str], reason: str) -> None:
    for name, content in files.items():
        file = tmp_path / "en-pt" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content, encoding="utf-8")

    with pytest.raises(InstallError, match=reason):
        import_files(tmp_path / "en-pt", tmp_path / "models")
    assert installed(tmp_path / "models").problems == ()


def test_a_zip_writes_nowhere_but_in_its_folder(tmp_path: Path) -> None:
    file = tmp_path / "evil.zip"
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("../../config.json", "{}")
        archive.writestr("/etc/../vocab.json", "{}")
        archive.writestr("run.sh", "")
    (tmp_path / "into").mkdir()

    unzip(file, tmp_path / "into")

    assert sorted(each.name for each in (tmp_path / "into").iterdir()) == ["config.json", "vocab.json"]
    assert sorted(each.name for each in tmp_path.iterdir()) == ["evil.zip", "into"]


def test_a_zip_that_would_fill_the_disk_or_names_a_file_twice_is_refused(tmp_path: Path) -> None:
    for name in ("bomb", "twice"):
        (tmp_path / name).mkdir()
    with zipfile.ZipFile(tmp_path / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("model.bin", bytes(1 << 20))
    with pytest.raises(Untrusted, match="unpack"):
        unzip(tmp_path / "bomb.zip", tmp_path / "bomb", most=1 << 16)
    with zipfile.ZipFile(tmp_path / "twice.zip", "w") as archive:
        archive.writestr("a/config.json", "{}")
        archive.writestr("b/config.json", "{}")
    with pytest.raises(Untrusted, match="twice"):
        unzip(tmp_path / "twice.zip", tmp_path / "twice")
    (tmp_path / "no.zip").write_text("no zip")
    with pytest.raises(InstallError, match=r"no\.zip"):
        unzip(tmp_path / "no.zip", tmp_path / "twice")


def test_conversion_cannot_reach_the_network() -> None:
    found = sandbox.run("tests.models.install.reaching", {})

    assert not found["connected"]
    assert not found["looked up"]
    assert not found["child"]
    if found["network"] == sandbox.HOOK:
        pytest.skip("the kernel allows no network namespace here; the hook held")
    assert found["interfaces"] == ["lo"]


def test_where_the_kernel_allows_no_namespace_a_hook_refuses_and_the_answer_says_so() -> None:
    found = sandbox.run("tests.models.install.reaching_blocked", {})

    assert found["network"] == sandbox.HOOK
    assert not found["connected"]
    assert not found["looked up"]
    assert not found["child"]


def test_a_conversion_that_dies_or_hangs_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InstallError, match="ended without an answer"):
        sandbox.run("tests.models.install.no_such_module", {})
    monkeypatch.setattr(sandbox, "_SECONDS", 0.01)
    with pytest.raises(InstallError, match="given up"):
        sandbox.run("tests.models.install.reaching", {})


def test_two_installations_do_not_mix_and_a_killed_one_is_swept_away(tmp_path: Path, zipped: Zipped) -> None:
    home = tmp_path / "models"
    (home / ".install-dead").mkdir(parents=True)
    (home / ".install-dead" / "model.bin").touch()
    assert {card.id for card in installed(home).cards} == {"starter-en-pt", "starter-pt-en"}
    file = zipped("hu-en")
    with (home / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(InstallError, match="under way"):
            import_files(file, home, choices=UNTRIED)

    import_files(file, home, choices=UNTRIED)

    assert sorted(each.name for each in home.iterdir()) == [".lock", "opus-mt-hu-en"]


@pytest.mark.parametrize("name", ["../up", ".hidden", "a/b", "", "x" * 300])
def test_an_id_is_a_plain_name(tmp_path: Path, name: str) -> None:
    naming = Naming(id=name or "..")
    with pytest.raises(InstallError, match="--id"):
        import_files(STARTER / "pt-en", tmp_path / "models", naming=naming)


@pytest.mark.parametrize(
    ("licence", "found"),
    [
        ("CC-BY-4.0", Terms.OPEN),
        ("cc-by-sa-4.0", Terms.OPEN),
        ("Apache-2.0", Terms.OPEN),
        ("mit", Terms.OPEN),
        ("cc-by-nc-4.0", Terms.NON_COMMERCIAL),
        ("CC BY-NC-ND", Terms.NON_COMMERCIAL),
        ("mit, for non-commercial use", Terms.NON_COMMERCIAL),
        ("other", Terms.UNKNOWN),
        ("", Terms.UNKNOWN),
        ("mitsubishi-internal", Terms.UNKNOWN),
        ("llama3", Terms.UNKNOWN),
    ],
)
def test_licences_are_told_apart(licence: str, found: Terms) -> None:
    assert terms(licence) is found


def test_a_folder_that_is_not_as_its_own_card_says_is_not_vouched_for_anew(tmp_path: Path) -> None:
    shutil.copytree(STARTER / "pt-en", tmp_path / "files")
    with (tmp_path / "files" / "model.bin").open("ab") as weights:
        weights.write(b"!")

    with pytest.raises(ChecksumMismatch, match=r"model\.bin"):
        import_files(tmp_path / "files", tmp_path / "models", choices=UNTRIED, naming=Naming(id="mine"))
    assert [each.name for each in (tmp_path / "models").iterdir()] == [".lock"]
