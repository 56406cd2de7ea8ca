"""B10: ten times what the engine can take, for a minute: what breaks, what grows, and how soon it is over."""

import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from typing import Any

import psutil

from app.bench.corpus import sentences
from app.bench.machine import ROOT, tree_memory
from app.bench.measure import Row, at_least, at_most, once, percentile, row
from app.bench.plan import Plan
from app.bench.service import HOST, BenchmarkFailed, Server, dragoman, length, send, singles, whole

TITLE = "Overload"
ABOUT = (
    "Single sentences over loopback, sent when they are due whether or not earlier ones were answered, at ten times "
    "the rate at which one POST of all of them was translated before. Settings as shipped but "
    "the cache, which is off. The sender shares the machine. Every answer is compared with the same "
    "sentence's answer before the rush, and the ledger with the sum of what was accepted. Recovery: from the last "
    "request sent until a lone sentence is as fast as it was (at most twice the p95 of twenty before). One run: no "
    "spread."
)
TIMES = 10
LOOK = 0.5
"""Seconds between two looks at the memory."""
WARM = 1 / 6
"""Of the rush, after which memory must not grow any more: by then the queue is full and the buffers are made."""
PROBES = 20
AS_BEFORE = 2.0
PROBE = "The van left the warehouse at half past two."
RECOVERY = 30.0
"""Seconds after which nobody waits for the idle latency any longer."""


@dataclass(frozen=True, slots=True)
class Rush:
    capacity: float
    """Requests a second before it."""
    seconds: float
    sent: int
    unsent: int
    statuses: Mapping[str, int]
    wrong: int
    unaccounted: int
    """Characters in the ledger less those accepted."""
    memory: Sequence[int]
    """Resident bytes, looks at equal distances."""
    loop_seconds: float
    """CPU time of the server's event loop."""
    idle: float
    """Seconds, p95 of a lone sentence before."""
    recovery: float


def run(plan: Plan) -> list[Row]:
    seconds = float(plan.size(60, 8))
    with dragoman() as server:
        rush = endured(server, sentences(plan.size(2_048, 256)), seconds=seconds)
    return list(rows(rush))


def rows(rush: Rush) -> Iterator[Row]:
    told = ", ".join(f"{count:,} × {status}" for status, count in sorted(rush.statuses.items()))
    errors = sum(count for status, count in rush.statuses.items() if status not in {"200", "429"})
    accepted = rush.statuses.get("200", 0)
    rate = rush.sent / rush.seconds
    yield once(
        f"requests sent in {rush.seconds:.0f} s ÷ what the engine can take",
        rate / rush.capacity,
        unit="×",
        goal=at_least(TIMES * 0.9),
        note=f"{rate:,.0f} a second, {rush.unsent:,} kept back by the sender",
    )
    yield once("answers but 200 and 429", errors, unit="", goal=at_most(0), note=told)
    yield once(
        "accepted and answered otherwise than alone",
        rush.wrong,
        unit="",
        goal=at_most(0),
        note=f"of {accepted:,}",
    )
    yield once(
        "characters in the ledger less those accepted", abs(rush.unaccounted), unit="", goal=at_most(0)
    )
    yield once(
        "memory growth, from a sixth of the time to its end",
        growth(rush.memory) / 2**20,
        unit="MB",
        goal=at_most(20),
        note=f"peak {max(rush.memory) / 2**20:,.0f} MB",
    )
    yield once(
        "recovery to idle latency",
        rush.recovery,
        unit="s",
        goal=at_most(2),
        note=f"{1000 * rush.idle:.0f} ms idle",
    )
    yield row("answered with 200 a second ÷ before", [accepted / rush.seconds / rush.capacity])
    yield row(
        "event loop's time a request, nearly all refused", [1e6 * rush.loop_seconds / rush.sent], unit="µs"
    )


def growth(memory: Sequence[int]) -> int:
    """Most bytes ever, less the most up to WARM of the time."""
    return max(memory) - max(memory[: max(1, round(len(memory) * WARM))])


def endured(server: Server, texts: Sequence[str], *, seconds: float) -> Rush:
    first = send(server, whole(texts), clients=1, characters=length(texts), keep=True)
    answers = [str(each["text"]) for each in json.loads(first.replies[0])["translations"]]
    capacity = len(texts) / send(server, whole(texts), clients=1, characters=length(texts)).sample.wall
    idle = percentile([_lone(server) or RECOVERY for _ in range(PROBES)], 0.95)
    before, loop_before = _charged(server), _loop_seconds(server)
    with _memory(server) as memory:
        found, recovery = _flooded(server, texts, answers, rate=TIMES * capacity, seconds=seconds, idle=idle)
    return Rush(
        capacity,
        found["wall"],
        found["sent"],
        found["unsent"],
        found["statuses"],
        found["wrong"],
        _charged(server) - before - found["characters"] - recovery.characters,
        memory,
        _loop_seconds(server) - loop_before,
        idle,
        recovery.seconds,
    )


@dataclass(slots=True)
class Recovery:
    seconds: float = RECOVERY
    characters: int = 0


def _flooded(
    server: Server, texts: Sequence[str], answers: Sequence[str], *, rate: float, seconds: float, idle: float
) -> tuple[dict[str, Any], Recovery]:
    order = {
        "host": HOST,
        "port": server.port,
        "path": "/v1/translate",
        "bodies": [json.dumps(body) for body in singles(texts)],
        "texts": list(texts),
        "answers": list(answers),
        "rate": rate,
        "seconds": seconds,
    }
    command = [sys.executable, "-m", "app.bench.flood"]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as flood:
        if flood.stdin is None or flood.stdout is None:
            raise BenchmarkFailed("The flood was started without pipes.")
        json.dump(order, flood.stdin)
        flood.stdin.close()
        json.loads(flood.stdout.readline())
        recovery = _recovered(server, idle=idle)
        return json.loads(flood.stdout.readline()), recovery


def _recovered(server: Server, *, idle: float) -> Recovery:
    """Until a lone sentence is as fast as before."""
    began = time.perf_counter()
    found = Recovery()
    while time.perf_counter() - began < RECOVERY:
        latency = _lone(server)
        found.characters += len(PROBE) if latency is not None else 0
        if latency is not None and latency <= AS_BEFORE * idle:
            found.seconds = time.perf_counter() - began
            break
    return found


def _lone(server: Server) -> float | None:
    """Seconds until one sentence is answered; None where it was refused."""
    connection = HTTPConnection(HOST, server.port, timeout=RECOVERY)
    body = json.dumps({"text": PROBE, "source": "en", "target": "pt"})
    began = time.perf_counter()
    connection.request("POST", "/v1/translate", body, {"Content-Type": "application/json"})
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return time.perf_counter() - began if answer.status == 200 else None


def _charged(server: Server) -> int:
    return int(server.get("/v1/usage")["totals"]["characters"])


def _loop_seconds(server: Server) -> float:
    """CPU time of the process's first thread, which runs the event loop."""
    mine = (each for each in psutil.Process(server.pid).threads() if each.id == server.pid)
    return sum(each.user_time + each.system_time for each in mine)


@contextmanager
def _memory(server: Server) -> Iterator[list[int]]:
    """Looks while the context lasts; the list grows meanwhile."""
    looks: list[int] = [tree_memory(server.pid)]
    over = threading.Event()

    def watch() -> None:
        while not over.wait(LOOK):
            looks.append(tree_memory(server.pid))

    thread = threading.Thread(target=watch, name="memory")
    thread.start()
    try:
        yield looks
    finally:
        over.set()
        thread.join()
