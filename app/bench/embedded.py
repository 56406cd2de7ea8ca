"""The service inside this process, without HTTP."""

import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TypeVar

from app.bench.machine import Watch
from app.bench.measure import Sample
from app.bench.service import scratch
from app.runtime import Runtime, open_runtime
from app.settings import load_settings
from app.telemetry import Telemetry

T = TypeVar("T")


@asynccontextmanager
async def embedded(
    *, telemetry: Telemetry | None = None, unlimited: bool = True, **settings: object
) -> AsyncIterator[Runtime]:
    """A warm Runtime with an empty data directory; no cache unless asked for."""
    with scratch() as folder:
        chosen = {"cache": "off", "queue_tokens": 100_000_000, **settings}
        loaded = load_settings(data_dir=folder, **chosen)
        async with open_runtime(loaded, telemetry=telemetry, unlimited=unlimited) as running:
            await running.warm()
            yield running


async def sampled(units: float, work: Callable[[], Awaitable[T]]) -> tuple[Sample, T]:
    watch = Watch(os.getpid())
    result = await work()
    return Sample(units, *watch.read()), result
