"""A Dragoman that listens: the real app behind the real uvicorn, in a thread."""

import asyncio
import json
import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from fastapi import FastAPI

from app.main import create_app
from app.otlp import CollectedTraces
from app.runtime import Runtime
from app.server import configured
from app.settings import Settings
from models.contracts import TokenizedSegment, Translation
from models.reverse import IdentityBackend
from tests import leaks

PATIENCE = 60.0
"""Seconds after which a test that waits for an event gives up."""


@dataclass(frozen=True, slots=True)
class Service:
    app: FastAPI
    client: httpx.Client
    address: tuple[str, int]

    @property
    def runtime(self) -> Runtime:
        running: Runtime = self.app.state.runtime
        return running

    def translate(self, text: str | Sequence[str], target: str = "en", **more: Any) -> dict[str, Any]:
        """The body of a reply that is expected to be 200."""
        answer = self.client.post("/v1/translate", json={"text": text, "target": target, **more})
        assert answer.status_code == 200, answer.text
        body: dict[str, Any] = answer.json()
        return body

    def usage(self, **query: str) -> dict[str, Any]:
        body: dict[str, Any] = self.client.get("/v1/usage", params=query).json()
        return body

    def metric(self, name: str) -> float:
        lines = self.client.get("/metrics").text.splitlines()
        return sum(float(line.rsplit(" ", 1)[1]) for line in lines if line.startswith(name))


class _Server(uvicorn.Server):
    """Says when it listens and its models are warm, so that nobody polls."""

    def __init__(self, app: FastAPI, settings: Settings) -> None:
        super().__init__(configured(app, settings))
        self.up = threading.Event()
        self._app = app

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        try:
            await super().startup(sockets)
            await asyncio.wait({self._app.state.warming})
        finally:
            self.up.set()


@contextmanager
def serving(settings: Settings) -> Iterator[Service]:
    spans = leaks.Spans()
    app = create_app(settings, traces=None if settings.traces_endpoint else CollectedTraces(spans))
    server = _Server(app, settings)
    # The protocol is named because asyncio sets TCP_NODELAY on sockets that say TCP only; without it an answer
    # waits 40 ms for the client's acknowledgement. socket.create_server does not say.
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listener:
        listener.bind(("127.0.0.1", 0))
        address: tuple[str, int] = listener.getsockname()
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            assert server.up.wait(PATIENCE)
            base = f"http://127.0.0.1:{address[1]}"
            with httpx.Client(base_url=base, timeout=PATIENCE, trust_env=False) as client:
                yield Service(app, client, address)
            leaks.check("/metrics", app.state.runtime.telemetry.exposition().decode())
            leaks.check("traces", "\n".join(spans.said))
        finally:
            server.should_exit = True
            thread.join(PATIENCE)


def write_card(folder: Path, model: str, *pairs: tuple[str, str], architecture: str = "identity") -> Path:
    """A model without weights in a folder of its own, which goes before an embedded one for the same pair."""
    place = folder / model
    place.mkdir(parents=True)
    card = {
        "id": model,
        "architecture": architecture,
        "pairs": [{"source": source, "target": target} for source, target in pairs],
    }
    (place / "card.json").write_text(json.dumps(card), encoding="utf-8")
    return place


@dataclass(slots=True)
class Gate:
    """An engine that stands still until told to go on."""

    entered: threading.Event = field(default_factory=threading.Event)
    opened: threading.Event = field(default_factory=threading.Event)


class GatedBackend(IdentityBackend):
    def __init__(self, gate: Gate) -> None:
        self._gate = gate

    def translate(self, batch: Sequence[TokenizedSegment]) -> list[Translation]:
        self._gate.entered.set()
        assert self._gate.opened.wait(PATIENCE)
        return super().translate(batch)
