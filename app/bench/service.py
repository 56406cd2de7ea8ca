"""Servers as real processes, and traffic sent to them."""

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from app.bench.machine import ROOT, Watch
from app.bench.measure import Sample
from app.errors import DragomanError
from app.settings import load_settings

HOST = "127.0.0.1"
START_SECONDS = 90.0
STOP_SECONDS = 30.0
PROGRAM = (sys.executable, "-c", "from app.cli.main import run; run()")
"""`dragoman`, of this very code."""
ONCE = {"DRAGOMAN_REPAIR": "off"}
"""Nothing is tried again: the work that other engines do, too."""


class BenchmarkFailed(DragomanError):
    """A server did not start, or gave answers that cannot be measured. Met on the command line alone."""


@dataclass(frozen=True, slots=True)
class Server:
    pid: int
    port: int
    started: float
    """Seconds from the process's start until it said it was ready."""

    def get(self, path: str) -> Any:
        return json.loads(self.text(path))

    def text(self, path: str) -> str:
        with urllib.request.urlopen(f"http://{HOST}:{self.port}{path}", timeout=10) as answer:
            return str(answer.read().decode())


@dataclass(frozen=True, slots=True)
class Traffic:
    sample: Sample
    latencies: tuple[float, ...]
    """Seconds, in the order of the bodies."""
    replies: tuple[str, ...] = field(default=(), repr=False)


@contextmanager
def scratch() -> Iterator[Path]:
    """An empty folder, within the data directory: on a disk where that is, so that an fsync costs what it costs."""
    place = load_settings().data_dir / "bench"
    place.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=place) as folder:
        yield Path(folder)


@contextmanager
def dragoman(*arguments: str, environment: Mapping[str, str] | None = None) -> Iterator[Server]:
    """Our API on a free port, with an empty data directory and warm models."""
    with scratch() as folder:
        port = free_port()
        command = [sys.executable, "-m", "app.bench.launch", str(port), *arguments]
        # The rounds send the same sentences again: a cache, or a replay, would answer all but the first.
        settings = {
            "DRAGOMAN_DATA_DIR": str(folder),
            "DRAGOMAN_CACHE": "off",
            "DRAGOMAN_REPLAY_WINDOW": "0",
            # All the clients are at one address.
            "DRAGOMAN_CONNECTIONS_PER_ADDRESS": "0",
            **(environment or {}),
        }
        with serving(command, port, environment=settings, ready="/readyz") as server:
            yield server


@contextmanager
def serving(
    command: Sequence[str], port: int, *, environment: Mapping[str, str], ready: str
) -> Iterator[Server]:
    """Raises BenchmarkFailed if it does not answer `ready` with 200 in time."""
    began = time.perf_counter()
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env={**os.environ, **environment},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _await(process, f"http://{HOST}:{port}{ready}", until=began + START_SECONDS)
        yield Server(process.pid, port, time.perf_counter() - began)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def send(
    server: Server,
    bodies: Sequence[object],
    *,
    clients: int,
    characters: int,
    path: str = "/v1/translate",
    headers: Mapping[str, str] | None = None,
    keep: bool = False,
    keys: str = "",
) -> Traffic:
    """All `bodies`, from `clients` connections at once, with an Idempotency-Key each that begins with `keys`.

    Raises BenchmarkFailed unless every answer is a 200.
    """
    order = {
        "host": HOST,
        "port": server.port,
        "path": path,
        "headers": dict(headers or {}),
        "bodies": [json.dumps(body) for body in bodies],
        "clients": min(clients, len(bodies)),
        "keep": keep,
        "keys": keys,
    }
    watch = Watch(server.pid)
    load = subprocess.run(
        [sys.executable, "-m", "app.bench.load"],
        cwd=ROOT,
        input=json.dumps(order),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    _, cpu, foreign = watch.read()
    result = json.loads(load.stdout)
    if set(result["statuses"]) != {"200"}:
        raise BenchmarkFailed(f"{path} answered {result['statuses']}; only 200 can be measured.")
    sample = Sample(characters, result["wall"], cpu, foreign)
    return Traffic(sample, tuple(result["latencies"]), tuple(result["replies"]))


def singles(texts: Sequence[str], *, source: str = "en") -> list[object]:
    """A body a sentence."""
    return [{"text": text, "source": source, "target": "pt"} for text in texts]


def whole(texts: Sequence[str], *, source: str = "en") -> list[object]:
    """One body for all."""
    return [{"text": list(texts), "source": source, "target": "pt"}]


def length(texts: Sequence[str]) -> int:
    return sum(len(text) for text in texts)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def _await(process: subprocess.Popen[bytes], url: str, *, until: float) -> None:
    while time.perf_counter() < until:
        if process.poll() is not None:
            raise BenchmarkFailed(f"{process.args!r} ended with {process.returncode} before it was ready.")
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310  loopback
                if answer.status == 200:
                    return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            pass
        time.sleep(0.02)
    raise BenchmarkFailed(f"{process.args!r} was not ready after {START_SECONDS:.0f} s.")
