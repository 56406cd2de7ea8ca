from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from hypothesis import settings

from app.storage import engine
from app.storage.engine import Database, open_database
from app.storage.sqlite import SqliteDatabase
from benchmarks.texts import shared
from models.catalogue import Catalogue, installed
from models.contracts import Backend, EngineOptions
from models.loader import load
from models.pool import ModelPool
from models.router import Router
from tests import objectstore, postgres
from tests.databases import Moved, MovedPlaces, Place, Places, PostgresPlaces, SqlitePlaces, moving
from tests.leaks import Watch

settings.register_profile("any machine", deadline=None)
settings.load_profile("any machine")

Flores = Callable[..., list[str]]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--postgresql",
        action="store_true",
        help="tests of one database keep their state in PostgreSQL; those that run on both anyway are left out",
    )


BY_THEMSELVES = {"places", "sqlite", "postgres_url", "cluster"}
"""Fixtures of tests that run on both databases anyway, or are about one."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--postgresql"):
        left = {
            each
            for each in items
            if BY_THEMSELVES & set(getattr(each, "fixturenames", ())) or each.get_closest_marker("sqlite")
        }
        config.hook.pytest_deselected(items=list(left))
        items[:] = [each for each in items if each not in left]


@pytest.fixture(scope="session")
def watch_over_logs() -> Watch:
    return Watch()


@pytest.fixture(autouse=True)
def _nothing_leaks(watch_over_logs: Watch) -> Iterator[None]:
    """No text and no key in any log record of any test (tests/leaks.py)."""
    watch_over_logs.attach()
    yield
    found, watch_over_logs.leaks[:] = list(watch_over_logs.leaks), []
    assert not found


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """`../shared` beside the checkout, or beside the main one when this is a worktree of it."""
    folder = shared()
    if folder is None or not (folder / "data" / "flores" / "eng.txt").exists():
        pytest.skip("needs ../shared")
    return folder


@pytest.fixture(scope="session")
def flores(shared_data: Path) -> Flores:
    """The first so many FLORES lines of a language, by its three-letter code; all if no number is given."""

    def lines(code: str, count: int | None = None) -> list[str]:
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


# The database, for every test of what is stored. Each test has one of its own, empty, the schema in place:
#   database        an open `Database`; the test runs twice, on SQLite and on PostgreSQL
#   sqlite          the same on SQLite alone
#   place           a database not opened yet: `place.environment` for a `dragoman` process, `place.settings()` for a
#                   service in this one, `place.open()` for a look at what they wrote
#   places          makes any number of them (`with places.fresh() as place`), for Hypothesis' examples
#   postgres_url    PostgreSQL alone: a DRAGOMAN_DATABASE_URL
#   cluster         the server itself, one a run
# With SQLite the files of jobs are in the data folder, with PostgreSQL in a bucket of an S3-compatible store, as they
# are where there are replicas.
# Where PostgreSQL is not installed its tests are skipped and say how to get it (tests/postgres.py).


@pytest.fixture(scope="session")
def cluster() -> Iterator[postgres.Cluster]:
    if postgres.binaries() is None:
        pytest.skip(postgres.MISSING)
    with postgres.temporary() as running:
        yield running


@pytest.fixture
def postgres_url(cluster: postgres.Cluster) -> Iterator[str]:
    with cluster.fresh() as url:
        yield url


@pytest.fixture(scope="session")
def object_store() -> Iterator[objectstore.ObjectStore]:
    """Whatever opens DRAGOMAN_BLOBS in this process reaches it."""
    with objectstore.temporary() as running, pytest.MonkeyPatch.context() as patch:
        for name, value in running.access.items():
            patch.setenv(name, value)
        yield running


@pytest.fixture
def bucket(object_store: objectstore.ObjectStore) -> Iterator[objectstore.Bucket]:
    """Empty, of an S3 server over HTTP on loopback (tests/objectstore.py)."""
    with object_store.fresh() as made:
        yield made


@pytest.fixture(scope="session")
def homes(request: pytest.FixtureRequest) -> Places:
    """Where services of the tests keep their state: in a folder, or with `--postgresql` as replicas do."""
    if not request.config.getoption("--postgresql"):
        return SqlitePlaces()
    return MovedPlaces(request.getfixturevalue("object_store"))


@pytest.fixture(scope="session", autouse=True)
def _moved(request: pytest.FixtureRequest) -> Iterator[None]:
    if not request.config.getoption("--postgresql"):
        yield
        return
    moving.moved = moved = Moved(request.getfixturevalue("cluster"))
    with pytest.MonkeyPatch.context() as patch:
        connect = engine.connect_database
        patch.setattr(
            engine, "connect_database", lambda folder, url="": connect(folder, url or moved.url(folder))
        )
        yield
    moved.forget(Path("/"))


@pytest.fixture(autouse=True)
def _no_database_outlives_its_test(request: pytest.FixtureRequest) -> Iterator[None]:
    if moving.moved is None:
        yield
        return
    folder = request.getfixturevalue("tmp_path")
    yield
    moving.moved.forget(folder)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def places(request: pytest.FixtureRequest) -> Places:
    if request.param == "sqlite":
        return SqlitePlaces()
    return PostgresPlaces(request.getfixturevalue("cluster"), request.getfixturevalue("object_store"))


@pytest.fixture
def place(places: Places) -> Iterator[Place]:
    with places.fresh() as made:
        yield made


@pytest.fixture
def database(place: Place) -> Iterator[Database]:
    opened = place.open()
    yield opened
    opened.close()


@pytest.fixture
def sqlite(tmp_path: Path) -> Iterator[SqliteDatabase]:
    opened = open_database(tmp_path / "data")
    assert isinstance(opened, SqliteDatabase)
    yield opened
    opened.close()
