import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from models.catalogue import STARTER
from tests.models.install.checkpoints import write_starter
from tests.models.install.server import Store, served
from tests.models.small_marian import Recipe, write_release

Zipped = Callable[..., Path]
USUAL = Recipe()


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """A hub on this machine, and the only one that is asked."""
    with served() as found:
        monkeypatch.setenv("HF_ENDPOINT", found.url)
        for name in ("HF_TOKEN", "HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("HF_TOKEN_PATH", "/nowhere")
        monkeypatch.setattr("models.install.asking._PAUSE", 0.0)
        yield found


@pytest.fixture(scope="session")
def starter_checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The embedded English-Portuguese model as a repository of the hub."""
    folder = tmp_path_factory.mktemp("hub") / "opus-mt-en-pt"
    write_starter(folder, STARTER / "en-pt")
    return folder


@pytest.fixture
def zipped(tmp_path: Path) -> Zipped:
    """A small OPUS-MT release as the zip that is published of it."""

    def made(name: str, recipe: Recipe = USUAL) -> Path:
        release = tmp_path / "releases" / name
        write_release(release, recipe)
        page = (
            f"# opus-2020-02-02.zip\n\n* download: https://object.pouta.csc.fi/OPUS-MT-models/{name}/opus-2020-02-02.zip\n\n"
            "## Benchmarks\n\n| testset | BLEU | chr-F |\n|---|---|---|\n| Tatoeba.en.pt | 41.4 | 0.643 |\n\n"
        )
        (release / "README.md").write_text(page, encoding="utf-8")
        (release / "preprocess.sh").write_text("#!/bin/sh\n", encoding="utf-8")
        file = tmp_path / f"{name}.zip"
        with zipfile.ZipFile(file, "w") as archive:
            for each in sorted(release.iterdir()):
                archive.write(each, each.name)
        return file

    return made
