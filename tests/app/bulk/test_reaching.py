"""A cluster that is not there: said within bounds, whatever listens at its address."""

import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from app.bulk import ray
from app.bulk.engine import Order
from app.errors import ConfigurationError
from app.settings import Settings


@pytest.fixture
def silent() -> Iterator[str]:
    """Takes connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield f"127.0.0.1:{listening.getsockname()[1]}"


async def reached(folder: Path, address: str) -> None:
    async with ray.clustered(Settings(data_dir=folder), Order("job", "en", "pt"), address=address):
        pass


@pytest.mark.parametrize("address", ["local", "head", "ray://head:10001", "head:x", "head:"])
async def test_what_is_no_address_is_refused(tmp_path: Path, address: str) -> None:
    with pytest.raises(ConfigurationError, match="is not the address of a cluster's head"):
        await reached(tmp_path, address)


async def test_nobody_listens(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        address = f"127.0.0.1:{listening.getsockname()[1]}"
    with pytest.raises(ConfigurationError, match=r"No Ray cluster is reached at 127\.0\.0\.1:"):
        await reached(tmp_path, address)


async def test_who_listens_is_no_head(tmp_path: Path, silent: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ray itself was seen trying for more than two minutes."""
    ended = threading.Event()

    def init(**_: Any) -> None:
        ended.wait()

    fake = ModuleType("ray")
    fake.init = init  # type: ignore[attr-defined]
    monkeypatch.setattr(ray, "_imported", lambda **_: fake)
    monkeypatch.setattr(ray, "PATIENCE", 0.05)
    try:
        with pytest.raises(ConfigurationError, match="nothing that answers within"):
            await reached(tmp_path, silent)
    finally:
        ended.set()
