"""A PostgreSQL server of the tests' own: Debian's binaries, a temporary folder, a free loopback port.

Gone with the test run, even a killed one. Nothing is flushed to the disk: crashes of the machine are not tested.
"""

import itertools
import os
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

from app.storage.engine import open_database

PASSWORD = "canary-of-a-password"  # noqa: S105
"""It must appear in no message and no log."""

MISSING = "needs PostgreSQL: apt-get install postgresql"

_SETTINGS = (
    "fsync=off", "full_page_writes=off", "shared_buffers=16MB", "max_connections=200",
    "listen_addresses=127.0.0.1", "unix_socket_directories=", "lc_messages=C", "logging_collector=off",
)  # fmt: skip
_PATIENCE = 60.0


@dataclass(frozen=True, slots=True)
class Cluster:
    port: int
    log: Path
    process: "subprocess.Popen[bytes]"
    """The server itself, for tests that stop it for a moment (SIGSTOP)."""

    _numbers: "itertools.count[int]" = field(default_factory=itertools.count)

    def url(self, database: str, *, password: str = PASSWORD) -> str:
        return f"postgresql://dragoman:{password}@127.0.0.1:{self.port}/{database}"

    def run(self, statement: str) -> None:
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(statement.encode())

    @contextmanager
    def fresh(self, *, template: str = "migrated") -> Iterator[str]:
        """The address of a database of its own, the schema in place; of an empty one with `template0`."""
        name = f"test_{next(self._numbers)}"
        self.run(f"CREATE DATABASE {name} TEMPLATE {template}")
        try:
            yield self.url(name)
        finally:
            self.run(f"DROP DATABASE {name} WITH (FORCE)")


def binaries() -> Path | None:
    """Debian keeps them off the PATH, one folder a version: the newest."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    return found[-1].parent if found else None


@contextmanager
def running(folder: Path) -> Iterator[Cluster]:
    """A server whose folder is `folder`, until the context ends."""
    data, log, bin_ = folder / "data", folder / "log", binaries()
    assert bin_ is not None, MISSING
    secret = folder / "password"
    secret.write_text(PASSWORD)
    if os.geteuid() == 0:
        shutil.chown(folder, "nobody", "nogroup")
        shutil.chown(secret, "nobody", "nogroup")
    made = [
        *_unprivileged(), str(bin_ / "initdb"), "--pgdata", str(data), "--username=dragoman", f"--pwfile={secret}",
        "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync",
    ]  # fmt: skip
    subprocess.run(made, check=True, capture_output=True, cwd=folder, timeout=_PATIENCE)
    port = _free_port()
    settings = [f"-c{setting}" for setting in (*_SETTINGS, f"port={port}")]
    with log.open("wb") as said:
        server = subprocess.Popen(
            [*_unprivileged(), str(bin_ / "postgres"), "-D", str(data), *settings],
            stdout=said, stderr=said, cwd=folder,
        )  # fmt: skip
    try:
        _wait(bin_, port)
        cluster = Cluster(port, log, server)
        cluster.run("CREATE DATABASE migrated TEMPLATE template0")
        open_database(folder, cluster.url("migrated")).close()
        yield cluster
    finally:
        server.send_signal(signal.SIGQUIT)  # at once: what it holds is thrown away
        server.wait(_PATIENCE)


@contextmanager
def temporary() -> Iterator[Cluster]:
    """Not below pytest's own folder, which only its owner may enter."""
    folder = Path(tempfile.mkdtemp(prefix="dragoman-postgresql-"))
    try:
        with running(folder) as cluster:
            yield cluster
    finally:
        shutil.rmtree(folder)


def _unprivileged() -> list[str]:
    """PostgreSQL refuses root. The signal: the server dies with this process, however that dies."""
    user = ["--reuid=nobody", "--regid=nogroup", "--clear-groups"] if os.geteuid() == 0 else []
    return ["setpriv", "--pdeathsig=QUIT", *user]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait(bin_: Path, port: int) -> None:
    """`pg_isready` has no waiting of its own; each try takes as long as a process."""
    for _ in range(1_000):
        ready = [str(bin_ / "pg_isready"), "--quiet", "--host=127.0.0.1", f"--port={port}", "--timeout=5"]
        if subprocess.run(ready, check=False).returncode == 0:
            return
    raise AssertionError("PostgreSQL did not start.")
