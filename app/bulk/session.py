"""A run that ends in a file or folder: begun, gone on with, put together, whatever was killed in between."""

import fcntl
import os
import shutil
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from app.bulk import manifest as manifests
from app.bulk.corpus import Corpus
from app.bulk.engine import KnownEngine
from app.bulk.failures import FailureFile
from app.bulk.joining import Joiner
from app.bulk.manifest import Manifest
from app.bulk.parts import Parts, Receipt
from app.bulk.report import Report
from app.bulk.target import Target
from app.errors import ConfigurationError, StorageError
from app.storage.files import durable

LOCK = "lock"
FAILED = "failed"


class Session:
    def __init__(self, target: Target, corpus: Corpus, *, fields: Sequence[str]) -> None:
        self.place = target.place
        self.parts = Parts(self.place.parts)
        self._target = target
        self.job = str(uuid.uuid4())
        self._corpus = corpus
        self._fields = fields
        self._lock = -1
        self._manifest: Manifest | None = None

    def check(self, inputs: Sequence[str], *, force: bool, restart: bool) -> None:
        """Says no before anything is opened or paid for; finds the job to go on with. Raises ConfigurationError."""
        self._refuse_inputs(inputs)
        self._target.check()
        earlier = None if restart else manifests.read(self.place.manifest)
        if earlier is not None:
            self.job = earlier.job
        elif not force:
            self._refuse_existing(restart=restart)

    def begin(
        self,
        options: Mapping[str, Any],
        engine: KnownEngine,
        *,
        restart: bool = False,
        forecast: Mapping[str, Any] | None = None,
    ) -> list[Receipt]:
        """What is done already. Raises ConfigurationError that says why it cannot go on."""
        self._corpus.check()
        now = Manifest(
            self.job,
            {source.name: source.fingerprint() for source in self._corpus.sources},
            options,
            engine.terms,
            engine.models,
            forecast=forecast,
        )
        self.place.parts.mkdir(parents=True, exist_ok=True)
        self._hold()
        earlier = None if restart else manifests.read(self.place.manifest)
        if earlier is None:
            self._clear()
            now.write(self.place.manifest)
        elif told := manifests.differences(earlier, now):
            raise ConfigurationError(
                f"{self._target.name} was begun otherwise: {'; '.join(told)}. Run the command as it was to go on, or "
                "say --restart to begin anew."
            )
        self._manifest = earlier or now
        return self.parts.receipts()

    @property
    def translated(self) -> bool:
        """Nothing is left to be translated."""
        return self._manifest is not None and self._manifest.state != "running"

    def finish(self) -> dict[str, Any]:
        """Puts the output together and gives it its name. Returns the report. Raises StorageError."""
        if not self.translated:
            self._assemble()
        found = self._manifest
        assert found is not None  # noqa: S101  begin was called
        if found.state == "assembled":
            self._name()
            found = self._became(replace(found, state="done"))
        elif not self._target.exists():
            raise ConfigurationError(
                f"{self._target.name} was made and is gone. Say --restart to make it anew."
            )
        return dict(found.report or {})

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._lock < 0:
            return
        done = self._manifest is not None and self._manifest.state == "done"
        if (
            done
            or not self.place.manifest.exists()
            or [each.name for each in self.place.parts.iterdir()] == [LOCK]
        ):
            shutil.rmtree(self.place.parts, ignore_errors=True)
        os.close(self._lock)
        self._lock = -1

    def _assemble(self) -> None:
        receipts = self.parts.receipts()
        report = Report(self.job)
        for receipt in receipts:
            report.charge(receipt.charge)
            report.seconds += receipt.seconds
        shutil.rmtree(self.place.made, ignore_errors=True)
        listed = self.place.parts / FAILED
        with FailureFile(listed, self._fields) as failures:
            outputs = self._join(receipts, report, failures)
        durable(listed)
        assert self._manifest is not None  # noqa: S101  the same
        report.forecast = self._manifest.forecast
        report.glossary = self._manifest.terms.get("--glossary")
        report.failures = str(self.place.failures) if failures.count else None
        body = report.body()
        ranges = [asdict(receipt) for receipt in receipts]
        self._became(replace(self._manifest, state="assembled", ranges=ranges, outputs=outputs, report=body))

    def _join(self, receipts: Sequence[Receipt], report: Report, failures: FailureFile) -> dict[str, str]:
        answered = self.parts.answers(receipts)
        outputs: dict[str, str] = {}
        for source, windows in self._corpus.files(whole=True):
            with self._target.writer(source) as writer:
                joiner = Joiner(source.name, self._fields, writer=writer, report=report, failures=failures)
                joiner.join(windows, answered)
            outputs[source.name] = self._target.checksum(source)
        if next(answered, None) is not None:
            raise StorageError(
                "The input became shorter while it was translated. Say --restart to begin anew."
            )
        return outputs

    def _name(self) -> None:
        """Again from the start, where it was killed in the middle."""
        failed = self.place.parts / FAILED
        try:
            if failed.exists() and failed.stat().st_size:
                failed.replace(self.place.failures)
            elif failed.exists():
                self.place.failures.unlink(missing_ok=True)
        except OSError as error:
            raise StorageError(f"{self.place.failures} cannot be written: {error.strerror}.") from error
        self._target.take()

    def _became(self, found: Manifest) -> Manifest:
        found.write(self.place.manifest)
        self._manifest = found
        return found

    def _hold(self) -> None:
        """The system lets go of it when the process ends, however it ends."""
        self._lock = os.open(self.place.parts / LOCK, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(self._lock)
            self._lock = -1
            raise ConfigurationError(
                f"Another process is writing {self._target.name} at this moment."
            ) from error

    def _clear(self) -> None:
        for file in self.place.parts.iterdir():
            if file.name != LOCK:
                file.unlink()

    def _refuse_inputs(self, inputs: Sequence[str]) -> None:
        for there in filter(Path.exists, self.place.names):
            for each in map(Path, inputs):
                if each.exists() and each.samefile(there):
                    raise ConfigurationError(
                        f"{there} would be written over while it is read. Name another --out."
                    )

    def _refuse_existing(self, *, restart: bool) -> None:
        """With `restart`, what a manifest vouches for may go."""
        if restart and self.place.manifest.exists():
            return
        for there in self.place.names:
            if there.exists() and not (there == self.place.out and _empty(there)):
                raise ConfigurationError(f"{there} exists already. Name another --out, or say --force.")
        if not _empty(self.place.out) and self._target.exists():
            raise ConfigurationError(
                f"{self._target.name} exists already. Name another --out, or say --force."
            )


def _empty(path: Path) -> bool:
    return path.is_dir() and not any(path.iterdir())
