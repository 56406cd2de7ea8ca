"""What operators ask, and what the service says about models it cannot use."""

import shutil
from pathlib import Path

import pytest

from app.runtime import open_runtime
from app.settings import Settings
from models.catalogue import STARTER
from models.contracts import InvalidCard
from tests.app.conftest import Start
from tests.app.serving import Service, write_card

PORTUGUESE = "Bom dia, onde fica a estação?"
ENGLISH = "The train is late today and I am tired."


@pytest.fixture
def tampered(tmp_path: Path) -> Path:
    """A model directory with a copy of a starter model, one byte of its weights changed."""
    folder = tmp_path / "models" / "pt-en"
    shutil.copytree(STARTER / "pt-en", folder)
    with (folder / "model.bin").open("r+b") as weights:
        weights.seek(1_000_000)
        byte = weights.read(1)[0]
        weights.seek(1_000_000)
        weights.write(bytes([byte ^ 1]))
    return folder.parent


def test_alive_and_ready(service: Service) -> None:
    assert service.client.get("/healthz").json() == {"status": "ok"}
    ready = service.client.get("/readyz")
    assert ready.status_code == 200
    assert ready.json() == {
        "status": "ready",
        "database": "ok",
        "files": "ok",
        "models": "ok",
        "problems": [],
    }


def test_metrics(service: Service) -> None:
    service.translate(PORTUGUESE)
    answer = service.client.get("/metrics")
    assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    assert 'dragoman_http_requests_total{route="/v1/translate",status="200"}' in answer.text
    assert 'dragoman_batches_total{model="starter-pt-en",priority="interactive"}' in answer.text
    assert service.metric("dragoman_compute_seconds_total") > 0
    assert service.metric("dragoman_queue_tokens") == 0


def test_paths_that_are_not_ours_share_one_label(service: Service) -> None:
    service.client.get("/segredo-canario")
    text = service.client.get("/metrics").text
    assert "segredo" not in text
    assert 'route="unrouted"' in text


def test_languages(service: Service) -> None:
    body = service.client.get("/v1/languages").json()
    assert [(pair["source"], pair["target"]) for pair in body["pairs"]] == [("en", "pt"), ("pt", "en")]
    assert body["pairs"][0]["models"] == ["starter-en-pt"]
    assert 60 < body["pairs"][0]["quality"] < 100
    assert {"pt", "en", "hu", "gl"} <= set(body["detectable"])


def test_models(service: Service) -> None:
    service.translate([PORTUGUESE, "Olá"])
    body = service.client.get("/v1/models").json()
    cards = {card["id"]: card for card in body["models"]}
    assert set(cards) == {"starter-en-pt", "starter-pt-en"}
    assert cards["starter-pt-en"]["loaded"] is True
    assert len(cards["starter-pt-en"]["sha256"]["model.bin"]) == 64
    assert cards["starter-pt-en"]["scores"]
    assert body["problems"] == []


def test_detect(service: Service) -> None:
    texts = [PORTUGUESE, ENGLISH, "12345", ""]
    found = service.client.post("/v1/detect", json={"text": texts}).json()["detections"]
    assert [each["language"] for each in found] == ["pt", "en", "und", "und"]
    assert found[0]["confidence"] > 0.8
    alternatives = [each["confidence"] for each in found[0]["alternatives"]]
    assert alternatives == sorted(alternatives, reverse=True)
    assert service.client.post("/v1/detect", json={"text": ENGLISH}).json()["detections"] == [found[1]]
    assert found[2] == {"language": "und", "confidence": 0.0, "alternatives": []}


def test_detect_among_candidates(service: Service) -> None:
    body = {"text": "Bom dia", "candidates": ["pt-BR", "en"]}
    (found,) = service.client.post("/v1/detect", json=body).json()["detections"]
    assert found["language"] == "pt"
    assert {each["language"] for each in found["alternatives"]} <= {"en"}


def test_a_model_that_is_not_what_its_card_vouches_for(start: Start, tampered: Path) -> None:
    service = start(model_dir=tampered, preload=True)
    broken, unneeded = service.translate([PORTUGUESE, ENGLISH])["translations"]
    assert (broken["status"], broken["text"]) == ("failed", None)
    assert broken["error"]["code"] == "model_unavailable"
    assert "starter-pt-en: model.bin" in broken["error"]["message"]
    assert unneeded["status"] == "unchanged"
    assert service.translate(ENGLISH, "pt")["translations"][0]["status"] == "translated"
    ready = service.client.get("/readyz").json()
    assert (ready["status"], ready["models"]) == ("ready", "degraded")
    assert "starter-pt-en" in ready["problems"][0]
    assert service.usage()["totals"]["failed_characters"] == len(PORTUGUESE)


def test_a_folder_that_cannot_be_served_is_named(start: Start, tmp_path: Path) -> None:
    folder = tmp_path / "models"
    write_card(folder, "identity-pt-en", ("pt", "en"))
    (folder / "broken").mkdir()
    (folder / "broken" / "card.json").write_text("{", encoding="utf-8")
    service = start(model_dir=folder)
    (found,) = service.client.get("/v1/models").json()["problems"]
    assert found["folder"] == "broken"
    assert "card.json" in found["reason"]
    assert service.translate("Bom dia", source="pt")["translations"][0]["models"] == ["identity-pt-en"]


def test_a_language_through_another(start: Start, tmp_path: Path) -> None:
    folder = tmp_path / "models"
    write_card(folder, "identity-fr-en", ("fr", "en"))
    service = start(model_dir=folder)
    (found,) = service.translate("Bonjour à tous", "pt", source="fr")["translations"]
    assert found["route"] == ["fr", "en", "pt"]
    assert found["models"] == ["identity-fr-en", "starter-en-pt"]


async def test_a_model_directory_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(InvalidCard, match="DRAGOMAN_MODEL_DIR"):
        async with open_runtime(Settings(data_dir=tmp_path / "data", model_dir=tmp_path / "missing")):
            pass
