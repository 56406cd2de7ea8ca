"""What failed comes back by itself, and operators are told what is missing."""

import shutil
import threading
import time
from pathlib import Path

import pytest

from app.errors import StorageError
from models.card import ModelCard
from models.catalogue import STARTER
from models.contracts import Backend, LanguagePair, ModelError, ModelUnavailable
from models.pool import ModelPool
from models.reverse import ReverseBackend
from tests.app.conftest import Start
from tests.app.serving import PATIENCE, Service

DETAILS = {
    "database_seconds", "files_seconds", "queue_tokens", "queue_limit", "jobs", "chunks", "installed", "loaded",
    "set_aside",
}  # fmt: skip
PLAIN = "The database does not answer, or cannot be used: the log and /readyz/detail say why."


def flip(weights: Path) -> None:
    """One byte; twice is as before."""
    with weights.open("r+b") as file:
        file.seek(1_000_000)
        byte = file.read(1)[0]
        file.seek(1_000_000)
        file.write(bytes([byte ^ 1]))


def until_ready(service: Service) -> dict[str, object]:
    limit = time.monotonic() + PATIENCE
    while (answer := service.client.get("/readyz")).status_code != 200:
        assert time.monotonic() < limit, answer.text
    body: dict[str, object] = answer.json()
    return body


def test_a_service_whose_models_all_failed_is_ready_once_they_are_put_right_though_nobody_asks(
    start: Start, tmp_path: Path
) -> None:
    folder = tmp_path / "copies"
    for name in ("pt-en", "en-pt"):
        shutil.copytree(STARTER / name, folder / name)
        flip(folder / name / "model.bin")
    service = start(model_dir=folder, preload=True, model_retry=0.1, model_rescan=0)
    found = service.client.get("/readyz")
    assert (found.status_code, found.json()["models"]) == (503, "unavailable")
    detail = service.client.get("/readyz/detail")
    assert detail.status_code == 503
    assert [each["model"] for each in detail.json()["set_aside"]] == ["starter-en-pt", "starter-pt-en"]
    assert "model.bin" in detail.json()["set_aside"][0]["reason"]
    for name in ("pt-en", "en-pt"):
        flip(folder / name / "model.bin")
    assert (
        until_ready(service)["problems"] == [] or service.client.get("/readyz").json()["models"] == "degraded"
    )
    assert service.translate("Bom dia.", source="pt")["translations"][0]["status"] == "translated"


def test_only_what_is_due_and_fits_is_tried_again(tmp_path: Path) -> None:
    now, broken, big = 0.0, True, 100
    card = ModelCard("one", tmp_path, (LanguagePair("en", "pt"),))

    def load(_: ModelCard) -> Backend:
        if broken:
            raise ModelUnavailable("It is broken.")
        return ReverseBackend()

    pool = ModelPool(load, memory_budget=big, expected=lambda _: big, retry=10.0, clock=lambda: now)
    assert pool.due([card]) == ()
    for moment, after in ((0.0, 10.0), (10.0, 30.0)):
        now = moment
        with pytest.raises(ModelError), pool.use(card):
            pass
        now = after - 0.1
        assert pool.due([card]) == ()
        now = after
        assert pool.due([card]) == (card,)
    big = 101
    assert pool.due([card]) == ()
    big, broken = 100, False
    with pool.use(card):
        pass
    assert pool.due([card]) == ()


def test_the_detail_says_how_each_part_stands(identity_service: Service) -> None:
    identity_service.translate("Bom dia.", source="pt")
    plain = identity_service.client.get("/readyz").json()
    body = identity_service.client.get("/readyz/detail").json()
    assert body.keys() - plain.keys() == DETAILS
    assert {name: body[name] for name in plain} == plain
    assert 0 < body["database_seconds"] < PATIENCE
    assert 0 < body["files_seconds"] < PATIENCE
    assert body["jobs"]["queued"] == 0
    assert body["chunks"] == {"waiting": 0, "working": 0}
    assert (body["queue_tokens"], body["queue_limit"]) == (0, 400_000)
    assert "identity-pt-en" in body["loaded"]
    assert body["set_aside"] == []


def test_the_detail_is_for_operators(start: Start) -> None:
    service = start(auth="required")
    assert service.client.get("/readyz").status_code == 200
    assert service.client.get("/readyz/detail").status_code == 401


def test_a_database_that_does_not_answer_is_said_in_time(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    service, stands = start(), threading.Event()
    monkeypatch.setattr(service.runtime.database, "ping", lambda: stands.wait(PATIENCE))
    try:
        found = service.client.get("/readyz")
        assert found.status_code == 503
        assert found.json()["problems"] == [PLAIN]
    finally:
        stands.set()
    monkeypatch.undo()
    assert until_ready(service)["database"] == "ok"


def test_a_database_with_a_fault_is_said_in_its_words(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    service = start()

    def away() -> None:
        raise StorageError("The disk is full.")

    monkeypatch.setattr(service.runtime.database, "ping", away)
    assert service.client.get("/readyz").json()["problems"] == [PLAIN]
    assert service.client.get("/readyz/detail").json()["problems"] == ["The disk is full."]
