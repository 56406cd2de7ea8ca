"""Models that are not installed, and the sentence that says why."""

from dataclasses import replace
from pathlib import Path

import pytest
from safetensors.numpy import load_file

from models.contracts import InstallError, Untrusted
from models.install.pull import pull
from tests.models.install import torch_pickles
from tests.models.install.checkpoints import RECIPES, UNTRIED, write
from tests.models.install.conftest import Zipped
from tests.models.install.server import NAME, Store


def test_a_model_that_cannot_be_told_its_target_is_refused(
    store: Store, zipped: Zipped, tmp_path: Path
) -> None:
    store.files["en-fr+pt.zip"] = zipped("en-fr+pt")

    with pytest.raises(InstallError, match="no token that asks for one"):
        pull(f"{store.elsewhere}/en-fr+pt.zip", tmp_path / "models", choices=UNTRIED)


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("HTTP_PROXY", "ftp://me:secret@proxy", "names a proxy"),
        ("SSL_CERT_FILE", "/nowhere.pem", "certificates"),
        ("HF_TOKEN", "hf_é", "no token has"),
        ("HF_ENDPOINT", "localhost:99", "no address"),
    ],
)
def test_an_environment_that_cannot_be_used_is_a_sentence(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str, reason: str
) -> None:
    monkeypatch.setenv(name, value)

    with pytest.raises(InstallError, match=reason) as raised:
        pull(NAME, tmp_path / "models")

    assert "secret" not in str(raised.value)
    assert store.asked == []


def test_a_pickle_is_refused_with_the_way_around_it(store: Store, tmp_path: Path) -> None:
    write(tmp_path / "files", RECIPES["single"])
    weights = tmp_path / "files" / "model.safetensors"
    torch_pickles.save(load_file(weights), tmp_path / "files" / "pytorch_model.bin", modern=False)
    weights.unlink()
    store.repositories[NAME] = tmp_path / "files"

    with pytest.raises(Untrusted, match="dragoman models pull en-pt"):
        pull(NAME, tmp_path / "models", choices=UNTRIED)
    assert not store.sent("pytorch_model.bin")

    assert (
        pull(NAME, tmp_path / "models", choices=replace(UNTRIED, allow_pickle=True)).card.id
        == "opus-mt-en-pt"
    )


@pytest.mark.parametrize("licence", ["cc-by-nc-4.0", "cc-by-nc-sa-4.0", "Non-Commercial use only"])
def test_a_licence_against_business_is_refused_by_default(store: Store, tmp_path: Path, licence: str) -> None:
    write(tmp_path / "files", RECIPES["single"])
    (tmp_path / "files" / "README.md").unlink()
    store.repositories[NAME], store.licence = tmp_path / "files", licence

    with pytest.raises(Untrusted, match="--allow-non-commercial"):
        pull(NAME, tmp_path / "models", choices=UNTRIED)
    assert not (tmp_path / "models" / "opus-mt-en-pt").exists()

    allowed = replace(UNTRIED, allow_non_commercial=True)
    assert pull(NAME, tmp_path / "models", choices=allowed).card.licence == licence


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("xx-yy", "models search"),
        ("am-en", "BPE .* do instead: am-sv and sv-en"),
        ("el-en", r"do instead: en\+el\+es\+fi-en\+el\+es\+fi"),
        ("ta-en", r"is\. The hub may .*Helsinki-NLP/opus-mt-ta-en"),
        ("Helsinki-NLP/opus-mt-none", "nothing at"),
        ("https://127.0.0.1:9/none.zip", "could not be fetched"),
    ],
)
def test_what_cannot_be_had_is_said(store: Store, tmp_path: Path, name: str, reason: str) -> None:
    with pytest.raises(InstallError, match=reason):
        pull(name, tmp_path / "models")
