"""Where the answers of a run go, window after window."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Protocol

from app.bulk.engine import Answer
from app.bulk.joining import Joiner
from app.bulk.parts import Charge, Done, Parts, Receipt, digest, done
from app.bulk.record import Window
from app.bulk.report import Report
from app.errors import ConfigurationError

PART_WINDOWS = 16
PART_SECONDS = 15.0
"""What a killed process has to do again is at most one part and what was in the engine."""


class Keeper(Protocol):
    def keep(self, window: Window, answer: Answer) -> None:
        """Blocks. Windows come in their order. Raises StorageError, and BrokenPipeError where a reader went away."""

    def close(self) -> None:
        """Also after an error: what was kept is not to be done again."""


class PartKeeper:
    """Gathers consecutive windows into parts. Lives in one thread at a time."""

    def __init__(self, parts: Parts, fingerprints: Mapping[str, str]) -> None:
        self._parts = parts
        self._fingerprints = fingerprints
        self._run: list[Done] = []
        self._charge = Charge()
        self._since = time.perf_counter()
        self.receipts: list[Receipt] = []

    def keep(self, window: Window, answer: Answer) -> None:
        if self._run and window.number != self._run[-1].number + 1:
            self.close()
        self._run.append(done(window, answer, self._fingerprints))
        for usage in answer.usages:
            self._charge += usage
        if len(self._run) >= PART_WINDOWS or time.perf_counter() - self._since > PART_SECONDS:
            self.close()

    def close(self) -> None:
        if not self._run:
            return
        now = time.perf_counter()
        self.receipts.append(self._parts.write(self._run, self._charge, seconds=now - self._since))
        self._run, self._charge, self._since = [], Charge(), now


class StreamKeeper:
    """Puts each window together with its answers at once; nothing is remembered."""

    def __init__(self, joiner: Joiner, report: Report, fingerprints: Mapping[str, str]) -> None:
        self._joiner = joiner
        self._fingerprints = fingerprints
        self._report = report
        self._since = time.perf_counter()

    def keep(self, window: Window, answer: Answer) -> None:
        self._joiner.add(window, done(window, answer, self._fingerprints).answers)
        charge = Charge()
        for usage in answer.usages:
            charge += usage
        self._report.charge(charge)

    def close(self) -> None:
        self._report.seconds = time.perf_counter() - self._since


def left(
    found: Iterator[Window], receipts: Sequence[Receipt], *, passed: Callable[[Window], None] | None = None
) -> Iterator[Window]:
    """The windows that no part has. `passed`: told of each that one has.

    Raises ConfigurationError where the corpus asks for something else than it did when a part was made.
    """
    waiting = iter(receipts)
    receipt = next(waiting, None)
    digests: list[str] = []
    for window in found:
        if receipt is None or window.number < receipt.first:
            yield window
            continue
        digests.append(window.digest)
        if passed is not None:
            passed(window)
        if window.number == receipt.last:
            if digest(digests) != receipt.asked:
                raise changed(receipt)
            receipt, digests = next(waiting, None), []
    if receipt is not None:
        raise changed(receipt)


def changed(receipt: Receipt) -> ConfigurationError:
    return ConfigurationError(
        f"The input changed since it was begun: windows {receipt.first} to {receipt.last} hold other texts now. "
        "Put it back as it was, or say --restart."
    )
