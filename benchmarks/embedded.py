"""The service inside this process, without HTTP."""

import os
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TypeVar

from app.runtime import Runtime, open_runtime
from app.settings import load_settings
from app.telemetry import Telemetry
from benchmarks.machine import Watch
from benchmarks.measure import Sample
from benchmarks.service import CACHE

T = TypeVar("T")


@asynccontextmanager
async def embedded(*, telemetry: Telemetry | None = None, **settings: object) -> AsyncIterator[Runtime]:
    """A warm Runtime with an empty data directory; no cache unless asked for."""
    CACHE.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=CACHE) as folder:
        chosen = {"cache": "off", "queue_tokens": 100_000_000, **settings}
        loaded = load_settings(data_dir=folder, **chosen)
        async with open_runtime(loaded, telemetry=telemetry, unlimited=True) as running:
            await running.warm()
            yield running


async def sampled(units: float, work: Callable[[], Awaitable[T]]) -> tuple[Sample, T]:
    watch = Watch(os.getpid())
    result = await work()
    return Sample(units, *watch.read()), result
