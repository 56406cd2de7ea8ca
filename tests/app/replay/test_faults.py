"""Killed at any point, sent again blindly: what was delivered is billed, once, and every answer is the right one.

For each seed a few different requests are sent, each by one to three clients at once that know nothing of each other,
some with a key and some without, some giving up after milliseconds, all of them trying again until they have
an answer; meanwhile the service is killed with SIGKILL at one of seven named points, or at two.
"""

import asyncio
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import httpx
import pytest

from app.settings import Settings
from tests.app.cli.program import ROOT, environment
from tests.app.replay.mortal import POINTS
from tests.app.serving import PATIENCE, serving, write_card

REQUESTS = 3
"""Different ones of a seed."""
WORDS = "van left the yard north gate open after dark two men were seen near an old mill by river"


@dataclass(frozen=True, slots=True)
class Mortal:
    replicas: Sequence[httpx.AsyncClient]
    orders: Path
    """Of the first; the others live on."""

    async def usage(self) -> dict[str, Any]:
        """Asked again when the service dies under the question."""
        while True:
            try:
                totals: dict[str, Any] = (await self.replicas[0].get("/v1/usage")).json()["totals"]
            except httpx.TransportError:
                continue
            return totals


@dataclass(frozen=True, slots=True)
class Sent:
    """One request, however many clients send it however often."""

    text: str
    key: str | None

    @property
    def body(self) -> dict[str, str]:
        return {"text": self.text, "source": "en", "target": "pt"}

    @property
    def headers(self) -> dict[str, str]:
        return {} if self.key is None else {"Idempotency-Key": self.key}


@pytest.fixture(scope="module")
def reverse_models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models")
    write_card(folder, "reverse-en-pt", ("en", "pt"), architecture="reverse")
    return folder


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory, reverse_models: Path) -> Iterator[Any]:
    """What a service that nothing happens to answers."""
    data = tmp_path_factory.mktemp("data")
    with serving(Settings(data_dir=data, model_dir=reverse_models, preload=False)) as service:
        yield lambda text: service.translate(text, "pt", source="en")["translations"]


@contextmanager
def mortal(folder: Path, **settings: str) -> Iterator[tuple[str, Path]]:
    """Its address, and the file that takes orders to die."""
    orders = folder / "orders"
    orders.touch()
    wanted = {"DRAGOMAN_PORT": "0", "DRAGOMAN_PRELOAD": "false", "DRAGOMAN_LOG_LEVEL": "error", **settings}
    with subprocess.Popen(
        [sys.executable, "-m", "tests.app.replay.mortal", str(orders)],
        stdout=subprocess.PIPE,
        cwd=ROOT,
        env=environment(folder, wanted),
    ) as process:
        try:
            assert process.stdout is not None
            yield f"http://127.0.0.1:{int(process.stdout.readline())}", orders
        finally:
            process.terminate()
            process.wait(PATIENCE)


async def answer(service: Mortal, sent: Sent, *, hurry: int, random: Random) -> dict[str, Any]:
    """Tries until there is an answer; the first `hurry` times it waits for some milliseconds only.

    Who is in no hurry tries the mortal replica first.
    """
    for attempt in range(1_000):
        patience = random.uniform(0.002, 0.05) if attempt < hurry else PATIENCE
        try:
            replica = random.choice(service.replicas) if attempt or hurry else service.replicas[0]
            reply = await replica.post(
                "/v1/translate", json=sent.body, headers=sent.headers, timeout=patience
            )
        except httpx.TransportError:
            continue
        assert reply.status_code == 200, reply.text
        found: dict[str, Any] = reply.json()
        return found
    raise AssertionError


def requests(seed: int, random: Random) -> list[Sent]:
    made = []
    for number in range(REQUESTS):
        text = " ".join(random.choices(WORDS.split(), k=random.randint(3, 40)))
        key = f"seed-{seed}-{number}" if random.random() < 0.5 else None
        made.append(Sent(f"Report {seed} {number}: {text}.", key))
    return made


def deaths(seed: int, random: Random, *, most: int) -> str:
    """Where the service is to die, at which of `most` times: every point in turn, and sometimes once more while it
    recovers.
    """
    point = POINTS[seed % len(POINTS)]
    # Requests share a transaction, so that only one of those is certain.
    count = 1 if point in ("in_transaction", "after_commit") else random.randint(1, most)
    again = f"\n{random.choice(POINTS)} 1" if random.random() < 0.25 else ""
    return f"{point} {count}{again}"


async def disturb(service: Mortal, seed: int) -> dict[Sent, list[dict[str, Any]]]:
    """Every answer to every request of `seed`."""
    random = Random(seed)  # noqa: S311
    sent = requests(seed, random)
    # Only one request is certain to come to the mortal one of several.
    orders = deaths(seed, random, most=REQUESTS if len(service.replicas) == 1 else 1)
    service.orders.write_text(orders)
    clients = [each for each in sent for _ in range(random.randint(1, 3))]
    random.shuffle(clients)
    hurries = [0, *(random.choice((0, 0, 1, 3)) for _ in clients[1:])]
    async with asyncio.TaskGroup() as group:
        tasks = [
            group.create_task(answer(service, each, hurry=hurry, random=random))
            for each, hurry in zip(clients, hurries, strict=True)
        ]
    left = service.orders.read_text().splitlines()
    assert len(left) < len(orders.splitlines()), f"seed {seed} was to die at {left[0]} and did not"
    service.orders.write_text("")
    answers: dict[Sent, list[dict[str, Any]]] = {each: [] for each in sent}
    for each, task in zip(clients, tasks, strict=True):
        answers[each].append(task.result())
    return answers


async def reconcile(
    urls: Sequence[str], orders: Path, seeds: range, undisturbed: Any, *, stored: bool = False
) -> None:
    """`stored`: a request with a key gets the one answer of the work that was charged, whoever died."""
    async with AsyncExitStack() as stack:
        clients = [await stack.enter_async_context(connected(url)) for url in urls]
        service = Mortal(clients, orders)
        delivered: list[Sent] = []
        for seed in seeds:
            answers = await disturb(service, seed)
            for sent, replies in answers.items():
                expected = await asyncio.to_thread(undisturbed, sent.text)
                assert all(reply["translations"] == expected for reply in replies), seed
                if stored and sent.key is not None:
                    assert len({reply["id"] for reply in replies}) == 1, seed
            delivered += answers
            totals = await service.usage()
            assert totals["requests"] == len(delivered), seed
            characters = sum(len(sent.text) for sent in delivered)
            assert totals["characters"] == totals["billed_characters"] == characters, seed


def connected(url: str) -> httpx.AsyncClient:
    limits = httpx.Limits(max_connections=None)
    return httpx.AsyncClient(base_url=url, timeout=PATIENCE, trust_env=False, limits=limits)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("replay", "seeds"), [("memory", range(60)), ("stored", range(60, 90)), ("off", range(90, 104))]
)
async def test_the_ledger_is_what_was_delivered(
    tmp_path: Path, reverse_models: Path, undisturbed: Any, replay: str, seeds: range
) -> None:
    with mortal(tmp_path, DRAGOMAN_MODEL_DIR=str(reverse_models), DRAGOMAN_REPLAY=replay) as (url, orders):
        await reconcile([url], orders, seeds, undisturbed, stored=replay == "stored")


@pytest.mark.slow
async def test_replicas_on_postgresql_charge_once(
    tmp_path: Path, reverse_models: Path, undisturbed: Any, postgres_url: str
) -> None:
    """Repeats come to either, while one of them dies."""
    settings = {"DRAGOMAN_MODEL_DIR": str(reverse_models), "DRAGOMAN_DATABASE_URL": postgres_url}
    for name in ("mortal", "safe"):
        (tmp_path / name).mkdir()
    with (
        mortal(tmp_path / "mortal", **settings) as (url, orders),
        mortal(tmp_path / "safe", **settings) as (other, _),
    ):
        await reconcile([url, other], orders, range(104, 125), undisturbed)
