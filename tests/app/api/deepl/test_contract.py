"""DeepL's contract, where its clients say too little to show it."""

from typing import Any

import httpx
import pytest

from app.main import create_app
from app.settings import Settings
from tests.app.conftest import Start
from tests.app.serving import Service

TEXT = "Bom dia a todos, meus amigos."
HUNGARIAN = "A vonat holnap délben indul a pályaudvarról, és este érkezik meg."


def post(service: Service, **body: Any) -> httpx.Response:
    return service.client.post("/v2/translate", json={"target_lang": "EN-GB", **body})


def test_fields_are_there_when_asked_for(identity_service: Service) -> None:
    plain = post(identity_service, text=[TEXT], source_lang="PT").json()["translations"][0]
    assert {key: plain[key] for key in ("detected_source_language", "text")} == {
        "detected_source_language": "PT",
        "text": TEXT,
    }
    assert not {"billed_characters", "model_type_used"} & plain.keys()
    more = post(identity_service, text=TEXT, show_billed_characters="1", model_type="latency_optimized")
    assert more.json()["translations"][0]["billed_characters"] == len(TEXT)
    assert more.json()["translations"][0]["model_type_used"] == "latency_optimized"
    assert more.headers["X-Trace-ID"] == more.headers["X-Request-Id"]


def test_a_form_with_several_texts(identity_service: Service) -> None:
    sent = {"text": ["Bom dia & mais", "Boa noite"], "target_lang": "EN"}
    answer = identity_service.client.post("/v2/translate", data=sent)
    assert [each["text"] for each in answer.json()["translations"]] == sent["text"]


@pytest.mark.parametrize(
    ("asked", "status", "said"),
    [
        ({}, 400, "Parameter 'text' not specified."),
        ({"text": [1]}, 400, "Value for 'text' not supported."),
        ({"text": TEXT, "target_lang": None}, 400, "Parameter 'target_lang' not specified."),
        ({"text": TEXT, "target_lang": 7}, 400, "Value for 'target_lang' not supported."),
        ({"text": TEXT, "preserve_formatting": "maybe"}, 400, "Invalid value for 'preserve_formatting'."),
        ({"text": TEXT, "style_id": "a"}, 400, "'style_id' is not supported."),
        ({"text": TEXT, "custom_instructions": ["a"]}, 400, "'custom_instructions' is not supported."),
        (
            {"text": TEXT, "glossary_id": "a"},
            400,
            "Use of a glossary requires the source_lang parameter to be specified.",
        ),
    ],
)
def test_refusals(identity_service: Service, asked: dict[str, Any], status: int, said: str) -> None:
    answer = post(identity_service, **asked)
    assert (answer.status_code, answer.json()) == (status, {"message": said})


def test_parameters_without_effect(identity_service: Service) -> None:
    more = {"translation_memory_threshold": 80, "enable_beta_languages": True, "preserve_formatting": False}
    assert post(identity_service, text=TEXT, **more).json() == post(identity_service, text=TEXT).json()


def test_every_refusal_is_in_its_words(start: Start) -> None:
    service = start(max_body_bytes=1_024)
    for answer, status in (
        (service.client.get("/v2/nothing"), 404),
        (service.client.get("/v3/nothing"), 404),
        (service.client.delete("/v2/usage"), 405),
        (post(service, text="a" * 2_000), 413),
        (service.client.get("/v2/languages", params={"type": "both"}), 400),
    ):
        assert (answer.status_code, answer.headers["Content-Type"]) == (status, "application/json")
        assert answer.json()["message"]
        assert answer.headers["X-Trace-ID"]


def test_what_cannot_be_translated_is_said_and_not_billed(identity_service: Service) -> None:
    refused = post(identity_service, text=HUNGARIAN)
    assert refused.status_code == 400
    assert "No model translates hu into en" in refused.json()["message"]
    answer = post(identity_service, text=[TEXT, HUNGARIAN], show_billed_characters=True).json()
    good, bad = answer["translations"]
    assert (good["billed_characters"], bad["billed_characters"]) == (len(TEXT), 0)
    assert bad["text"] == HUNGARIAN
    assert "No model translates hu into en" in bad["dragoman"]["error"]


def test_what_has_no_language(identity_service: Service) -> None:
    answer = post(identity_service, text="12:30").json()["translations"][0]
    assert (answer["detected_source_language"], answer["text"]) == ("UND", "12:30")


@pytest.mark.parametrize("way", ["params", "data", "json"])
def test_languages_by_query_form_and_json(identity_service: Service, way: str) -> None:
    sent: dict[str, Any] = {way: {"type": "target"}}
    answer = identity_service.client.request("GET", "/v2/languages", **sent).json()
    assert answer[0] == {"language": "EN-GB", "name": "English (British)", "supports_formality": False}
    assert identity_service.client.get("/v2/languages").json()[0] == {"language": "EN", "name": "English"}


def test_under_a_prefix_and_off(start: Start) -> None:
    service = start(deepl_prefix="/deepl")
    assert service.client.get("/deepl/v2/usage").json()["character_count"] == 0
    assert service.client.get("/v2/usage").json()["code"] == "not_found"
    assert "/v2/translate" not in create_app(Settings(deepl_prefix="off")).openapi()["paths"]
