"""B6: MarianMT under transformers on torch's CPU build, the starter model's own checkpoint."""

import json
from collections.abc import Sequence
from pathlib import Path

from sacrebleu import corpus_chrf

from app.bench.corpus import sentences
from app.bench.measure import Row, Sample, at_least, at_most, collect, compare, once, skipped
from app.bench.plan import Plan
from app.bench.service import ONCE, Server, dragoman, length, send, whole
from app.bench.worker import Worker, working
from benchmarks.peers import program
from benchmarks.texts import aligned, shared

PEER = "transformers"
TITLE = "Dragoman ÷ transformers' MarianMT"
ABOUT = (
    "The embedded English-Portuguese model as its float32 checkpoint, greedy, one torch thread (its best by "
    "CPU-second), sentences sorted by length in batches of 32, or one at a time; against one POST of all to Dragoman. "
    "The goals are for equal work: nothing is tried again (DRAGOMAN_REPAIR=off), for transformers tries nothing again. "
    "By wall time one thread stands against all of ours."
)
GOALS = {"batched": at_least(5), "one by one": at_least(15)}


def run(plan: Plan) -> list[Row]:
    checkpoint = _checkpoint()
    python = program(PEER, "python")
    if python is None or checkpoint is None:
        why = "transformers is not installed: make bench-peers" if checkpoint else "no ../shared/starter-hf"
        return [skipped(name, why, goal=goal) for name, goal in GOALS.items()]
    texts = sentences(plan.size(256, 96))
    few = texts[: plan.size(64, 24)]
    command = [str(python), "-m", "benchmarks.marian_worker", str(checkpoint)]
    with dragoman() as server, dragoman(environment=ONCE) as equal, working(command) as peer:
        contenders = {
            "ours": lambda: send(server, whole(texts), clients=1, characters=length(texts)).sample,
            "equal": lambda: send(equal, whole(texts), clients=1, characters=length(texts)).sample,
            "batched": lambda: _ask(peer, texts, batched=True),
            "one by one": lambda: _ask(peer, few, batched=False),
        }
        samples = collect(contenders, rounds=plan.rounds, seed=plan.seed)
        quality = _quality(plan, server, peer)
    judged = [compare(name, samples, "equal", name, goal=goal) for name, goal in GOALS.items()]
    shipped = [compare(f"{name}, as shipped", samples, "ours", name, goal=None) for name in GOALS]
    return [*judged, *shipped, quality]


def _ask(peer: Worker, texts: Sequence[str], *, batched: bool) -> Sample:
    return peer.timed(length(texts), texts=list(texts), batched=batched)[0]


def _quality(plan: Plan, server: Server, peer: Worker) -> Row:
    name = "chrF lost to int8"
    pairs = aligned(plan.size(400, 64))
    if not pairs:
        return skipped(name, "no references (../shared/data/flores)")
    texts, references = ([pair[side] for pair in pairs] for side in (0, 1))
    reply = send(server, whole(texts), clients=1, characters=1, keep=True).replies[0]
    mine = [str(each["text"]) for each in json.loads(reply)["translations"]]
    theirs = peer.ask(texts=texts, batched=True)["replies"]
    scores = [corpus_chrf(outputs, [references]).score for outputs in (mine, theirs)]
    note = f"{scores[0]:.2f} against {scores[1]:.2f} on {len(pairs)} sentences of FLORES"
    return once(name, scores[1] - scores[0], unit="points", goal=at_most(0.3), note=note)


def _checkpoint() -> Path | None:
    folder = shared()
    return folder / "starter-hf" / "en-pt" if folder and (folder / "starter-hf").exists() else None
