"""`dragoman` as a process."""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests import leaks
from tests.databases import moving

ROOT = Path(__file__).parents[3]
START = "from app.cli.main import run; run()"


@dataclass(frozen=True, slots=True)
class Done:
    code: int
    out: str
    err: str


@dataclass(frozen=True, slots=True)
class Served:
    process: "subprocess.Popen[bytes]"
    url: str


@dataclass(frozen=True, slots=True)
class Program:
    folder: Path
    """Working directory; the data folder is within."""
    settings: Mapping[str, str]

    def __call__(self, *args: str, text: str | bytes = "", start: str = START, **settings: str) -> Done:
        found = subprocess.run(
            [sys.executable, "-c", start, *args],
            input=text.encode() if isinstance(text, str) else text,
            capture_output=True,
            check=False,
            cwd=self.folder,
            env=environment(self.folder, {**self.settings, **settings}),
            timeout=120,
        )
        said = found.stderr.decode()
        leaks.check(f"standard error of dragoman {args[:2]}", said)
        return Done(found.returncode, found.stdout.decode(errors="replace"), said)

    @contextmanager
    def started(self, *args: str, **settings: str) -> "Iterator[subprocess.Popen[bytes]]":
        """Killed at the end if it still runs."""
        with subprocess.Popen(
            [sys.executable, "-c", START, *args],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=self.folder,
            env=environment(self.folder, {**self.settings, **settings}),
        ) as process:
            try:
                yield process
            finally:
                process.kill()

    @contextmanager
    def serving(self, *args: str, **settings: str) -> Iterator[Served]:
        """Returns from its start once it says where it listens."""
        chosen = {"DRAGOMAN_LOG_LEVEL": "error", **settings}
        with self.started("serve", "--port", "0", *args, **chosen) as process:
            assert process.stdout is not None
            line = process.stdout.readline().decode()
            assert line.startswith("Dragoman listens on http://127.0.0.1:")
            yield Served(process, line.split()[-1])


def environment(folder: Path, settings: Mapping[str, str]) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("DRAGOMAN_")}
    data = Path(settings.get("DRAGOMAN_DATA_DIR", folder / "data"))
    placed = {"DRAGOMAN_DATA_DIR": str(data), **moving.environment(data)}
    return {**kept, "PYTHONPATH": str(ROOT), **placed, **settings}
