"""A service that is killed at named points of a job's life and comes back on the same port, or a worker of a database.

`python -m tests.app.jobs.mortal serve ORDERS`: as tests/app/replay/mortal.py, with points of its own.
`python -m tests.app.jobs.mortal work [stop]`: no HTTP; does whatever is in the database, and says on standard output
what it charges (`charged JOB NUMBER`) and loses (`lost`). `stop`: it stops (SIGSTOP) once, before it writes a chunk.

Leases are short, so that nobody waits; settings come from the environment.
"""

import asyncio
import logging
import os
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from app.jobs import desk, leases, planner, runner
from app.jobs.store import JobStore
from app.ledger import store
from app.ledger.committer import Committer
from app.ledger.entry import LedgerEntry
from app.quality.tally import Tally
from app.runtime import open_runtime
from app.settings import load_settings
from app.telemetry import Telemetry
from tests.app.replay.mortal import Orders, after, before, live

POINTS = (
    "after_keep", "in_add", "after_add", "after_take", "in_transaction", "after_commit", "before_compose",
    "in_composed", "after_composed",
)  # fmt: skip
LEASE = 1.0
CHARACTERS = 200
"""Of a chunk: a small document has many."""


def hurry() -> None:
    defaults(leases.Leases.__init__, seconds=LEASE, first_wait=0.1)
    defaults(runner.Runner.__init__, heartbeat=LEASE / 4, poll=0.05)
    setattr(planner, "CHARACTERS", CHARACTERS)  # noqa: B010


def defaults(function: Callable[..., Any], **values: object) -> None:
    assert function.__kwdefaults__ is not None
    function.__kwdefaults__.update(values)


def arm(orders: Orders) -> None:
    def at(point: str) -> Callable[[], None]:
        return lambda: orders.at(point)

    after(sys.modules["app.jobs.files"], "_keep", at("after_keep"))
    before(sys.modules["app.jobs.store"], "_chunk_rows", at("in_add"))
    after(JobStore, "add", at("after_add"))
    after(leases.Leases, "_leased", at("after_take"))
    after(leases, "_one_less", at("in_transaction"))
    after(store.Ledger, "append_many", at("after_commit"))
    before(runner.Runner, "_compose", at("before_compose"))
    after(leases.Leases, "_end", at("in_composed"))
    after(leases.Leases, "composed", at("after_composed"))


def say(*words: object) -> None:
    print(*words, flush=True)  # noqa: T201  the parent reads it


def stop_once() -> None:
    stopped = False

    def stop() -> None:
        nonlocal stopped
        if not stopped:
            stopped = True
            say("stopped")
            os.kill(os.getpid(), signal.SIGSTOP)

    before(Committer, "append", stop)
    # It is to find out by what it writes, not by a sign of life that comes to nothing first.
    defaults(runner.Runner.__init__, heartbeat=3_600.0)


class Saying(Telemetry):
    def charged(self, entry: LedgerEntry, tallies: Sequence[Tally] = ()) -> None:
        say("charged", entry.job, entry.chunk)
        super().charged(entry, tallies)


class Lost(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        if "went to another worker" in record.getMessage():
            say("lost")


async def work() -> None:
    logging.getLogger("dragoman").setLevel(logging.INFO)
    logging.getLogger("dragoman").addHandler(Lost())
    async with open_runtime(load_settings(), telemetry=Saying(batch_tokens=1_024)) as running:
        say("ready")
        await running.desk.runner.run()


if __name__ == "__main__":
    hurry()
    assert desk.TENDING
    if sys.argv[1] == "serve":
        arm(Orders(Path(sys.argv[2])))
        live(load_settings())
    else:
        if sys.argv[2:] == ["stop"]:
            stop_once()
        asyncio.run(work())
