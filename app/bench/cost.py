"""B7: what a million characters cost in machine time, beside what others charge for them."""

from collections.abc import Sequence

from app.bench.corpus import sentences
from app.bench.measure import Row, Sample, Verdict, at_most, collect, row, strangers
from app.bench.plan import Plan
from app.bench.service import Server, dragoman, length, send, singles, whole

TITLE = "Cost of a million characters"
VCPU_HOUR = 0.085 / 2
"""Dollars: c6i.large, 2 vCPU, at $62.05 a month of 730 hours (PERFORMANCE.md, section 1)."""
ABOUT = (
    f"CPU-seconds of the whole server × ${VCPU_HOUR:.4f} a vCPU-hour (a 2-vCPU c6i.large at $0.085 an hour, list price "
    "in infracost's output). A machine that is 10 % busy costs ten times as much a character. The embedded models are "
    "tiny ones: the list prices buy another quality and every language."
)
PRICES = {
    "Google Cloud Translation, list price": (20.0, "$", "cloud.google.com/translate/pricing"),
    "a police programme's own figure": (8.06, "£", "1,700 pounds for 211 million characters"),
}
USES = (1.0, 0.5, 0.1)


def run(plan: Plan) -> list[Row]:
    texts = sentences(plan.size(512, 256))
    with dragoman() as server:
        contenders = {
            "one POST": lambda: _ask(server, whole(texts), 1, texts),
            "32 clients": lambda: _ask(server, singles(texts), 32, texts),
        }
        samples = collect(contenders, rounds=plan.rounds, seed=plan.seed)
    rows = [_row(name, samples[name], use) for name in contenders for use in USES]
    return rows + [
        Row(name, price, currency, None, Verdict.MEASURED, None, note=f"stated: {source}")
        for name, (price, currency, source) in PRICES.items()
    ]


def dollars(sample: Sample, *, use: float) -> float:
    """Of a million characters, on a machine busy for `use` of its time."""
    return 1e6 / sample.per_cpu / 3600 * VCPU_HOUR / use


def _ask(server: Server, bodies: list[object], clients: int, texts: list[str]) -> Sample:
    return send(server, bodies, clients=clients, characters=length(texts)).sample


def _row(name: str, samples: Sequence[Sample], use: float) -> Row:
    goal = at_most(0.0015) if use == 1.0 else None
    values = [dollars(sample, use=use) for sample in samples]
    return row(f"{name}, {use:.0%} busy", values, unit="$", goal=goal, foreign=strangers(samples))
