"""Many clients with one sentence each fill batches together, and nobody can tell from the answers."""

import json
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from tests.app.serving import Service, serving
from tests.conftest import Flores
from tests.databases import Places

pytestmark = pytest.mark.alone

MESSAGES = Path(__file__).parents[3] / "examples" / "messages.jsonl"
CLIENTS = 64
FLOOR = 2.0
"""Below what a machine with a neighbour does; 3 to 4 were measured on two cores that the clients share."""
TRIES = 3
"""A neighbour that comes or goes between the two measurements spoils the ratio, so the best try counts."""


@pytest.fixture(scope="module")
def service(homes: Places) -> Iterator[Service]:
    """Refuses nobody, however slow neighbours make the machine."""
    with homes.fresh() as home:
        settings = home.settings(cache="off", replay_window=0, queue_seconds=600)
        with serving(settings) as running:
            yield running


def short_messages() -> list[str]:
    with MESSAGES.open(encoding="utf-8") as lines:
        found = [json.loads(line) for line in lines]
    texts = dict.fromkeys(each["text"] for each in found if each["language"] == "pt")
    return [text for text in texts if 40 < len(text) < 200][:64]


def answers(service: Service, texts: Sequence[str], *, clients: int, target: str) -> tuple[list[str], float]:
    """Each text's translation, sent in a request of its own, and the seconds all of them took."""
    limits = httpx.Limits(max_connections=clients)
    with (
        httpx.Client(base_url=service.client.base_url, timeout=60, limits=limits, trust_env=False) as client,
        ThreadPoolExecutor(clients) as executor,
    ):

        def ask(text: str) -> str:
            body = {"text": text, "target": target}
            (found,) = client.post("/v1/translate", json=body).json()["translations"]
            return str(found["text"])

        started = time.perf_counter()
        return list(executor.map(ask, texts)), time.perf_counter() - started


def gain(service: Service, texts: Sequence[str], *, target: str) -> float:
    """How many times the throughput of one client many have. Their answers must be the same."""
    alone, seconds_alone = answers(service, texts, clients=1, target=target)
    together, seconds_together = answers(service, texts, clients=CLIENTS, target=target)
    assert together == alone
    return seconds_alone / seconds_together


def assert_batching_pays(service: Service, texts: Sequence[str], *, target: str) -> None:
    answers(service, texts[:8], clients=8, target=target)
    gains = (gain(service, texts, target=target) for _ in range(TRIES))
    assert any(each > FLOOR for each in gains)


def test_many_clients_share_batches(service: Service) -> None:
    assert_batching_pays(service, short_messages(), target="en")


@pytest.mark.shared
@pytest.mark.parametrize(("code", "target"), [("por", "en"), ("eng", "pt")])
def test_many_clients_share_batches_on_unseen_lines(
    service: Service, flores: Flores, code: str, target: str
) -> None:
    assert_batching_pays(service, flores(code, 64), target=target)
