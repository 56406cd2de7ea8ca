"""What was installed before, and what was fetched for it: asked for again, replaced, or not mistaken for another."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from models.card import read_card
from models.catalogue import installed
from models.contracts import InstallError, Untrusted
from models.install.pull import Naming, pull
from tests.models.install.checkpoints import RECIPES, UNTRIED, write
from tests.models.install.conftest import Zipped
from tests.models.install.server import NAME, Store
from tests.models.small_marian import Recipe as Release


def test_a_source_that_changed_is_refused_until_it_is_expected(
    store: Store, zipped: Zipped, tmp_path: Path
) -> None:
    store.files["m.zip"] = zipped("en-pt", Release(seed=1))
    url, home = f"{store.elsewhere}/m.zip", tmp_path / "models"
    first = pull(url, home, choices=UNTRIED)
    again = replace(UNTRIED, replace=True)
    assert pull(url, home, choices=again).replaced
    store.files["m.zip"] = zipped("en-pt-new", Release(seed=2))

    with pytest.raises(Untrusted, match="--update"):
        pull(url, home, choices=again)
    assert read_card(home / "opus-mt-en-pt").fingerprint == first.card.fingerprint
    second = pull(url, home, choices=replace(again, update=True), naming=Naming(id="opus-mt-en-pt"))

    assert second.card.fingerprint != first.card.fingerprint
    assert read_card(home / ".previous" / "opus-mt-en-pt").fingerprint == first.card.fingerprint
    assert len(installed(home).cards) == 3


def test_a_pinned_commit_is_asked_for_again(store: Store, tmp_path: Path) -> None:
    write(tmp_path / "files", RECIPES["single"])
    store.repositories[NAME] = tmp_path / "files"
    first = pull(NAME, tmp_path / "models", choices=UNTRIED)
    commit = store.commit(NAME)
    store.asked.clear()

    pull(NAME, tmp_path / "models", choices=replace(UNTRIED, replace=True))

    assert store.sent(f"/revision/{commit}")
    assert not store.sent("/revision/main")
    assert first.card.provenance["revision"] == commit


def test_a_model_that_is_there_is_not_replaced_unasked_nor_fetched(store: Store, tmp_path: Path) -> None:
    write(tmp_path / "files", RECIPES["single"])
    store.repositories[NAME] = tmp_path / "files"
    pull(NAME, tmp_path / "models", choices=UNTRIED)
    store.asked.clear()

    with pytest.raises(InstallError, match="--replace"):
        pull(NAME, tmp_path / "models", choices=UNTRIED)

    assert store.asked == []


def test_what_could_not_be_installed_is_kept_and_not_mistaken_for_a_later_version(
    store: Store, tmp_path: Path
) -> None:
    write(tmp_path / "files", RECIPES["single"])
    store.repositories[NAME] = tmp_path / "files"
    with pytest.raises(InstallError, match="is refused"):
        pull(NAME, tmp_path / "models")
    store.asked.clear()
    with pytest.raises(InstallError, match="is refused"):
        pull(NAME, tmp_path / "models")
    assert not store.sent("/resolve/")
    shutil.rmtree(tmp_path / "files")
    write(tmp_path / "files", replace(RECIPES["single"], seed=12))

    done = pull(NAME, tmp_path / "models", choices=UNTRIED)

    assert done.card.provenance["revision"] == store.commit(NAME)
    assert list((tmp_path / "models" / ".downloads").iterdir()) == []


def test_a_file_that_is_no_zip_is_not_found_again_by_the_same_command(
    store: Store, zipped: Zipped, tmp_path: Path
) -> None:
    (tmp_path / "page").write_bytes(b"<html>Log in to go on</html>")
    store.files["m.zip"] = tmp_path / "page"
    url = f"{store.elsewhere}/m.zip"
    with pytest.raises(InstallError, match="not a zip"):
        pull(url, tmp_path / "models", choices=UNTRIED)
    store.files["m.zip"] = zipped("en-pt")

    assert pull(url, tmp_path / "models", choices=UNTRIED).card.id == "opus-mt-en-pt"


def test_a_lock_file_that_cannot_be_read_is_not_passed_over(
    store: Store, zipped: Zipped, tmp_path: Path
) -> None:
    store.files["m.zip"] = zipped("en-pt")
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "models.lock").write_text("{", encoding="utf-8")

    with pytest.raises(InstallError, match=r"models\.lock"):
        pull(f"{store.elsewhere}/m.zip", tmp_path / "models", choices=UNTRIED)
