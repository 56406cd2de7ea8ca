"""A Ray cluster: an engine in every actor, fed from here window by window; parts, manifest and ledger stay here."""

import asyncio
import logging
import os
import secrets
import socket
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import Future
from contextlib import asynccontextmanager, contextmanager, redirect_stdout
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

from app import __version__
from app.bulk.actor import EngineActor
from app.bulk.crew import Crew, Lost
from app.bulk.engine import Order
from app.bulk.extras import extra
from app.bulk.local import LocalEngine, enforced, fingerprints, installed_engine, windows_at_once
from app.errors import ConfigurationError, DragomanError
from app.glossary.matching import PLAIN, Protection
from app.ledger.committer import Committer
from app.results import TranslationRequest, TranslationResult
from app.runtime import open_runtime
from app.settings import Settings
from app.tenants.budgets import Budgets
from app.translation import Riders
from batching.errors import BatchingError

AUTO = "auto"
PROBE = 10.0
"""Seconds for a head to take a connection."""
PATIENCE = 60.0
"""Seconds for Ray to join the cluster."""


class ClusterTranslator:
    """Translates there and charges here, so that a window is charged once, whoever answered it and how often."""

    def __init__(self, crew: Crew, committer: Committer, budgets: Budgets) -> None:
        self._crew = crew
        self._committer = committer
        self._budgets = budgets

    async def translate(
        self, request: TranslationRequest, *, riders: Riders | None = None
    ) -> TranslationResult:
        room = self._budgets.held(request.tenant, request.characters, key=request.idempotency_key)
        async with room as held:
            result = await self._crew.answer(request)
            riding = () if riders is None else riders(result)
            charge = replace(result.entry, created_at=datetime.now(UTC))
            recorded = await self._committer.append(charge, riders=(*riding, *held), tallies=result.tallies)
        return replace(result, entry=recorded.entry, duplicate=recorded.duplicate)


class ActorWorker:
    def __init__(self, ray: ModuleType, actor: Any) -> None:
        self._ray = ray
        self._actor = actor

    async def open(self, settings: Settings, models: dict[str, str], protection: Protection) -> None:
        """Raises Lost, and ConfigurationError where that node cannot do it."""
        try:
            await self._asked(self._actor.open.remote(settings, models, __version__, protection))
        except BaseException:
            self.dismiss()
            raise

    async def answer(self, request: TranslationRequest) -> TranslationResult:
        # The actor has the terms since it was opened: they do not go with every window.
        bare = replace(request, protection=PLAIN)
        found: TranslationResult = await self._asked(self._actor.answer.remote(bare))
        return found

    def dismiss(self) -> None:
        self._ray.kill(self._actor)

    async def _asked(self, reference: Any) -> Any:
        errors = self._ray.exceptions
        try:
            return await reference
        except errors.RayTaskError as error:
            if isinstance(error.cause, DragomanError | BatchingError):
                raise error.cause from None
            # Its text may hold text that was sent.
            raise ConfigurationError(
                f"An engine failed on the cluster ({type(error.cause).__name__})."
            ) from None
        except errors.RayError as error:
            raise Lost(type(error).__name__) from error


@asynccontextmanager
async def clustered(settings: Settings, order: Order, *, address: str | None) -> AsyncIterator[LocalEngine]:
    """Raises what app.bulk.local.embedded raises, and ConfigurationError for a cluster that cannot be used."""
    threads = settings.threads or 1
    if address is not None:
        await asyncio.to_thread(_probe, address)
    ray = _imported(alone=address is None)
    async with open_runtime(settings, unlimited=True) as running:
        models = fingerprints(running.catalogue)
        protection = await enforced(running, order)
        with _connected(ray, address):
            size = await asyncio.to_thread(_size, ray, threads)
            remote = ray.remote(num_cpus=threads, max_restarts=0, max_task_retries=0)(EngineActor)

            async def hire() -> ActorWorker:
                worker = ActorWorker(ray, remote.remote())
                await worker.open(settings, models, protection)
                return worker

            each = windows_at_once(threads)
            crew = Crew(hire, size=size, each=each)
            translator = ClusterTranslator(crew, running.committer, running.budgets)
            async with crew.working():
                yield installed_engine(
                    running, order, protection, translator=translator, in_flight=size * each, engines=size
                )


def _imported(*, alone: bool) -> ModuleType:
    """Its environment is read when it is imported."""
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"  # it tells its makers of its use otherwise
    os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")
    if alone:
        # It listens on every address and cannot be told not to: only this run's processes know the token.
        os.environ["RAY_AUTH_MODE"] = "token"
        os.environ["RAY_AUTH_TOKEN"] = secrets.token_hex(32)
    found: ModuleType = extra("ray", "--engine ray", group="ray")
    return found


def _probe(address: str) -> None:
    """Raises ConfigurationError where nobody listens: Ray itself would try for minutes."""
    host, _, port = address.rpartition(":")
    if address == AUTO:
        return
    if "://" in address or not host or not port.isdecimal():
        raise ConfigurationError(
            f"{address} is not the address of a cluster's head: name HOST:PORT (6379, as a rule) or auto, on a "
            "machine that is one of its nodes."
        )
    try:
        socket.create_connection((host.strip("[]"), int(port)), timeout=PROBE).close()
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or "no answer"
        raise ConfigurationError(f"No Ray cluster is reached at {address}: {reason}.") from error


def _within(seconds: float, work: Callable[[], object]) -> None:
    """Raises what `work` does, and TimeoutError: then its thread is left behind, which ends with the process."""
    done: Future[object] = Future()

    def call() -> None:
        try:
            done.set_result(work())
        except BaseException as error:  # noqa: BLE001  raised again where it is waited for
            done.set_exception(error)

    threading.Thread(target=call, name="ray", daemon=True).start()
    done.result(seconds)


@contextmanager
def _connected(ray: ModuleType, address: str | None) -> Iterator[None]:
    """To a cluster that is there, or to one of this machine alone, which ends with the run."""
    wanted = {"address": address or "local", "log_to_driver": False, "logging_level": logging.WARNING}
    if address is None:
        wanted["include_dashboard"] = False
    # It prints what its nodes die of, with lines of their logs, where the translations may go.
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere, redirect_stdout(nowhere):
        try:
            if address is None:
                ray.init(**wanted)
            else:
                _within(PATIENCE, partial(ray.init, **wanted))
        except (ConnectionError, RuntimeError, TimeoutError, ValueError) as error:
            where = address or "this machine"
            reason = str(error) or f"nothing that answers within {PATIENCE:.0f} seconds is a cluster's head"
            raise ConfigurationError(f"No Ray cluster is reached at {where}: {reason}") from error
        try:
            yield
        finally:
            ray.shutdown()


def _size(ray: ModuleType, threads: int) -> int:
    """Actors that the cluster has room for. Raises ConfigurationError for none."""
    nodes = [node["Resources"].get("CPU", 0) for node in ray.nodes() if node["Alive"]]
    size = sum(int(cores // threads) for cores in nodes)
    if not size:
        raise ConfigurationError(f"No node of the cluster has {threads} cores for an engine. Say --threads.")
    return size
