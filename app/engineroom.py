"""Engine room: the models in memory and what feeds them, as the settings want them."""

import os
from pathlib import Path

from app.settings import Settings
from app.telemetry import Telemetry
from app.tuning import tuned_budget
from app.watch import Watch
from batching.dispatcher import Dispatcher
from models.catalogue import Catalogue
from models.contracts import EngineOptions
from models.device import CPU, Device, ThisMachine, choose
from models.footprint import footprint
from models.loader import load
from models.pool import ModelPool
from models.router import Router

ROOM_PATIENCE = 2.0
"""Seconds that a load waits for models in use before it takes one that requests wait for, or exceeds the budget."""

MACHINE = ThisMachine()


def engine_threads(settings: Settings) -> int:
    """The setting, or the cores that this process may use, or one a graphics card. Raises DeviceUnavailable."""
    if settings.threads:
        return settings.threads
    device = _device(settings)
    return len(os.sched_getaffinity(0)) if device.kind == CPU else len(device.indexes)


def engine_options(settings: Settings, *, gives_way: bool = False) -> EngineOptions:
    """Raises DeviceUnavailable."""
    device = _device(settings)
    return EngineOptions(
        engine_threads(settings),
        settings.compute_type,
        settings.beam_size,
        settings.strict_reproducible,
        device.kind,
        device.indexes,
        gives_way and device.kind == CPU,
    )


def pinned(settings: Settings) -> frozenset[str]:
    """Ids of the models that never leave the memory."""
    return frozenset(each.strip() for each in settings.pinned_models.split(",") if each.strip())


def routes_file(settings: Settings) -> Path | None:
    return Path(settings.routes_file) if settings.routes_file else None


def open_pool(settings: Settings, telemetry: Telemetry, *, serves: bool) -> ModelPool:
    """`serves`: whether work comes in by the network. To a worker none does that anybody waits for."""
    options = engine_options(settings, gives_way=serves and settings.role != "worker")
    pool = ModelPool(
        lambda card: load(card, options),
        memory_budget=settings.memory_budget,
        expected=lambda card: footprint(card, options),
        pinned=pinned(settings),
        patience=ROOM_PATIENCE,
        retry=settings.model_retry,
    )
    telemetry.watch(lambda: pool.stock)
    return pool


def open_dispatcher(
    settings: Settings, catalogue: Catalogue, pool: ModelPool, telemetry: Telemetry
) -> Dispatcher:
    return Dispatcher(
        pool,
        threads=engine_threads(settings),
        batch_tokens=settings.batch_tokens,
        batch_segments=settings.batch_segments,
        tuned_tokens=_tuned(settings, catalogue),
        queue_tokens=settings.queue_tokens,
        queue_seconds=settings.queue_seconds,
        patience=settings.engine_timeout,
        cache_bytes=settings.cache_bytes if settings.cache == "tenant" else 0,
        observer=telemetry,
    )


def watch(settings: Settings, router: Router, dispatcher: Dispatcher, pool: ModelPool) -> Watch:
    return Watch(
        router,
        dispatcher,
        pool,
        model_dir=settings.model_home,
        routes_file=routes_file(settings),
        seconds=settings.model_rescan,
    )


def _device(settings: Settings) -> Device:
    indexes = tuple(int(each) for each in settings.device_index.split(",") if each.strip())
    return choose(settings.device, indexes, compute_type=settings.compute_type, machine=MACHINE)


def _tuned(settings: Settings, catalogue: Catalogue) -> dict[str, int]:
    """Budgets that `dragoman bench tune` measured, by model id; a budget the operator set goes before them."""
    if "batch_tokens" in settings.model_fields_set:
        return {}
    found = {card.id: tuned_budget(settings.data_dir, card) for card in catalogue.cards}
    return {model: tokens for model, tokens in found.items() if tokens is not None}
