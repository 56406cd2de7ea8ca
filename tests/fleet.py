"""Replicas over one database and one store of files, each a process that can be killed by `kill -9` and begun anew.

`python -m tests.fleet COUNT`, settings from the environment: the parent imports everything, holds the sockets, and
forks a child for each life, so that a start costs a fraction of what a new interpreter would. It prints a port a line,
and for each number that it reads kills that replica and begins it anew, which it answers with the number.
"""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from app import runtime, server
from app.detection import Detector
from app.settings import Settings, load_settings
from tests.app.cli.program import ROOT


@dataclass(frozen=True, slots=True)
class Fleet:
    urls: tuple[str, ...]
    process: "subprocess.Popen[str]"

    def kill(self, number: int) -> None:
        """One dies by SIGKILL; another is on its way when this returns."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        print(number, file=self.process.stdin, flush=True)
        assert int(self.process.stdout.readline()) == number


@contextmanager
def fleet(count: int, environment: Mapping[str, str]) -> Iterator[Fleet]:
    with subprocess.Popen(
        [sys.executable, "-m", "tests.fleet", str(count)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT, env=dict(environment), text=True,
    ) as running:  # fmt: skip
        assert running.stdout is not None
        try:
            ports = [int(running.stdout.readline()) for _ in range(count)]
            yield Fleet(tuple(f"http://127.0.0.1:{port}" for port in ports), running)
        finally:
            running.terminate()


def main(count: int) -> None:
    settings = load_settings()
    detector = Detector(threshold=settings.detection_threshold, engine=settings.detector)
    setattr(runtime, "_detector", lambda *_, **__: detector)  # noqa: B010  loaded once, for all children
    sockets = [server.bind(settings) for _ in range(count)]
    children = [_child(each, settings) for each in sockets]
    signal.signal(signal.SIGTERM, lambda *_: _end(children))
    _say(*(each.getsockname()[1] for each in sockets))
    for line in sys.stdin:
        number = int(line)
        os.kill(children[number], signal.SIGKILL)
        os.waitpid(children[number], 0)
        children[number] = _child(sockets[number], settings)
        _say(number)


def _child(listener: socket.socket, settings: Settings) -> int:
    child = os.fork()
    if child:
        return child
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    server.serve_on(listener, settings, ready=lambda: None)
    os._exit(0)


def _end(children: list[int]) -> None:
    for child in children:
        os.kill(child, signal.SIGKILL)
    os._exit(0)


def _say(*lines: object) -> None:
    for line in lines:
        print(line, flush=True)  # noqa: T201  the harness reads it


if __name__ == "__main__":
    main(int(sys.argv[1]))
