"""B4: what equal segments save, against what they could save."""

import asyncio
import random
import time
from collections import Counter, defaultdict
from collections.abc import Sequence

from app.bench.corpus import messages, sentences
from app.bench.embedded import embedded, sampled
from app.bench.measure import Row, Sample, at_least, at_most, interleave, ratios, row, strangers
from app.bench.plan import Plan
from app.bench.service import length
from app.runtime import Runtime
from batching.cache import SegmentCache
from batching.work import Outcome, Priority
from models.language import normalise

TITLE = "Equal segments"
ABOUT = (
    "CPU-seconds with every occurrence translated for itself (each under a tenant of its own: tenants share nothing) ÷ "
    "with coalescing and cache, over what the characters promise (all ÷ distinct). Corpora: the bundled messages five "
    "times over, shuffled; a made-up shop catalogue, whose labels repeat and whose titles do not."
)
LABELS = (
    "Add to basket", "In stock", "Out of stock", "Free delivery", "Delivery in three to five working days",
    "Size", "Colour", "Material: cotton", "Material: wool", "Machine wash at 30 degrees", "Made in Portugal",
    "Customers also bought", "Write a review", "No reviews yet", "Show more", "Returns are free within 30 days",
)  # fmt: skip
KINDS = ("shirt", "jacket", "lamp", "table", "chair", "blanket", "bag", "coat", "bowl", "mirror")
TRAITS = ("red", "blue", "green", "small", "large", "light", "heavy", "round", "old", "warm")
WINDOW = 64


def run(plan: Plan) -> list[Row]:
    rows = [asyncio.run(_gain(plan, name, corpus)) for name, corpus in _corpora(plan).items()]
    return [*rows, asyncio.run(_cost(plan)), asyncio.run(_warm(plan))]


def catalogue(products: int, *, seed: int) -> list[str]:
    """Labels by a 1 ÷ rank law, six a product, and a title that is nobody else's."""
    chance = random.Random(seed)  # noqa: S311  a corpus, not a secret
    weights = [1 / rank for rank in range(1, len(LABELS) + 1)]
    texts: list[str] = []
    for number in range(products):
        kind, one, other = chance.choice(KINDS), chance.choice(TRAITS), chance.choice(TRAITS)
        texts.append(f"The {one} and {other} {kind} number {number}")
        texts += chance.choices(LABELS, weights, k=6)
    return texts


def ideal(texts: Sequence[str]) -> float:
    return length(texts) / length(list(set(texts)))


def _corpora(plan: Plan) -> dict[str, list[str]]:
    segments = list(messages())
    repeated = segments[: plan.size(10_000, 150)] * 5
    random.Random(plan.seed).shuffle(repeated)  # noqa: S311
    return {"messages five times": repeated, "catalogue": catalogue(plan.size(300, 100), seed=plan.seed)}


async def _gain(plan: Plan, name: str, corpus: Sequence[str]) -> Row:
    samples: dict[str, list[Sample]] = {"each": [], "shared": []}
    for kind in interleave(list(samples), rounds=plan.rounds, seed=plan.seed):
        cache = "tenant" if kind == "shared" else "off"
        async with embedded(cache=cache) as running:
            samples[kind].append(await _timed(running, corpus, apart=kind == "each"))
    promise = ideal(corpus)
    values = [ratio / promise for ratio in ratios(samples["shared"], samples["each"])]
    note = f"{promise:.2f} × possible"
    foreign = strangers(*samples.values())
    return row(f"{name}: gain ÷ possible gain", values, goal=at_least(0.95), foreign=foreign, note=note)


async def _warm(plan: Plan) -> Row:
    """The service's own path, HTTP left out: detection is declared away, segments and charges are not."""
    texts = sentences(plan.size(2_000, 300))
    values: list[float] = []
    foreign: list[Sample] = []
    for _ in range(plan.rounds):
        async with embedded(cache="tenant") as running:
            first = await _timed(running, texts)
            second = await _timed(running, texts)
        values.append(second.per_wall / first.per_wall)
        foreign.append(first)
    name = "second run of the same distinct texts ÷ first, by wall time"
    return row(name, values, goal=at_least(100), foreign=strangers(foreign))


async def _cost(plan: Plan) -> Row:
    """Reckoned, not raced: two runs of the engine differ by more than the one per cent asked for."""
    texts = sentences(plan.size(1_000, 300))
    values: list[float] = []
    each: list[float] = []
    for _ in range(plan.rounds):
        async with embedded() as running:
            engine = (await _timed(running, texts)).cpu / len(texts)
        each.append(_remembering(texts))
        values.append(100 * each[-1] / engine)
    note = f"{1e6 * min(each):.1f} µs a segment to look up and keep"
    return row("cost where nothing repeats", values, unit="%", goal=at_most(1), note=note)


def _remembering(texts: Sequence[str]) -> float:
    """CPU-seconds a segment takes in an empty cache: looked up, not found, kept."""
    cache = SegmentCache(1 << 26)
    outcomes = [Outcome(text) for text in texts]
    began = time.process_time()
    for text, outcome in zip(texts, outcomes, strict=True):
        # Before it is tokenised, once it is, and when it is done.
        cache.get(cache.place("local", "model", text))
        place = cache.place("local", "model", text)
        cache.get(place)
        cache.put(place, outcome)
    return (time.process_time() - began) / len(texts)


async def _timed(running: Runtime, texts: Sequence[str], *, apart: bool = False) -> Sample:
    """All of it waits at once, so that equal segments meet in the queue or in the cache."""
    route = running.router.route(normalise("en"), normalise("pt"))

    async def submit() -> None:
        windows = _apart(texts) if apart else _windows(texts, "local")
        await asyncio.gather(
            *(
                running.dispatcher.submit(window, route, tenant=tenant, priority=Priority.BULK)
                for tenant, window in windows
            )
        )

    sample, _ = await sampled(length(texts), submit)
    return sample


def _windows(texts: Sequence[str], tenant: str) -> list[tuple[str, Sequence[str]]]:
    return [(tenant, texts[start : start + WINDOW]) for start in range(0, len(texts), WINDOW)]


def _apart(texts: Sequence[str]) -> list[tuple[str, Sequence[str]]]:
    """The first occurrences of all texts for one tenant, the second for another, and so on."""
    seen: Counter[str] = Counter()
    occurrences: defaultdict[int, list[str]] = defaultdict(list)
    for text in texts:
        occurrences[seen[text]].append(text)
        seen[text] += 1
    return [each for number, mine in occurrences.items() for each in _windows(mine, f"tenant-{number}")]
