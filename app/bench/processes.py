"""One process with an engine thread a core, against a process a core with one each: why there is no `--workers`."""

import os
import statistics
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

from app.bench.corpus import sentences
from app.bench.machine import tree_memory
from app.bench.measure import Row, Sample, collect, compare, once
from app.bench.plan import Plan
from app.bench.service import Server, dragoman, length, send, singles

CLIENTS = (16, 64)
PROCESSES = 2


def processes(plan: Plan) -> Iterator[Row]:
    """The clients are split evenly between the processes, which a shared port would do less evenly."""
    texts = sentences(plan.size(512, 128))
    one, each = ({"DRAGOMAN_THREADS": str(number)} for number in (PROCESSES, 1))
    with dragoman(environment=one) as whole, dragoman(environment=each) as a, dragoman(environment=each) as b:
        parts = (a, b)
        for clients in CLIENTS:
            contenders = {
                "one": lambda clients=clients: _ask([whole], texts, clients=clients),
                "parts": lambda clients=clients: _ask(parts, texts, clients=clients),
            }
            before = _engine_calls(parts), _engine_calls([whole])
            samples = collect(contenders, rounds=plan.rounds, seed=plan.seed)
            fills = [
                _fill(_engine_calls(found), since)
                for found, since in zip((parts, [whole]), before, strict=True)
            ]
            note = f"{fills[0]:.1f} and {fills[1]:.1f} segments an engine call"
            name = f"{PROCESSES} processes of one engine thread ÷ one of {PROCESSES}, {clients} clients"
            yield compare(name, samples, "parts", "one", goal=None, note=note)
        memory = sum(tree_memory(part.pid) for part in parts) / tree_memory(whole.pid)
        yield once(f"{PROCESSES} processes ÷ one, resident memory", memory, unit="×")


def _ask(servers: Sequence[Server], texts: Sequence[str], *, clients: int) -> Sample:
    """The servers' CPU time together, from the first request to the last answer of either."""
    shares = [texts[number :: len(servers)] for number in range(len(servers))]

    def ask(server: Server, mine: Sequence[str]) -> Sample:
        return send(server, singles(mine), clients=clients // len(servers), characters=length(mine)).sample

    with ThreadPoolExecutor(len(servers)) as senders:
        samples = list(senders.map(ask, servers, shares))
    wall, cpu = max(each.wall for each in samples), sum(each.cpu for each in samples)
    # To each of them the others are strangers.
    strange = statistics.mean(
        each.foreign - (cpu - each.cpu) / (each.wall * (os.cpu_count() or 1)) for each in samples
    )
    return Sample(length(texts), wall, cpu, max(0.0, strange))


def _engine_calls(servers: Sequence[Server]) -> tuple[float, float]:
    """Engine calls so far, and segments in them."""
    counted = [_counters(server) for server in servers]
    return sum(calls for calls, _ in counted), sum(segments for _, segments in counted)


def _counters(server: Server) -> tuple[float, float]:
    lines = server.text("/metrics").splitlines()
    sums = [
        sum(float(line.rsplit(" ", 1)[1]) for line in lines if line.startswith(f"dragoman_{name}_total{{"))
        for name in ("batches", "segments")
    ]
    return sums[0], sums[1]


def _fill(now: tuple[float, float], since: tuple[float, float]) -> float:
    return (now[1] - since[1]) / max(1.0, now[0] - since[0])
