"""Who takes documents, and who works on them."""

import asyncio
import time
from pathlib import Path

import pytest
from sqlalchemy import update

from app.engineroom import open_pool
from app.jobs.lookout import UNATTENDED, Lookout
from app.jobs.tables import chunks
from app.settings import Settings
from app.telemetry import Telemetry
from models.catalogue import Catalogue
from tests.app.serving import PATIENCE, serving


def test_documents_taken_by_one_are_worked_on_by_the_other(tmp_path: Path) -> None:
    def settings(role: str) -> Settings:
        return Settings.model_validate({"data_dir": tmp_path, "role": role, "libretranslate_prefix": "off"})

    with serving(settings("api")) as taking:
        sent = taking.client.post(
            "/v1/documents", files={"file": ("a.txt", b"Bom dia.")}, data={"target": "en", "source": "pt"}
        )
        job = sent.headers["Location"]
        taking.translate("Boa noite.")
        assert taking.client.get(job).json()["state"] == "queued"
        assert taking.metric("dragoman_characters_total") == len("Boa noite.")
        with serving(settings("worker")) as working:
            taking.client.get(f"{job}/events", timeout=PATIENCE)
            assert taking.client.get(job).json()["state"] == "succeeded"
            assert working.metric("dragoman_characters_total") == len("Bom dia.")
        assert taking.metric("dragoman_characters_total") == len("Boa noite.")
        assert taking.client.get(f"{job}/result").text == "Good morning."


def test_documents_that_nobody_works_on_are_told_of(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    minutes = iter([0.0, 60.0, 181.0, 200.0])
    settings = Settings.model_validate({"data_dir": tmp_path, "role": "api", "preload": False})
    with serving(settings) as taking:
        lookout = Lookout(taking.runtime.census, now=lambda: next(minutes))
        asyncio.run(lookout.look())
        assert lookout.fault is None
        file = {"file": ("a.txt", b"Bom dia.")}
        taking.client.post("/v1/documents", files=file, data={"target": "en", "source": "pt"})
        for expected in (None, None, UNATTENDED, UNATTENDED):
            asyncio.run(lookout.look())
            assert lookout.fault == expected
        assert [each.getMessage() for each in caplog.records].count(UNATTENDED) == 1

        taking.runtime.lookout.fault = lookout.fault
        told = taking.client.get("/readyz/detail").json()
        assert (told["status"], told["problems"]) == ("ready", [UNATTENDED])
        assert told["chunks"] == {"waiting": 1, "working": 0}
        assert taking.client.get("/readyz").json()["problems"] == []
        assert 'dragoman_chunks{state="waiting"} 1.0' in taking.client.get("/metrics").text

        with taking.runtime.database.transaction() as connection:
            later = time.time_ns() // 1_000 + 60_000_000
            connection.execute(
                update(chunks).where(chunks.c.number == 0).values(state="leased", lease_until=later)
            )
        asyncio.run(lookout.look())
        assert lookout.fault is None
        assert 'dragoman_chunks{state="working"} 1.0' in taking.client.get("/metrics").text


def test_only_where_people_may_come_is_room_kept_for_threads_that_give_way(
    starter_catalogue: Catalogue,
) -> None:
    def room(role: str, *, serves: bool) -> int:
        settings = Settings.model_validate({"role": role, "device": "cpu"})
        telemetry = Telemetry(batch_tokens=settings.batch_tokens)
        return open_pool(settings, telemetry, serves=serves).expected(starter_catalogue.cards[0])

    assert room("worker", serves=True) == room("all", serves=False)
    assert room("api", serves=True) == room("all", serves=True) > room("worker", serves=True)


@pytest.fixture(scope="module")
def keyed(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return Settings.model_validate(
        {
            "data_dir": tmp_path_factory.mktemp("worker"),
            "role": "worker",
            "auth": "required",
            "preload": False,
        }
    )


def test_a_worker_answers_who_operates_it_and_nobody_else(keyed: Settings) -> None:
    with serving(keyed) as working:
        answers = {
            path: working.client.get(path).status_code
            for path in ("/healthz", "/readyz", "/metrics", "/openapi.json", "/docs", "/languages")
        }
        sent = working.client.post("/v1/translate", json={"text": "Bom dia.", "target": "en"})

    assert (answers["/healthz"], answers["/readyz"]) == (200, 200)
    assert answers["/metrics"] == 401
    assert {answers[path] for path in ("/openapi.json", "/docs", "/languages")} <= {401, 404}
    assert sent.status_code in (401, 404)


def test_a_worker_translates_for_nobody(tmp_path: Path) -> None:
    with serving(
        Settings.model_validate({"data_dir": tmp_path, "role": "worker", "preload": False})
    ) as working:
        for path in ("/", "/v1/translate", "/v1/documents", "/translate", "/v2/translate"):
            assert working.client.post(path, json={"text": "Bom dia.", "target": "en"}).status_code == 404
