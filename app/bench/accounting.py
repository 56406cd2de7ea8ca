"""B9: what writing the ledger costs, and knowing requests that are sent again."""

from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial
from itertools import count

from app.bench.corpus import sentences
from app.bench.launch import FORGETFUL
from app.bench.measure import Row, Sample, at_least, collect, compare
from app.bench.plan import Plan
from app.bench.service import Server, dragoman, length, send, singles

TITLE = "Accounting"
ABOUT = (
    "Two servers in one run, 64 single-sentence clients each in turn: one writes every charge to the disk before it "
    "answers, the other reckons the same charges and writes none; two new ones every round, so that what sets one "
    "process apart from another for as long as it lives is not taken for accounting. Then servers that know requests "
    "sent again, by their body or by an Idempotency-Key, and one that does not; no text is sent twice."
)
CLIENTS = 64
MODES = {
    "not": {"DRAGOMAN_REPLAY_WINDOW": "0"},
    "body": {"DRAGOMAN_REPLAY_WINDOW": "300"},
    "key, in memory": {"DRAGOMAN_REPLAY": "memory"},
    "key, stored": {"DRAGOMAN_REPLAY": "stored"},
}


def run(plan: Plan) -> list[Row]:
    texts = sentences(plan.size(512, 256))
    bodies = singles(texts)

    def ask(server: Server) -> Sample:
        return send(server, bodies, clients=CLIENTS, characters=length(texts)).sample

    samples: dict[str, list[Sample]] = {"on": [], "off": []}
    for number in range(plan.rounds):
        with dragoman() as on, dragoman(FORGETFUL) as off:
            contenders = {"on": partial(ask, on), "off": partial(ask, off)}
            for name, found in collect(contenders, rounds=1, seed=plan.seed + number).items():
                samples[name] += found
    written = compare(f"ledger on ÷ off, {CLIENTS} clients", samples, "on", "off", goal=at_least(0.97))
    return [written, *_again(plan)]


def _again(plan: Plan) -> Iterator[Row]:
    texts = sentences(plan.size(512, 256))
    numbers = {name: count() for name in MODES}

    def ask(server: Server, name: str) -> Sample:
        number = next(numbers[name])
        bodies = singles([f"{number}: {text}" for text in texts])
        keys = f"{name}-{number}" if name.startswith("key") else ""
        return send(server, bodies, clients=CLIENTS, characters=length(texts), keys=keys).sample

    with ExitStack() as stack:
        servers = {name: stack.enter_context(dragoman(environment=mode)) for name, mode in MODES.items()}
        contenders = {name: partial(ask, server, name) for name, server in servers.items()}
        samples = collect(contenders, rounds=plan.rounds, seed=plan.seed)
    for name, goal in (("body", at_least(0.97)), ("key, in memory", None), ("key, stored", None)):
        yield compare(f"sent again known by {name} ÷ not, {CLIENTS} clients", samples, name, "not", goal=goal)
