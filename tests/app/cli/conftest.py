import io
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.cli import main
from tests.app.cli.program import Done, Program, Served, environment

MODEL = {
    "id": "identity",
    "architecture": "identity",
    "pairs": [{"source": "pt", "target": "en"}, {"source": "en", "target": "pt"}],
}
Call = Callable[..., Done]


@pytest.fixture
def program(tmp_path: Path) -> Program:
    """A process of its own, with its own data folder and the embedded models."""
    return Program(tmp_path, {})


@pytest.fixture
def identity(tmp_path: Path, model_dir: Path) -> Program:
    """The same with a weightless model that answers every segment as it was."""
    return Program(tmp_path, {"DRAGOMAN_MODEL_DIR": str(model_dir)})


@pytest.fixture
def model_dir(tmp_path: Path) -> Path:
    folder = tmp_path / "models" / "identity"
    folder.mkdir(parents=True)
    (folder / "card.json").write_text(json.dumps(MODEL), encoding="utf-8")
    return folder.parent


@pytest.fixture
def dragoman(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Call:
    """The program within this process, which has paid for its imports."""

    def call(*args: str, text: str | bytes = "", **settings: str) -> Done:
        given = text.encode() if isinstance(text, str) else text
        with monkeypatch.context() as patch:
            for name, value in environment(tmp_path, settings).items():
                patch.setenv(name, value)
            patch.chdir(tmp_path)
            patch.setattr(sys, "argv", ["dragoman", *args])
            patch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(given)))
            with pytest.raises(SystemExit) as left:
                main.run()
        out, err = capfd.readouterr()
        return Done(int(left.value.code or 0), out, err)

    return call


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """One service for all tests that ask a server."""
    with Program(tmp_path_factory.mktemp("server"), {}).serving() as served:
        yield served
