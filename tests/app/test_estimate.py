"""A forecast against what the same work then comes to, on the sample corpus and on made-up ones."""

import asyncio
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from app import estimate
from app.bulk.engine import Order
from app.bulk.local import LocalEngine
from app.ledger.forecast import Actual, Forecast
from app.ledger.pricelists import add_list
from app.ledger.prices import PriceList, Tier
from app.ledger.report import UsageRow, usage
from app.runtime import Runtime, open_runtime
from app.settings import Settings
from batching.lane import Lane, Translations
from models.contracts import Backend, TokenizedSegment
from tests.app.serving import write_card

MESSAGES = Path(__file__).parents[2] / "examples" / "messages.jsonl"
ABOUT_RIGHT = 0.1
"""Of the engine time of one half of the corpus, by that of the other: texts differ in tokens a character."""
A_TOKEN = 250_000
"""Nanoseconds."""


def sample() -> list[str]:
    return [json.loads(line)["text"] for line in MESSAGES.read_text(encoding="utf-8").splitlines()]


def windows(texts: Sequence[str]) -> list[list[str]]:
    return [list(texts[n : n + 64]) for n in range(0, len(texts), 64)]


async def translated(running: Runtime, texts: Sequence[str], target: str, *, job: str) -> None:
    engine = LocalEngine(
        running.translation,
        Order(job, target),
        in_flight=8,
        queue_tokens=running.settings.queue_tokens,
        models={},
        terms={},
    )
    for number, window in enumerate(windows(texts)):
        await engine.translate(window, number)


def estimated(running: Runtime, texts: Sequence[str], target: str, source: str | None = None) -> Forecast:
    begun = running.estimator.begin(
        target=target, source=source, candidates=None, tenant="local", batched=True
    )
    for window in windows(texts):
        begun.add(window)
    return begun.forecast()


def actual(running: Runtime) -> UsageRow:
    return usage(running.database, tenant="local", currency="GBP").totals


def weightless(tmp_path: Path, *cards: tuple[str, str], **settings: object) -> Settings:
    for source, target in cards:
        write_card(tmp_path / "models", f"identity-{source}-{target}", (source, target))
    return Settings(data_dir=tmp_path / "data", model_dir=tmp_path / "models", **settings)  # type: ignore[arg-type]


async def test_the_sample_corpus_is_forecast_to_the_character(tmp_path: Path) -> None:
    settings = weightless(tmp_path, ("pt", "en"), price_per_million=Decimal("8.06"))
    async with open_runtime(settings, unlimited=True) as running:
        texts = [*sample(), *sample()[:40]]
        forecast = await asyncio.to_thread(estimated, running, texts, "en")
        assert usage(running.database, tenant=None, currency="GBP").totals.requests == 0
        await translated(running, texts, "en", job="sample")
        done = actual(running)
    assert forecast.texts == len(texts)
    assert forecast.characters == done.characters
    assert forecast.billed_characters == done.billed_characters
    assert forecast.unchanged_characters == done.unchanged_characters
    assert forecast.failed_characters == done.failed_characters
    assert forecast.segments == done.segments
    assert forecast.repeats == done.cached_segments > 40
    assert forecast.price_nanos == done.price_nanos > 0


async def test_price_lists_with_tiers_price_a_forecast_as_they_price_a_charge(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(estimate, "TOGETHER", 2)
    settings = weightless(tmp_path, ("pt", "en"))
    now = datetime.now(UTC)
    async with open_runtime(settings, unlimited=True) as running:
        tiers = (Tier(0, Decimal(10)), Tier(9_000, Decimal("2.5")))
        add_list(running.database, PriceList("tiers", now, None, ("pt", "en"), "GBP", now, None, tiers))
        await translated(running, sample()[:50], "en", job="earlier")
        before = actual(running)
        forecast = await asyncio.to_thread(estimated, running, sample()[50:], "en")
        await translated(running, sample()[50:], "en", job="sample")
        done = actual(running)
    assert forecast.price_nanos == done.price_nanos - before.price_nanos > 0


@pytest.fixture
def steady(monkeypatch: pytest.MonkeyPatch) -> None:
    """An engine that takes the same for every token, whatever else the machine does."""
    translate = Lane._translate

    def timed(
        lane: Lane, segments: list[TokenizedSegment], entered: list[Backend]
    ) -> tuple[Translations, int]:
        translations, _ = translate(lane, segments, entered)
        return translations, A_TOKEN * sum(len(segment.tokens) for segment in segments)

    monkeypatch.setattr(Lane, "_translate", timed)


@pytest.mark.usefixtures("steady")
async def test_engine_time_follows_what_this_ledger_measured(tmp_path: Path) -> None:
    """Calibrated on one half of the corpus and held against the other."""
    async with open_runtime(Settings(data_dir=tmp_path), unlimited=True) as running:
        portuguese = [text for text in sample() if any(letter in text for letter in "ãçéó")]
        await translated(running, portuguese[::2], "en", job="calibration")
        before = actual(running)
        forecast = await asyncio.to_thread(estimated, running, portuguese[1::2], "en")
        await translated(running, portuguese[1::2], "en", job="rest")
        done = actual(running)
    assert "the ledger" in forecast.pairs[0].speed
    compute = (done.compute_ns - before.compute_ns) / 1e9
    assert abs(forecast.compute.value / compute - 1) < ABOUT_RIGHT
    assert abs(forecast.cost.value / (done.cost_nanos - before.cost_nanos) - 1) < ABOUT_RIGHT


async def test_a_pivot_takes_two_passes(tmp_path: Path) -> None:
    settings = weightless(tmp_path, ("hu", "en"), ("en", "pt"), ("pt", "en"))
    async with open_runtime(settings, unlimited=True) as running:
        pivot = estimated(running, ["Jó napot kívánok."], "pt", "hu")
        direct = estimated(running, ["Bom dia a todos."], "en", "pt")
    assert (pivot.pivot_factor, direct.pivot_factor) == (2.0, 1.0)
    assert pivot.pairs[0].route == ("hu", "en", "pt")


async def test_missing_routes_are_named_with_what_could_be_installed(tmp_path: Path) -> None:
    async with open_runtime(Settings(data_dir=tmp_path), unlimited=True) as running:
        hungarian = "A vonat reggel nyolckor indul a pályaudvarról."
        forecast = estimated(running, [hungarian, "Bom dia, onde fica a estação de comboios?"], "en")
    (missing,) = forecast.missing
    assert (missing.source, missing.target, missing.characters) == ("hu", "en", len(hungarian))
    assert "OPUS-MT publishes hu-en" in missing.reason
    assert forecast.failed_characters == len(hungarian)
    assert forecast.languages.keys() == {"pt", "hu"}


async def test_the_first_forecast_says_that_its_speed_is_built_in(tmp_path: Path) -> None:
    async with open_runtime(Settings(data_dir=tmp_path), unlimited=True) as running:
        forecast = estimated(running, sample(), "en")
    (pair,) = [pair for pair in forecast.pairs if pair.models]
    assert "built-in figure" in pair.speed
    assert forecast.compute.low < forecast.compute.value < forecast.compute.high
    assert forecast.cost.low < forecast.cost.value < forecast.cost.high


async def test_nothing_comes_to_nothing(tmp_path: Path) -> None:
    async with open_runtime(Settings(data_dir=tmp_path), unlimited=True) as running:
        forecast = estimated(running, [], "en")
        assert (forecast.characters, forecast.price_nanos, forecast.compute.value) == (0, 0, 0.0)
        assert estimated(running, ["", "1234"], "en").unchanged_characters == 4


@pytest.mark.parametrize("off", [0.0, 0.1, -0.2])
async def test_a_forecast_is_held_against_what_happened(tmp_path: Path, off: float) -> None:
    async with open_runtime(weightless(tmp_path, ("pt", "en")), unlimited=True) as running:
        forecast = estimated(running, sample()[:10], "en")
    happened = Actual(
        characters=forecast.characters,
        billed_characters=forecast.billed_characters,
        segments=forecast.segments,
        price_nanos=forecast.price_nanos,
        cost_nanos=round(forecast.cost.value),
        compute_seconds=forecast.compute.value,
        seconds=forecast.seconds.value / (1 + off),
    )
    deviations = {each.measure: each for each in forecast.compare(happened)}
    assert all(each.within for each in deviations.values())
    assert deviations["characters"].share == 0.0
    assert deviations["seconds"].share == pytest.approx(off)
