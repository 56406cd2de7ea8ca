"""Fifty models, room for five, everybody asking for everything."""

import random
import shutil
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from models import measured
from models.card import ModelCard
from models.catalogue import installed
from models.contracts import Backend, EngineOptions, ModelUnavailable
from models.footprint import footprint
from models.loader import load
from tests.app.conftest import Start
from tests.app.serving import PATIENCE, Service
from tests.models.small_marian import Recipe, build

CODES = (
    "af ar az be bg bn ca cs cy da de el eo es et eu fa fi fr ga gl he hi hr hu "
    "hy id is it ja ka ko lt lv mk mr ms nl no pl ro ru sk sl sq sv sw ta th tr"
)
TARGETS = CODES.split()
FOOTPRINT = 13 << 20
SENTENCES = ("She keeps three keys.", "The train arrives late.", "We counted nine boats.")
KINDS = 5
"""Sets of weights; which target has which is told by its place in the list."""


@pytest.fixture(scope="module")
def fifty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Each in a folder of its own, its memory measured as a fifth of what there is."""
    work, folder = tmp_path_factory.mktemp("work"), tmp_path_factory.mktemp("fifty")
    for kind in range(KINDS):
        build(work / f"kind-{kind}", Recipe(seed=7 + kind), work=work)
    for number, target in enumerate(TARGETS):
        place = folder / f"en-{target}"
        place.mkdir()
        for file in (work / f"kind-{number % KINDS}").iterdir():
            (place / file.name).symlink_to(file)
    for card in installed(folder).cards:
        if card.path.parent == folder:
            measured.write(card, footprint=FOOTPRINT)
    return folder


@pytest.fixture(scope="module")
def expected(fifty: Path) -> Callable[[str, str], str]:
    """What a model answers when it has the machine to itself."""
    cards = {card.id: card for card in installed(fifty).cards}
    backends = [load(cards[f"en-{target}"], EngineOptions()) for target in TARGETS[:KINDS]]
    answers: dict[tuple[int, str], str] = {}
    for kind, backend in enumerate(backends):
        for sentence in SENTENCES:
            segments = backend.tokenize([sentence], cards[f"en-{TARGETS[kind]}"].pairs[0])
            answers[kind, sentence] = backend.translate(segments)[0].text.strip()
    return lambda target, sentence: answers[TARGETS.index(target) % KINDS, sentence]


@pytest.fixture
def sizes() -> list[int]:
    return []


@pytest.fixture(scope="module")
def budget(fifty: Path) -> int:
    """For five and a bit, with what bulk work has of its own."""
    options = EngineOptions(threads=2, gives_way=True)
    return 5 * max(
        footprint(card, options) for card in installed(fifty).cards if card.path.parent == fifty
    ) + (2 << 20)


@pytest.fixture
def crowded(start: Start, fifty: Path, budget: int, sizes: list[int]) -> Service:
    service = start(model_dir=fifty, memory_budget=budget, threads=2, pinned_models="en-tr", repair="off")
    pool = service.runtime.pool
    inner = pool._loader

    def noting(card: ModelCard) -> Backend:
        sizes.append(pool.stock.size)
        return inner(card)

    pool._loader = noting
    return service


def ask(service: Service, target: str, sentence: str, *, bulk: bool = False) -> httpx.Response:
    return service.client.post(
        "/v1/translate",
        json={"text": sentence, "target": target, "source": "en"},
        headers={"X-Priority": "bulk" if bulk else "interactive"},
    )


def test_fifty_models_in_the_room_of_five(
    crowded: Service, expected: Callable[[str, str], str], budget: int, sizes: list[int]
) -> None:
    chance = random.Random(8)  # noqa: S311
    popular = ["tr", "de", "fr"]
    wishes = [
        (
            chance.choice(popular if chance.random() < 0.4 else TARGETS),
            chance.choice(SENTENCES),
            number % 3 == 0,
        )
        for number in range(400)
    ]
    with ThreadPoolExecutor(10) as people:
        answers = list(people.map(lambda wish: ask(crowded, wish[0], wish[1], bulk=wish[2]), wishes))

    assert {answer.status_code for answer in answers} == {200}
    for (target, sentence, _), answer in zip(wishes, answers, strict=True):
        (found,) = answer.json()["translations"]
        assert found["models"] == [f"en-{target}"]
        assert found["status"] == "translated"
        assert found["text"] == expected(target, sentence)
    assert max(sizes) <= budget
    assert "en-tr" in crowded.runtime.pool.resident
    cold = sum("X-Model-Load-Seconds" in answer.headers for answer in answers)
    loads = crowded.metric("dragoman_model_loads")
    assert 50 <= loads <= cold, "every load was somebody's cold start"
    assert crowded.metric("dragoman_model_evictions") >= loads - 5
    assert crowded.metric("dragoman_models_memory_bytes") <= budget


def test_a_cold_start_is_shown_once(crowded: Service) -> None:
    first, second = (ask(crowded, "hu", sentence) for sentence in SENTENCES[:2])

    assert float(first.headers["X-Model-Load-Seconds"]) > 0
    assert "X-Model-Load-Seconds" not in second.headers


def test_every_surface_shows_a_cold_start(crowded: Service) -> None:
    client, text = crowded.client, SENTENCES[0]
    file = {"file": ("note.txt", text.encode(), "text/plain")}

    def libre(target: str) -> httpx.Response:
        return client.post("/translate", json={"q": text, "source": "en", "target": target})

    def deepl(target: str) -> httpx.Response:
        return client.post(
            "/v2/translate", json={"text": [text], "source_lang": "EN", "target_lang": target.upper()}
        )

    cold = [
        libre("is"),
        deepl("it"),
        client.post("/translate_file", files=file, data={"source": "en", "target": "ja"}),
    ]
    assert [answer.status_code for answer in cold] == [200] * 3
    assert all(float(answer.headers["X-Model-Load-Seconds"]) > 0 for answer in cold)
    assert "X-Model-Load-Seconds" not in libre("it").headers
    assert "X-Model-Load-Seconds" not in deepl("ja").headers
    (job,) = client.get("/v1/jobs").json()["jobs"]
    assert job["load_seconds"] == pytest.approx(float(cold[2].headers["X-Model-Load-Seconds"]), abs=1e-5)


def test_those_who_come_first_at_once_load_it_once(crowded: Service) -> None:
    started = threading.Barrier(12)

    def begin(number: int) -> httpx.Response:
        started.wait(PATIENCE)
        return ask(crowded, "ka", f"{SENTENCES[0]} {number}")

    with ThreadPoolExecutor(12) as people:
        answers = list(people.map(begin, range(12)))

    assert {answer.status_code for answer in answers} == {200}
    assert crowded.metric("dragoman_model_loads") == 1


def test_a_pinned_model_that_is_not_there_is_told(start: Start, caplog: pytest.LogCaptureFixture) -> None:
    start(pinned_models="identity-pt-en, gone")
    assert "names gone, which is not installed" in caplog.text
    assert "identity-pt-en, which" not in caplog.text


def models(service: Service) -> dict[str, Any]:
    return {each["id"]: each for each in service.client.get("/v1/models").json()["models"]}


@pytest.fixture
def spoilt(fifty: Path, tmp_path: Path) -> Path:
    """Two models, of which one cannot be loaded."""
    folder = tmp_path / "spoilt"
    for name in ("en-de", "en-fr"):
        shutil.copytree(fifty / name, folder / name)
    (folder / "en-de" / "model.bin").write_bytes(b"no model")
    return folder


def test_a_model_that_fails_is_set_aside_and_takes_no_other_down(start: Start, spoilt: Path) -> None:
    service = start(model_dir=spoilt, model_retry=3600)

    faults = [ask(service, "de", SENTENCES[0]).json()["translations"][0]["error"] for _ in range(2)]
    other = ask(service, "fr", SENTENCES[0])

    assert [fault["code"] for fault in faults] == ["model_unavailable"] * 2
    assert "set aside" not in faults[0]["message"]
    assert "set aside; it is tried again in 3600 s" in faults[1]["message"]
    assert other.json()["translations"][0]["status"] == "translated"
    found = models(service)
    assert "cannot be loaded" in found["en-de"]["quarantined"]
    assert found["en-fr"]["quarantined"] is None
    assert service.metric("dragoman_models_quarantined") == 1
    assert service.metric("dragoman_model_loads") == 1


def test_it_comes_back_by_itself_once_it_can_be_loaded(start: Start, spoilt: Path) -> None:
    service = start(model_dir=spoilt, model_retry=0)
    pool, failures = (
        service.runtime.pool,
        [ModelUnavailable("Model en-fr cannot be loaded: the disk was away.")],
    )
    inner = pool._loader

    def failing_once(card: ModelCard) -> Backend:
        if failures:
            raise failures.pop()
        return inner(card)

    pool._loader = failing_once

    assert ask(service, "fr", SENTENCES[0]).json()["translations"][0]["status"] == "failed"
    assert ask(service, "fr", SENTENCES[0]).json()["translations"][0]["status"] == "translated"
    assert models(service)["en-fr"]["quarantined"] is None
