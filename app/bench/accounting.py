"""B9: what writing the ledger costs."""

from app.bench.corpus import sentences
from app.bench.launch import FORGETFUL
from app.bench.measure import Row, Sample, at_least, collect, compare
from app.bench.plan import Plan
from app.bench.service import Server, dragoman, length, send, singles

TITLE = "Accounting"
ABOUT = (
    "Two servers in one run, 64 single-sentence clients each in turn: one writes every charge to the disk before it "
    "answers, the other reckons the same charges and writes none."
)
CLIENTS = 64


def run(plan: Plan) -> list[Row]:
    texts = sentences(plan.size(512, 256))
    bodies = singles(texts)

    def ask(server: Server) -> Sample:
        return send(server, bodies, clients=CLIENTS, characters=length(texts)).sample

    with dragoman() as on, dragoman(FORGETFUL) as off:
        contenders = {"on": lambda: ask(on), "off": lambda: ask(off)}
        samples = collect(contenders, rounds=plan.rounds, seed=plan.seed)
    return [compare(f"ledger on ÷ off, {CLIENTS} clients", samples, "on", "off", goal=at_least(0.97))]
