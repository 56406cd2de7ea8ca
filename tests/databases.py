"""Fresh databases of either kind for the tests; the fixtures are in tests/conftest.py."""

import tempfile
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from app.jobs.assembly import open_blobs
from app.settings import Settings
from app.storage.blobs import Blobs
from app.storage.engine import Database, open_database
from app.storage.files import FOLDER
from tests.objectstore import Bucket, ObjectStore
from tests.postgres import Cluster


@dataclass(frozen=True, slots=True)
class Place:
    """Where a database is, for a service of this process or another."""

    data_dir: Path
    url: str
    bucket: Bucket | None = None
    """Where files of jobs are; None: in the data folder."""

    def open(self) -> Database:
        return open_database(self.data_dir, self.url)

    @property
    def environment(self) -> dict[str, str]:
        """For a `dragoman` process."""
        store = {} if self.bucket is None else self.bucket.environment
        return {"DRAGOMAN_DATA_DIR": str(self.data_dir), "DRAGOMAN_DATABASE_URL": self.url, **store}

    def settings(self, **more: Any) -> Settings:
        blobs = "" if self.bucket is None else self.bucket.address
        return Settings(**{"data_dir": self.data_dir, "database_url": self.url, "blobs": blobs, **more})

    @property
    def blobs(self) -> Blobs:
        return open_blobs(self.settings())

    def kept(self) -> Path:
        """A folder of the files of jobs as they are kept; of copies, in the data folder, where a bucket has them."""
        if self.bucket is None:
            return self.data_dir / FOLDER
        folder = self.data_dir / "copies"
        folder.mkdir(exist_ok=True)
        for key in self.bucket.keys:
            (folder / key.rpartition("/")[2]).write_bytes(self.bucket.read(key))
        return folder


def held(settings: Settings) -> list[str]:
    """Names of the files of jobs."""
    if settings.blobs:
        bucket = settings.blobs.removeprefix("s3://").partition("/")[0]
        return [key.rpartition("/")[2] for key in Bucket(bucket, "").keys]
    folder = settings.data_dir / FOLDER
    return sorted(each.name for each in folder.iterdir()) if folder.exists() else []


class Places(Protocol):
    def fresh(self) -> AbstractContextManager[Place]:
        """An empty database with the schema in place, thrown away at the end."""
        ...


class SqlitePlaces:
    @contextmanager
    def fresh(self) -> Iterator[Place]:
        with tempfile.TemporaryDirectory() as folder:
            yield Place(Path(folder) / "data", "")


@dataclass(frozen=True, slots=True)
class PostgresPlaces:
    """With its files in an S3-compatible store, as replicas have them."""

    cluster: Cluster
    store: ObjectStore

    @contextmanager
    def fresh(self) -> Iterator[Place]:
        with (
            tempfile.TemporaryDirectory() as folder,
            self.cluster.fresh() as url,
            self.store.fresh() as bucket,
        ):
            yield Place(Path(folder) / "data", url, bucket)


@dataclass(frozen=True, slots=True)
class MovedPlaces:
    """Folders whose database is in the cluster (`Moved`), with files in an S3-compatible store."""

    store: ObjectStore

    @contextmanager
    def fresh(self) -> Iterator[Place]:
        with tempfile.TemporaryDirectory() as folder, self.store.fresh() as bucket:
            yield Place(Path(folder) / "data", "", bucket)


@dataclass(slots=True)
class Moved:
    """With `--postgresql`: whatever would be SQLite in a folder is a database of the cluster, the same for the same
    folder, so that tests that know nothing of it run on PostgreSQL.
    """

    cluster: Cluster
    _made: dict[Path, tuple[str, ExitStack]] = field(default_factory=dict)
    _one_at_a_time: threading.Lock = field(default_factory=threading.Lock)

    def url(self, folder: Path) -> str:
        with self._one_at_a_time:
            if folder not in self._made:
                kept = ExitStack()
                self._made[folder] = kept.enter_context(self.cluster.fresh()), kept
            return self._made[folder][0]

    def forget(self, below: Path) -> None:
        """Drops those of folders there: the disk would not hold all of a run."""
        for folder in [each for each in self._made if each.is_relative_to(below)]:
            _, kept = self._made.pop(folder)
            kept.close()


class _Moving:
    """Where tests' databases are, for processes that a test starts."""

    moved: Moved | None = None

    def environment(self, data_dir: Path) -> dict[str, str]:
        return {} if self.moved is None else {"DRAGOMAN_DATABASE_URL": self.moved.url(data_dir)}


moving = _Moving()
