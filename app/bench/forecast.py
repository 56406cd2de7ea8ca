"""B12: how near a forecast of the sample corpus comes to what the engine then takes."""

import json
import time
from collections.abc import Sequence

from app.bench.corpus import MESSAGES
from app.bench.measure import Row, at_most, row
from app.bench.plan import Plan
from app.cli.budgets import batches, segments
from app.errors import ConfigurationError
from app.pace import PIECES, pieces
from app.segmentation import split
from batching.budget import Budget
from models.catalogue import installed
from models.contracts import Backend, EngineOptions, LanguagePair
from models.loader import load

TITLE = "Forecast"
ABOUT = (
    "CPU-seconds a character forecast from the built-in sentences (which `bench tune` measures) over those that the "
    "distinct segments of the sample corpus take: one thread, batches of 1,024 padded tokens, in turns. Characters, "
    "segments and price of a forecast are exact, which tests see to."
)
PAIRS = {"starter-pt-en": LanguagePair("pt", "en"), "starter-en-pt": LanguagePair("en", "pt")}
BUDGET = Budget(1024)


def run(plan: Plan) -> list[Row]:
    return [_row(model, pair, plan) for model, pair in PAIRS.items()]


def sample(language: str) -> list[str]:
    """Distinct segments."""
    if not MESSAGES.exists():
        raise ConfigurationError(f"{MESSAGES} is not there: run this benchmark in a checkout.")
    records = [json.loads(line) for line in MESSAGES.read_text(encoding="utf-8").splitlines()]
    texts = [each["text"] for each in records if each["language"] == language]
    return list(
        dict.fromkeys(text[part.start : part.end] for text in texts for part in split(text, language))
    )


def _row(model: str, pair: LanguagePair, plan: Plan) -> Row:
    card = installed(None).card(model)
    if card is None:
        raise LookupError(model)
    backend = load(card, EngineOptions())
    known, coming = segments(pair.source, plan.size(512, 256)), sample(pair.source)
    _rate(backend, known, pair)
    denser = sum(map(pieces, coming)) / PIECES / sum(map(len, coming))
    off = [
        abs(_rate(backend, known, pair) * denser / _rate(backend, coming, pair) - 1)
        for _ in range(plan.rounds)
    ]
    return row(f"{pair}, off by", off, unit="of it", goal=at_most(0.15))


def _rate(backend: Backend, texts: Sequence[str], pair: LanguagePair) -> float:
    """CPU-seconds a character."""
    tokens = backend.tokenize(texts, pair)
    started = time.process_time()
    for batch in batches(tokens, BUDGET):
        backend.translate(batch)
    return (time.process_time() - started) / sum(map(len, texts))
