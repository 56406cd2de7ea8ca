"""The service's ways of running, against each other: engine threads, strict repetition, a cold start."""

import os
import subprocess
import time
from collections.abc import Iterator, Sequence
from functools import partial

from app.bench.corpus import sentences
from app.bench.machine import ROOT
from app.bench.measure import Row, Sample, collect, compare, row
from app.bench.plan import Plan
from app.bench.service import PROGRAM, Server, dragoman, length, scratch, send, singles, whole

SHIPPED = "int8"
ARITHMETIC = {
    SHIPPED: {},
    "float32": {"DRAGOMAN_COMPUTE_TYPE": "float32"},
    "int8, beam 4": {"DRAGOMAN_BEAM_SIZE": "4"},
}
STRICT = {"DRAGOMAN_STRICT_REPRODUCIBLE": "true"}


def threads(plan: Plan) -> Iterator[Row]:
    texts = sentences(plan.size(1_024, 384))

    def ask(server: Server) -> Sample:
        return send(server, whole(texts), clients=1, characters=length(texts)).sample

    one, two = ({"DRAGOMAN_THREADS": str(number)} for number in (1, 2))
    with dragoman(environment=one) as narrow, dragoman(environment=two) as wide:
        contenders = {"two": lambda: ask(wide), "one": lambda: ask(narrow)}
        samples = collect(contenders, rounds=plan.rounds, seed=plan.seed)
    yield compare("two engine threads ÷ one, one POST", samples, "two", "one", goal=None)


def strict(plan: Plan) -> Iterator[Row]:
    """What DRAGOMAN_STRICT_REPRODUCIBLE costs."""
    for label, mode in ARITHMETIC.items():
        texts = sentences(plan.size(512 if label == SHIPPED else 64, 48))

        def ask(server: Server, clients: int, *, texts: Sequence[str] = texts) -> Sample:
            bodies = whole(texts) if clients == 1 else singles(texts)
            return send(server, bodies, clients=clients, characters=length(texts)).sample

        with dragoman(environment=mode) as free, dragoman(environment={**mode, **STRICT}) as exact:
            for clients in (1, 64) if label == SHIPPED else (1,):
                contenders = {"strict": partial(ask, exact, clients), "free": partial(ask, free, clients)}
                samples = collect(contenders, rounds=plan.rounds, seed=plan.seed)
                how = f"one POST of {len(texts)} texts" if clients == 1 else f"{clients} clients"
                yield compare(
                    f"strict repetition ÷ none, {label}, {how}", samples, "strict", "free", goal=None
                )


def start(plan: Plan) -> Row:
    """From the process's start to the answer, `/readyz` awaited in between."""
    seconds: list[float] = []
    for _ in range(plan.rounds):
        with dragoman() as server:
            first = send(server, whole(["Good morning."]), clients=1, characters=13)
            seconds.append(server.started + first.latencies[0])
    return row("cold start to the first translation, over HTTP", seconds, unit="s")


def command(plan: Plan) -> Row:
    """From the process's start to its end, which comes right after the translation."""
    seconds: list[float] = []
    for _ in range(plan.rounds):
        with scratch() as folder:
            began = time.perf_counter()
            subprocess.run(
                [*PROGRAM, "translate", "--from", "en", "--to", "pt", "Good morning."],
                cwd=ROOT,
                env={**os.environ, "DRAGOMAN_DATA_DIR": str(folder)},
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                check=True,
            )
            seconds.append(time.perf_counter() - began)
    return row("cold start to the first translation, `dragoman translate`", seconds, unit="s")
