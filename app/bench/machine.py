"""What the figures were measured on, and how much of it others used meanwhile."""

import os
import platform
import subprocess
import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import psutil

ROOT = Path(__file__).parents[2]
"""The checkout, or where the packages are installed."""
PACKAGES = (
    "dragoman",
    "ctranslate2",
    "sentencepiece",
    "uvicorn",
    "fastapi",
    "uvloop",
    "httptools",
    "sqlalchemy",
)
_PROBE = "import sys, ctranslate2; ctranslate2.Translator(sys.argv[1], device='cpu')"


def cores() -> int:
    return len(os.sched_getaffinity(0))


def tree_cpu(pid: int) -> float:
    """CPU-seconds so far of a process, its live descendants, and those descendants that it has reaped."""
    process = psutil.Process(pid)
    return sum(_own(each) for each in (process, *process.children(recursive=True)))


def tree_memory(pid: int) -> int:
    """Resident bytes of a process and its descendants."""
    process = psutil.Process(pid)
    return sum(each.memory_info().rss for each in (process, *process.children(recursive=True)))


class Watch:
    """Measures wall time, the CPU time of one process tree, and the share of the machine others took."""

    def __init__(self, pid: int | None = None) -> None:
        self._pid = pid or os.getpid()
        self._began, self._own = time.perf_counter(), tree_cpu(os.getpid())
        self._cpu, self._machine = tree_cpu(self._pid), _machine_cpu()

    def read(self) -> tuple[float, float, float]:
        """Wall seconds, CPU-seconds of the tree, share of strangers."""
        wall = time.perf_counter() - self._began
        cpu = tree_cpu(self._pid) - self._cpu
        # The kernel counts in hundredths of a second, so a short run can come out below nothing.
        strange = _machine_cpu() - self._machine - (tree_cpu(os.getpid()) - self._own)
        return wall, max(cpu, 1e-3), max(0.0, strange / (wall * (os.cpu_count() or 1)))


@dataclass(frozen=True, slots=True)
class Header:
    date: str
    commit: str
    cpu: str
    cores: int
    memory_gb: int
    system: str
    python: str
    versions: dict[str, str]
    backend: tuple[str, ...]
    """What CTranslate2 says about its arithmetic under CT2_VERBOSE=1."""
    load: float
    """Load average of the minute before the run."""
    rounds: int
    quick: bool


def header(model: Path, *, rounds: int, quick: bool) -> Header:
    return Header(
        date=datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        commit=_commit(),
        cpu=_cpu(),
        cores=cores(),
        memory_gb=round(psutil.virtual_memory().total / 2**30),
        system=f"{platform.system()} {platform.release()}",
        python=platform.python_version(),
        versions={name: found for name in PACKAGES if (found := _version(name))},
        backend=_backend(model),
        load=round(os.getloadavg()[0], 2),
        rounds=rounds,
        quick=quick,
    )


def _own(process: psutil.Process) -> float:
    try:
        times = process.cpu_times()
    except psutil.NoSuchProcess:
        return 0.0
    return float(times.user + times.system + times.children_user + times.children_system)


def _machine_cpu() -> float:
    """CPU-seconds that the machine was busy, or that its host gave to someone else."""
    times = psutil.cpu_times()
    return float(times.user + times.nice + times.system + times.irq + times.softirq + times.steal)


def _commit() -> str:
    git = subprocess.run(
        ["git", "describe", "--always", "--dirty"],  # noqa: S607  whichever git made the checkout
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    return git.stdout.strip() or "unknown"


def _cpu() -> str:
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    parts = (line.partition(":") for line in lines)
    fields = {name.strip(): value.strip() for name, _, value in parts}
    return f"{fields.get('model name', 'unknown')}, family {fields.get('cpu family')} model {fields.get('model')}"


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


def _backend(model: Path) -> tuple[str, ...]:
    probe = subprocess.run(
        [sys.executable, "-c", _PROBE, str(model)],
        env={**os.environ, "CT2_VERBOSE": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    said = [line.split("]")[-1].strip(" -\t") for line in probe.stderr.splitlines()]
    return tuple(line for line in said if any(word in line for word in ("CPU:", "ISA", "backend", "GEMM")))
