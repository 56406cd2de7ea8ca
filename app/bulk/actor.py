"""What runs on the nodes of a Ray cluster: an engine with a ledger nobody reads. The run's own process charges."""

import os
import tempfile
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path

from pydantic import SecretStr

from app import __version__
from app.bulk.local import fingerprints
from app.errors import ConfigurationError
from app.glossary.matching import PLAIN, Protection
from app.ledger.entry import LedgerEntry
from app.ledger.money import cost_nanos
from app.results import TranslationRequest, TranslationResult
from app.runtime import Runtime, open_runtime
from app.settings import Settings

QUEUE = 100_000_000
"""Tokens that an actor's queue holds: whoever gives it windows sees to it that they are few."""


class EngineActor:
    """`ray.remote` makes an actor of it; all that it is given and gives back is pickled."""

    def __init__(self) -> None:
        self._open = AsyncExitStack()
        self._running: Runtime | None = None
        self._protection = PLAIN

    async def open(
        self, settings: Settings, models: Mapping[str, str], version: str, protection: Protection
    ) -> None:
        """Raises ConfigurationError unless it would translate as the run's own process, whose `models` these are.

        `protection`: of every window; this node has no glossaries.
        """
        folder = self._open.enter_context(tempfile.TemporaryDirectory(prefix="dragoman-"))
        own = {"data_dir": Path(folder), "database_url": SecretStr(""), "blobs": "", "queue_tokens": QUEUE}
        running = await self._open.enter_async_context(
            open_runtime(settings.model_copy(update=own), unlimited=True)
        )
        where = os.uname().nodename
        if version != __version__:
            raise ConfigurationError(f"{where} has Dragoman {__version__}, and the run is of {version}.")
        if fingerprints(running.catalogue) != models:
            raise ConfigurationError(
                f"{where} has other models than this machine. Install the same ones in "
                f"{settings.model_home} on every node."
            )
        self._running, self._protection = running, protection

    async def answer(self, request: TranslationRequest) -> TranslationResult:
        running = self._running
        assert running is not None  # noqa: S101  open comes first
        result = await running.translation.translate(replace(request, protection=self._protection))
        # A text's confidence is that of its segments: app.bodies.
        texts = result.texts if request.scored else tuple(replace(text, segments=()) for text in result.texts)
        return replace(result, texts=texts, entry=_costed(result.entry, running.settings))


def _costed(entry: LedgerEntry, settings: Settings) -> LedgerEntry:
    """The machine's rate buys all of its cores, of which other actors have the others."""
    rate = settings.machine_rate_per_hour
    cost = cost_nanos(entry.compute_ns, rate_per_hour=rate, threads=os.cpu_count() or 1)
    return replace(entry, cost_nanos=cost)
