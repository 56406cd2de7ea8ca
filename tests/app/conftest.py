from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from models import loader
from tests.app.serving import Gate, GatedBackend, Service, serving, write_card
from tests.databases import Places

Start = Callable[..., Service]


@pytest.fixture(scope="session")
def service(homes: Places) -> Iterator[Service]:
    """With the embedded models. Shared: its ledger only ever grows. Nothing is remembered between tests."""
    with homes.fresh() as home, serving(home.settings(cache="off", replay_window=0)) as running:
        yield running


@pytest.fixture(scope="session")
def identity_models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model directory that answers everything between Portuguese and English unchanged."""
    folder = tmp_path_factory.mktemp("models")
    write_card(folder, "identity-pt-en", ("pt", "en"))
    write_card(folder, "identity-en-pt", ("en", "pt"))
    return folder


@pytest.fixture(scope="session")
def identity_service(homes: Places, identity_models: Path) -> Iterator[Service]:
    """Without weights, for what does not depend on translations. Shared: its ledger only ever grows."""
    settings = {"model_dir": identity_models, "preload": False, "cache": "off", "replay_window": 0}
    with homes.fresh() as home, serving(home.settings(**settings)) as running:
        yield running


@pytest.fixture
def start(tmp_path: Path, identity_models: Path, homes: Places) -> Iterator[Start]:
    """Starts a service of the test's own, with an empty ledger; takes settings. Weightless unless told."""
    with ExitStack() as stack:
        home = stack.enter_context(homes.fresh())

        def begin(**settings: Any) -> Service:
            chosen = {
                "data_dir": tmp_path / "data",
                "model_dir": identity_models,
                "preload": False,
                "cache": "off",
                "replay_window": 0,
                **settings,
            }
            return stack.enter_context(serving(home.settings(**chosen)))

        yield begin


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Iterator[Gate]:
    """Opened at the end, so that no engine thread outlives its test."""
    made = Gate()
    monkeypatch.setitem(loader.WEIGHTLESS, "gated", lambda: GatedBackend(made))
    yield made
    made.opened.set()


@pytest.fixture
def gated(start: Start, gate: Gate, tmp_path: Path) -> Iterator[Start]:
    """Like `start`, with one engine thread that stands at the gate."""
    folder = tmp_path / "gated"
    write_card(folder, "gated-pt-en", ("pt", "en"), architecture="gated")
    yield lambda **settings: start(model_dir=folder, threads=1, **settings)
    gate.opened.set()
