from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from models.catalogue import Catalogue, installed
from models.contracts import Backend, EngineOptions
from models.loader import load
from models.pool import ModelPool
from models.route import Router

_ROOT = Path(__file__).parents[1]

Flores = Callable[[str, int], list[str]]


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """`../shared` beside the checkout, or beside the main one when this is a worktree of it."""
    for folder in (_ROOT.parent / "shared", Path("/work/shared")):
        if (folder / "data").is_dir():
            return folder
    pytest.skip("needs ../shared")


@pytest.fixture(scope="session")
def flores(shared_data: Path) -> Flores:
    """The first so many FLORES lines of a language, by its three-letter code."""

    def lines(code: str, count: int) -> list[str]:
        file = shared_data / "data" / "flores" / f"{code}.txt"
        return file.read_text(encoding="utf-8").splitlines()[:count]

    return lines


@pytest.fixture(scope="session")
def starter_catalogue() -> Catalogue:
    return installed(None)


@pytest.fixture(scope="session")
def starter_router(starter_catalogue: Catalogue) -> Router:
    return Router(starter_catalogue)


@pytest.fixture(scope="session")
def starter_pool() -> Iterator[ModelPool]:
    """The embedded models, loaded once for all tests. Two engine threads, as on the smallest machine."""
    pool = ModelPool(partial(load, options=EngineOptions(threads=2)), memory_budget=1 << 30)
    yield pool
    pool.close()


@pytest.fixture(scope="session")
def starter(starter_catalogue: Catalogue, starter_pool: ModelPool) -> Callable[[str], Backend]:
    """The backend of `en-pt` or `pt-en`."""

    def backend(pair: str) -> Backend:
        card = starter_catalogue.card(f"starter-{pair}")
        assert card is not None
        with starter_pool.use(card) as loaded:
            return loaded

    return backend
