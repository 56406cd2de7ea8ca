"""A process that is asked for one thing after another, by lines of JSON."""

import json
import os
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from app.bench.machine import ROOT, Watch
from app.bench.measure import Sample
from app.bench.service import BenchmarkFailed


class Worker:
    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def ask(self, **order: object) -> dict[str, Any]:
        """Raises BenchmarkFailed if the process has ended."""
        if self._process.stdin is None or self._process.stdout is None:
            raise BenchmarkFailed("A worker was started without pipes.")
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise BenchmarkFailed(f"{self._process.args!r} ended early.")
        return dict(json.loads(line))

    def timed(self, units: float, **order: object) -> tuple[Sample, dict[str, Any]]:
        """The wall time is the worker's own, of the work alone."""
        watch = Watch(self._process.pid)
        answer = self.ask(**order)
        _, _, foreign = watch.read()
        return Sample(units, answer["wall"], answer["cpu"], foreign), answer


@contextmanager
def working(command: Sequence[str], *, environment: Mapping[str, str] | None = None) -> Iterator[Worker]:
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env={**os.environ, **(environment or {})},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        yield Worker(process)
    finally:
        if process.stdin is not None:
            process.stdin.close()
        process.wait(30)
