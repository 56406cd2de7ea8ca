"""B3: the bulk command against the engine alone, and its memory over a long corpus."""

import contextlib
import json
import os
import subprocess
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from app.bench.corpus import sentences
from app.bench.machine import ROOT, Watch, cores, tree_memory
from app.bench.measure import Row, Sample, at_least, at_most, collect, compare, once
from app.bench.plan import Plan
from app.bench.raw import raw_engine
from app.bench.service import PROGRAM, BenchmarkFailed, length, scratch
from app.bench.weightless import weightless

TITLE = "`dragoman bulk run`"
ABOUT = (
    "The command over a JSONL file of distinct sentences, from its start to its end, against one raw `translate_batch` "
    "call, which tries nothing again: the row without repair compares equal work, the others what is delivered. "
    "Beside it the backend alone, fed with the raw call's batches: what it costs that no answer depends on its "
    'neighbours ("Same text, same answer"), which the raw call\'s may. '
    "Memory: a model that answers with its source, so that a million records take minutes; growth is the peak "
    "of the whole run less the peak of its first tenth."
)
COMMAND = (*PROGRAM, "bulk", "run")
LABELS = {
    "equal": "source declared, DRAGOMAN_REPAIR=off: the raw engine's work",
    "en": "source declared",
    "auto": "source detected",
}
LOOK = 0.1
"""Seconds between two looks at the memory."""


def run(plan: Plan) -> list[Row]:
    with scratch() as folder:
        return [*_speed(plan, folder), _memory(plan, folder)]


def _speed(plan: Plan, folder: Path) -> Iterator[Row]:
    texts = sentences(plan.segments)
    corpus = _write(folder / "corpus.jsonl", texts)
    characters = length(texts)
    with raw_engine(texts, threads=cores()) as raw:
        contenders = {
            "raw": raw.run,
            "alike": raw.alike,
            "equal": lambda: _timed(corpus, folder, characters, source="en", repair="off"),
            "en": lambda: _timed(corpus, folder, characters, source="en"),
            "auto": lambda: _timed(corpus, folder, characters, source="auto"),
        }
        samples = collect(contenders, rounds=plan.rounds, seed=plan.seed, warm=False)
    for source, label in LABELS.items():
        name = f"{len(texts):,} distinct segments, {label}"
        yield compare(
            name,
            samples,
            source,
            "raw",
            goal=at_least(0.95),
            note=f"start of the program included; {raw.note}",
        )
    name = f"{len(texts):,} distinct segments, the backend alone, in the raw call's batches"
    yield compare(name, samples, "alike", "raw", goal=None)


def _memory(plan: Plan, folder: Path) -> Row:
    texts = (f"Record number {number} of a long corpus." for number in range(plan.records))
    corpus = _write(folder / "long.jsonl", texts)
    with weightless() as models:
        looks = _watched(corpus, folder, environment={"DRAGOMAN_MODEL_DIR": str(models)})
    growth = (max(memory for _, memory in looks) - peak(looks, until=0.1)) / 2**20
    note = f"peak {max(memory for _, memory in looks) / 2**20:,.0f} MB"
    name = f"memory growth from a tenth to all of {plan.records:,} records"
    return once(name, growth, unit="MB", goal=at_most(20), note=note)


def peak(looks: Sequence[tuple[float, int]], *, until: float) -> int:
    """Most bytes seen while the output was not longer than `until` of what it became."""
    whole = looks[-1][0]
    return max(memory for size, memory in looks if size <= until * whole)


def _timed(corpus: Path, folder: Path, characters: int, *, source: str, repair: str = "on") -> Sample:
    watch = Watch()
    process = _start(corpus, folder, source=source, environment={"DRAGOMAN_REPAIR": repair})
    _, status, used = os.wait4(process.pid, 0)
    wall, _, foreign = watch.read()
    process.returncode = os.waitstatus_to_exitcode(status)
    _check(process)
    return Sample(characters, wall, used.ru_utime + used.ru_stime, foreign)


def _watched(corpus: Path, folder: Path, *, environment: Mapping[str, str]) -> list[tuple[float, int]]:
    """(bytes written so far, bytes of memory), over the time of the run."""
    process = _start(corpus, folder, source="en", environment=environment)
    looks: list[tuple[float, int]] = []
    while process.poll() is None:
        looks.append((_written(folder), tree_memory(process.pid)))
        time.sleep(LOOK)
    _check(process)
    return [*looks, (max(size for size, _ in looks), 0)]


def _written(folder: Path) -> int:
    """Parts, and what is put together from them."""
    sizes = 0
    for file in (*folder.glob("out.jsonl.parts/*"), *folder.glob("out.jsonl.part")):
        with contextlib.suppress(FileNotFoundError):
            sizes += file.stat().st_size
    return sizes


def _start(
    corpus: Path, folder: Path, *, source: str, environment: Mapping[str, str] | None = None
) -> subprocess.Popen[bytes]:
    data = tempfile.mkdtemp(dir=folder)
    return subprocess.Popen(
        [
            *COMMAND,
            str(corpus),
            "--from",
            source,
            "--to",
            "pt",
            "--out",
            str(folder / "out.jsonl"),
            "--force",
            "--restart",
        ],
        cwd=ROOT,
        env={**os.environ, "DRAGOMAN_DATA_DIR": data, **(environment or {})},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def _check(process: subprocess.Popen[bytes]) -> None:
    # 1: some records failed; with a detected source that happens, and is told in the file beside the output.
    if process.returncode not in {0, 1}:
        raise BenchmarkFailed(f"dragoman bulk run ended with {process.returncode}.")


def _write(file: Path, texts: Iterable[str]) -> Path:
    with file.open("w", encoding="utf-8") as stream:
        for text in texts:
            stream.write(json.dumps({"text": text}, ensure_ascii=False) + "\n")
    return file
