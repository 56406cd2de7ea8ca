"""What a bulk run shows while it goes: a bar on a terminal, else a line now and then."""

import sys
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

from app.bulk.engine import Answer
from app.bulk.listing import Listing
from app.bulk.record import Window
from app.bulk.run import Progress
from app.cli import console

EVERY = 30.0
"""Seconds between two lines where there is no terminal."""
Watching = AbstractContextManager[Progress]


class Tally:
    """What this attempt has done so far. Its speed is its own: what earlier ones did took it no time."""

    def __init__(self) -> None:
        self.records = self.characters = self.flagged = self.size = self.before = 0
        self.cost = Decimal(0)
        self.currency = ""
        self._started = time.perf_counter()

    def add(self, window: Window, answer: Answer) -> None:
        self.records += sum(record.counts for record in window.records)
        self.characters += window.characters
        self.size += window.size
        self.flagged += sum(bool(each["flags"]) for each in answer.translations)
        for usage in answer.usages:
            self.cost += Decimal(usage["cost"])
            self.currency = usage["currency"]

    def passed(self, window: Window) -> None:
        """An earlier attempt has done it. Called by whoever reads."""
        self.before += window.size
        self._started = time.perf_counter()

    def left(self, total: int | None) -> str:
        """How long the rest of `total` bytes will take; empty where nobody knows."""
        if not self.size or total is None:
            return ""
        rest = max(0, total - self.before - self.size)
        seconds = rest / self.size * (time.perf_counter() - self._started)
        return f"{timedelta(seconds=round(seconds))} left"

    def sentence(self) -> str:
        rate = self.characters / max(time.perf_counter() - self._started, 1e-3)
        money = f", {self.cost:.6f} {self.currency} so far" if self.currency else ""
        return (
            f"{self.records:,} records, {self.characters:,} characters, {rate:,.0f} a second{money}, "
            f"{self.flagged:,} flagged"
        )


@contextmanager
def watching(found: Listing, *, shown: bool, tally: Tally | None = None) -> Iterator[Progress]:
    """`tally`: told of what earlier attempts did, where there were any."""
    tally = tally or Tally()
    if not shown:
        yield tally.add
    elif sys.stderr.isatty():
        with _bar(tally, _size(found)) as progress:
            yield progress
    else:
        yield _lines(tally, _size(found))


def _lines(tally: Tally, total: int | None) -> Progress:
    last = time.monotonic()

    def progress(window: Window, answer: Answer) -> None:
        nonlocal last
        tally.add(window, answer)
        if time.monotonic() - last >= EVERY:
            last = time.monotonic()
            console.complain(", ".join(filter(None, (tally.sentence(), tally.left(total)))))

    return progress


@contextmanager
def _bar(tally: Tally, total: int | None) -> Iterator[Progress]:
    from rich import progress as bar  # noqa: PLC0415
    from rich.console import Console  # noqa: PLC0415

    columns = (
        bar.BarColumn(20),
        bar.TaskProgressColumn(),
        bar.TextColumn("{task.fields[told]}"),
        bar.TextColumn("{task.fields[left]}"),
    )
    with bar.Progress(*columns, console=Console(stderr=True)) as shown:
        task = shown.add_task("", total=total, told="", left="")

        def progress(window: Window, answer: Answer) -> None:
            tally.add(window, answer)
            done = tally.before + tally.size
            shown.update(task, completed=done, told=tally.sentence(), left=tally.left(total))

        yield progress


def _size(found: Listing) -> int | None:
    """Bytes that will be read; None where nobody knows, or where they are packed."""
    if any(item.streams or item.address.lower().endswith((".gz", ".zst")) for item in found.items):
        return None
    with suppress(OSError):
        return sum(Path(item.address).stat().st_size for item in found.items)
    return None
