"""Models that are put in place, replaced, spoilt and taken away while the service runs."""

import asyncio
import hashlib
import json
import os
import shutil
import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from models import revisions
from models.catalogue import installed
from models.contracts import EngineOptions
from models.loader import load
from tests.app.conftest import Start
from tests.app.serving import PATIENCE, Service, write_card
from tests.models.small_marian import Recipe, build

SENTENCE = "She keeps three keys."


def place(folder: Path, *, seed: int, work: Path) -> None:
    """A model with its checksums, so that its fingerprint tells it from others."""
    build(folder, Recipe(seed=seed), work=work)
    sums = {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in folder.iterdir()}
    card = {"id": "m", "pairs": [{"source": "en", "target": "de"}], "sha256": sums}
    (folder / "card.json").write_text(json.dumps(card))


@pytest.fixture
def models(tmp_path: Path) -> Path:
    folder = tmp_path / "models"
    folder.mkdir()
    place(folder / "m", seed=7, work=tmp_path / "work-7")
    place(folder / ".staged" / "m", seed=8, work=tmp_path / "work-8")
    return folder


def look(service: Service) -> bool:
    """Two looks: what lies still in both is taken over."""
    loop = service.app.state.warming.get_loop()

    async def twice() -> bool:
        await service.runtime.watch.look()
        return await service.runtime.watch.look()

    return asyncio.run_coroutine_threadsafe(twice(), loop).result(PATIENCE)


def told(service: Service, text: str = SENTENCE) -> tuple[str, str]:
    """The fingerprint of the model that answered, and its answer."""
    (found,) = service.translate(text, "de", source="en", detail=True)["translations"]
    (segment,) = found["segments"]
    return segment["hops"][0]["fingerprint"], found["text"]


def alone(models: Path) -> tuple[str, str]:
    """The same, of the model in place, asked without a service."""
    card = installed(models).card("m")
    assert card is not None
    backend = load(card, EngineOptions())
    try:
        return card.fingerprint, backend.translate(backend.tokenize([SENTENCE], card.pairs[0]))[
            0
        ].text.strip()
    finally:
        backend.close()


def answers(models: Path) -> Mapping[str, str]:
    """By fingerprint, of the model in place and the one to come."""
    staged = models / ".staged"
    return dict((alone(models), alone(staged)))


def test_a_newer_revision_takes_over_under_load_and_the_former_comes_back(start: Start, models: Path) -> None:
    service = start(model_dir=models, model_rescan=0, cache="tenant", repair="off")
    right = answers(models)
    old = told(service)
    done, found = threading.Event(), []

    def ask(_: int) -> None:
        while not done.is_set():
            found.append(told(service))

    with ThreadPoolExecutor(4) as people:
        asking = [people.submit(ask, number) for number in range(4)]
        try:
            revisions.install(models / ".staged" / "m", models / "m")
            assert look(service)
            new = told(service)
            revisions.rollback(models / "m")
            assert look(service)
            back = told(service)
        finally:
            done.set()
    for each in asking:
        each.result()

    assert old == back
    assert {old[0], new[0]} == set(right)
    assert all(right[fingerprint] == text for fingerprint, text in found), (
        "no answer of one under the name of the other"
    )
    assert new in found
    look(service)
    assert service.runtime.pool.resident == ("m",)
    # What is remembered needs no lane.
    assert told(service, "Nobody asked for this before.")[0] == back[0]
    assert len(service.runtime.dispatcher._lanes) == 1


def test_the_ledger_tells_the_revisions_apart(start: Start, models: Path) -> None:
    service = start(model_dir=models, model_rescan=0)
    first = told(service)[0]
    revisions.install(models / ".staged" / "m", models / "m")
    look(service)
    second = told(service)[0]

    with service.runtime.database.read() as connection:
        rows = connection.exec_driver_sql("SELECT fingerprints FROM ledger_line").fetchall()
    assert {first[:16], second[:16]} == {each for (text,) in rows for each in json.loads(text)}


def test_a_newer_revision_that_does_not_work_is_refused_and_the_former_goes_on(
    start: Start, models: Path
) -> None:
    service = start(model_dir=models, model_rescan=0)
    old = told(service)
    staged = models / ".staged" / "m"
    (staged / "model.bin").write_bytes(b"no model")
    revisions.install(staged, models / "m")

    assert look(service)

    assert told(service, "We counted nine boats.")[0] == old[0]
    body = service.client.get("/v1/models").json()
    assert [problem["folder"] for problem in body["problems"]] == ["m"]
    assert "The revision before it goes on serving" in body["problems"][0]["reason"]
    revisions.rollback(models / "m")
    assert look(service)
    assert service.client.get("/v1/models").json()["problems"] == []
    assert told(service) == old


def test_models_come_and_go(start: Start, models: Path) -> None:
    service = start(model_dir=models, model_rescan=0)
    assert not look(service)
    write_card(models, "identity-hu-en", ("hu", "en"))
    write_card(models, "identity-hu-de", ("hu", "de"))

    assert look(service)

    def pairs() -> set[str]:
        found = service.client.get("/v1/languages").json()["pairs"]
        return {f"{each['source']}-{each['target']}" for each in found}

    assert {"hu-en", "hu-de", "hu-pt", "en-de"} <= pairs()
    shutil.rmtree(models / "identity-hu-de")
    assert look(service)
    assert "hu-de" in pairs(), "over English now"
    shutil.rmtree(models / "m")
    assert look(service)
    assert "hu-de" not in pairs()


def test_what_still_changes_is_not_taken_over(start: Start, models: Path) -> None:
    service = start(model_dir=models, model_rescan=0)
    loop = service.app.state.warming.get_loop()

    def once() -> bool:
        return asyncio.run_coroutine_threadsafe(service.runtime.watch.look(), loop).result(PATIENCE)

    for half in range(3):
        (models / "m" / "notes.txt").write_text("copied" * (half + 1))
        assert not once()
    assert once()
    assert not once()


def test_the_service_looks_by_itself(start: Start, models: Path) -> None:
    service = start(model_dir=models, model_rescan=0.02)
    replaced = threading.Event()
    inner = service.runtime.router.replace

    def replace(*args: object) -> None:
        inner(*args)  # type: ignore[arg-type]
        replaced.set()

    service.runtime.router.replace = replace  # type: ignore[assignment,method-assign]
    write_card(models, "identity-hu-en", ("hu", "en"))

    assert replaced.wait(PATIENCE)
    assert service.runtime.catalogue.card("identity-hu-en") is not None


def test_neither_an_odd_folder_nor_a_defect_ends_the_looking(
    start: Start, models: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    service = start(model_dir=models, model_rescan=0.02)
    watch = service.runtime.watch
    inner, failed, replaced = watch._state, threading.Event(), threading.Event()

    def failing() -> object:
        if not failed.is_set():
            failed.set()
            raise RecursionError("what a file holds")
        return inner()

    def replace(*args: object) -> None:
        routes(*args)  # type: ignore[arg-type]
        replaced.set()

    routes = service.runtime.router.replace
    monkeypatch.setattr(watch, "_state", failing)
    monkeypatch.setattr(service.runtime.router, "replace", replace)
    assert failed.wait(PATIENCE)
    odd = models / "en-it"
    odd.mkdir()
    (odd / "card.json").write_text("[" * 200_000)
    write_card(models, "identity-hu-en", ("hu", "en"))

    while service.runtime.catalogue.card("identity-hu-en") is None:
        assert replaced.wait(PATIENCE)
        replaced.clear()
    problems = service.client.get("/v1/models").json()["problems"]
    assert [(each["folder"], "nests too deeply" in each["reason"]) for each in problems] == [("en-it", True)]
    (said,) = [each for each in caplog.messages if "could not be looked at" in each]
    assert "RecursionError at " in said
    assert "what a file holds" not in caplog.text


def test_rules_are_read_anew_and_wrong_ones_left_aside(start: Start, models: Path, tmp_path: Path) -> None:
    write_card(models, "a-hu-de", ("hu", "de"))
    write_card(models, "b-hu-de", ("hu", "de"))
    rules = tmp_path / "routes.toml"
    rules.write_text('[routes.hu-de]\nmodels = ["a-hu-de"]\n')
    service = start(model_dir=models, model_rescan=0, routes_file=str(rules))

    def by() -> list[str]:
        found: list[str] = service.translate("Jó napot kívánok!", "de", source="hu")["translations"][0][
            "models"
        ]
        return found

    assert by() == ["a-hu-de"]
    rules.write_text('[routes.hu-de]\nmodels = ["b-hu-de"]\n# written anew\n')
    assert look(service)
    assert by() == ["b-hu-de"]
    rules.write_text("[routes.hu-de]\nmodels = 'no list'\n")
    look(service)
    assert by() == ["b-hu-de"]


def test_a_model_set_aside_at_the_start_is_tried_anew_when_its_files_have_a_new_time(
    start: Start, tmp_path: Path
) -> None:
    folder = tmp_path / "mended"
    write_card(folder, "hu-de", ("hu", "de"), architecture="marian")
    service = start(model_dir=folder, model_rescan=0, preload=True, model_retry=3600)

    def state() -> tuple[str, bool]:
        models = service.client.get("/v1/models").json()["models"]
        aside = next(each["quarantined"] for each in models if each["id"] == "hu-de")
        return service.client.get("/readyz").json()["models"], aside is None

    asked = {"text": "Jó napot.", "source": "hu", "target": "de"}
    assert state() == ("degraded", False)
    os.utime(folder / "hu-de" / "card.json", (1, 1))
    assert look(service)
    assert state() == ("ok", True)
    service.client.post("/v1/translate", json=asked)
    assert state() == ("degraded", False), "tried again, and not mended yet"
    shutil.rmtree(folder / "hu-de")
    write_card(folder, "hu-de", ("hu", "de"))
    assert look(service)
    assert (
        service.client.post("/v1/translate", json=asked).json()["translations"][0]["status"] == "translated"
    )
    assert state() == ("ok", True)
    assert service.client.get("/readyz").json()["problems"] == []
