"""Where the output of a run goes, and how it takes its name when it is whole."""

import hashlib
import shutil
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

from app.bulk import manifest, stores
from app.bulk.corpus import Source, TableSource
from app.bulk.output import Writer
from app.errors import ConfigurationError, StorageError
from app.storage.files import durable


class Place:
    """The names of a run on this machine: beside OUT, or in a folder of its own where OUT is elsewhere."""

    def __init__(self, out: Path) -> None:
        self.out = out
        self.manifest = out.with_name(out.name + ".manifest.json")
        self.parts = out.with_name(out.name + ".parts")
        self.made = out.with_name(out.name + ".part")
        """The output until it is whole."""
        self.failures = out.with_name(out.name + ".failed.jsonl")
        self.spool = self.parts / "input"

    @property
    def names(self) -> tuple[Path, ...]:
        return self.out, self.manifest, self.parts, self.made, self.failures


class Target(Protocol):
    place: Place
    name: str

    def check(self) -> None:
        """Raises ConfigurationError where nothing can be written there."""

    def exists(self) -> bool: ...

    def writer(self, source: Source) -> AbstractContextManager[Writer]: ...

    def checksum(self, source: Source) -> str:
        """Of what `writer` wrote; empty where that is no file."""

    def take(self) -> None:
        """Gives it its name; from the start again where that was cut short. Raises StorageError."""


class FileTarget:
    """A file, or a folder of several."""

    def __init__(self, place: Place, *, folder: bool) -> None:
        self.place = place
        self.name = str(place.out)
        self._folder = folder

    def check(self) -> None:
        if not self.place.out.absolute().parent.is_dir():
            raise ConfigurationError(f"{self.place.out} cannot be written: there is no such folder.")

    def exists(self) -> bool:
        return self.place.out.exists()

    def writer(self, source: Source) -> AbstractContextManager[Writer]:
        made = self._made(source)
        made.parent.mkdir(parents=True, exist_ok=True)
        return source.writer(made, named=source.name if self._folder else self._named)

    def checksum(self, source: Source) -> str:
        made = self._made(source)
        durable(made)
        return str(manifest.fingerprint(made)["sha256"])

    def take(self) -> None:
        place = self.place
        if not place.made.exists():
            return
        try:
            if place.out.is_dir():
                shutil.rmtree(place.out)
            place.made.replace(place.out)
            durable(place.out)
        except OSError as error:
            raise StorageError(f"{place.out} cannot be written: {error.strerror}.") from error

    @property
    def _named(self) -> str:
        return self.place.out.name

    def _made(self, source: Source) -> Path:
        return self.place.made / source.name if self._folder else self.place.made


class StoreTarget(FileTarget):
    """The same in a store: made here, then put there. Lists of failures go beside it."""

    def __init__(self, place: Place, address: str, *, folder: bool) -> None:
        super().__init__(place, folder=folder)
        self.name = address.rstrip("/")

    def check(self) -> None:
        self.exists()

    def exists(self) -> bool:
        return stores.exists(self.name)

    def take(self) -> None:
        made = self.place.made
        if not made.exists():
            return
        if self.place.failures.exists():
            stores.put(self.place.failures, self.name + ".failed.jsonl")
        if self._folder:
            for file in sorted(each for each in made.rglob("*") if each.is_file()):
                stores.put(file, f"{self.name}/{file.relative_to(made).as_posix()}")
            shutil.rmtree(made)
        else:
            stores.put(made, self.name)
            made.unlink()

    @property
    def _named(self) -> str:
        return self.name.rpartition("/")[2]


class TableTarget:
    def __init__(self, place: Place, address: str) -> None:
        from app.bulk import sql  # noqa: PLC0415  a tenth of a second that only tables are to take

        self._sql = sql
        self._address = sql.parsed(address)
        self.place = place
        self.name = str(self._address)

    def check(self) -> None:
        self.exists()

    def exists(self) -> bool:
        return self._address.has(self._address.table)

    def writer(self, source: Source) -> AbstractContextManager[Writer]:
        assert isinstance(source, TableSource)  # noqa: S101  only a table is written to a table
        return self._sql.TableWriter(self._address, source.reader)

    def checksum(self, source: Source) -> str:
        del source
        return ""

    def take(self) -> None:
        self._sql.take(self._address)


def target(out: str, *, folder: bool, work: Path) -> Target:
    """`work`: the folder for runs whose output is on no disk of ours. Raises ConfigurationError."""
    out = stores.local(out)
    if not stores.is_remote(out):
        return FileTarget(Place(Path(out)), folder=folder)
    named = hashlib.sha256(out.encode()).hexdigest()[:16]
    place = Place(work / named / "out")
    if stores.table(out) is not None:
        return TableTarget(place, out)
    return StoreTarget(place, out, folder=folder)
