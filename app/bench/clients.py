"""B1: what single-sentence HTTP clients get of the engine."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial

from app.bench.corpus import sentences
from app.bench.machine import cores
from app.bench.measure import Goal, Row, Sample, at_least, collect, compare
from app.bench.plan import Plan
from app.bench.raw import raw_engine
from app.bench.service import ONCE, Server, dragoman, length, send, singles, whole

TITLE = "Clients over HTTP ÷ the engine alone"
ABOUT = (
    "Characters per server CPU-second against one raw `translate_batch` call over the same sentences, sorted, at its "
    "best token budget, with as many workers as cores. Clients are a closed loop, one sentence a request. The goals "
    "are for equal work: the language is said and nothing is tried again (DRAGOMAN_REPAIR=off), for the raw call "
    "detects nothing and takes whatever comes."
)
GOALS = {8: at_least(0.45), 32: at_least(0.65), 128: at_least(0.85)}
WHOLE = at_least(0.93)
KINDS = {
    "equal": ("en", "off", "the raw engine's work"),
    "en": ("en", "on", "as shipped, source declared"),
    "auto": ("auto", "on", "as shipped, source detected"),
}
"""Source, DRAGOMAN_REPAIR, and what that is."""


def run(plan: Plan) -> list[Row]:
    texts = sentences(plan.size(512, 256))
    with (
        dragoman() as shipped,
        dragoman(environment=ONCE) as bare,
        raw_engine(texts, threads=cores()) as raw,
    ):
        servers = {"on": shipped, "off": bare}
        contenders: dict[str, Callable[[], Sample]] = {"raw": raw.run}
        for kind, (source, repair, _) in KINDS.items():
            ask = partial(_ask, servers[repair])
            one, all_ = singles(texts, source=source), whole(texts, source=source)
            for number in GOALS:
                contenders[f"{kind} {number}"] = partial(ask, one, number, texts)
            contenders[f"{kind} whole"] = partial(ask, all_, 1, texts)
        samples = collect(contenders, rounds=plan.rounds, seed=plan.seed)
    return [
        compare(label, samples, name, "raw", goal=goal, note=raw.note)
        for name, label, goal in _rows(len(texts))
    ]


def _ask(server: Server, bodies: Sequence[object], clients: int, texts: Sequence[str]) -> Sample:
    return send(server, bodies, clients=clients, characters=length(texts)).sample


def _rows(count: int) -> Iterator[tuple[str, str, Goal | None]]:
    for kind, (_, _, label) in KINDS.items():
        for number, goal in GOALS.items():
            yield f"{kind} {number}", f"{number} clients, {label}", goal if kind == "equal" else None
        yield f"{kind} whole", f"one POST of {count} texts, {label}", WHOLE if kind == "equal" else None
