"""POST /v1/translate on the embedded models: what each field says."""

import json
import re
import uuid
from pathlib import Path

import pytest

from tests.app.conftest import Start
from tests.app.serving import Service

MESSAGES = Path(__file__).parents[3] / "examples" / "messages.jsonl"
PORTUGUESE = "Bom dia, onde fica a estação?"
ENGLISH = "The train is late today and I am tired."
HUNGARIAN = "A vonat késik, és nem tudom, mikor indul a következő."


def test_one_text(service: Service) -> None:
    body = service.translate(PORTUGUESE)
    (found,) = body["translations"]
    assert set(body) == {"id", "translations", "usage"}
    assert set(found) == {
        "text", "source", "detected", "confidence", "languages", "target", "status", "route", "models",
        "characters", "translation_confidence", "flags", "repairs", "error",
    }  # fmt: skip
    assert "station" in found["text"]
    assert (found["source"], found["target"], found["detected"]) == ("pt", "en", True)
    assert 0.8 < found["confidence"] <= 1
    assert found["languages"] == {"pt": 1.0}
    assert (found["status"], found["error"], found["flags"]) == ("translated", None, [])
    assert (found["route"], found["models"]) == (["pt", "en"], ["starter-pt-en"])
    assert found["characters"] == len(PORTUGUESE)


def test_usage_says_what_it_took(service: Service) -> None:
    usage = service.translate("A reunião de amanhã é ao meio-dia.")["usage"]
    assert (usage["characters"], usage["billed_characters"], usage["segments"]) == (34, 34, 1)
    assert usage["cached_segments"] == 0
    assert usage["currency"] == "GBP"
    assert usage["compute_seconds"] > 0
    assert usage["queue_seconds"] >= 0
    assert float(usage["cost"]) > 0
    assert usage["price"] == "0.000000000"


def test_a_list_is_answered_in_its_order(service: Service) -> None:
    texts = [ENGLISH, PORTUGUESE, "Ele deixou a carrinha no armazém.", ENGLISH]
    found = service.translate(texts)["translations"]
    assert [each["status"] for each in found] == ["unchanged", "translated", "translated", "unchanged"]
    assert [each["text"] for each in found] == [
        service.translate(text)["translations"][0]["text"] for text in texts
    ]


def test_a_text_in_two_languages(service: Service) -> None:
    text = f"{PORTUGUESE} {ENGLISH}"
    (found,) = service.translate(text, detail=True)["translations"]
    assert found["status"] == "translated"
    assert found["text"].endswith(ENGLISH)
    assert set(found["languages"]) == {"pt", "en"}
    assert sum(found["languages"].values()) == pytest.approx(1, abs=0.001)
    assert found["flags"] == ["already_target"]
    assert [each["source"] for each in found["segments"]] == ["pt", "en"]


def test_failure_stands_beside_success(service: Service) -> None:
    failed, done = service.translate([HUNGARIAN, PORTUGUESE])["translations"]
    assert done["status"] == "translated"
    assert (failed["status"], failed["text"], failed["source"]) == ("failed", None, "hu")
    assert failed["error"]["code"] == "no_route"
    assert "hu-en" in failed["error"]["message"]
    assert (failed["route"], failed["models"]) == ([], [])


def test_failed_texts_are_counted_and_not_billed(service: Service) -> None:
    usage = service.translate([HUNGARIAN, PORTUGUESE])["usage"]
    assert usage["characters"] == len(HUNGARIAN) + len(PORTUGUESE)
    assert usage["billed_characters"] == len(PORTUGUESE)


def test_an_undetermined_language_is_no_guess(service: Service) -> None:
    (found,) = service.translate("qzx")["translations"]
    assert (found["status"], found["source"]) == ("failed", "und")
    assert found["error"]["code"] == "language_undetermined"
    assert "source" in found["error"]["message"]


def test_part_of_a_text_without_a_route_stands_as_it_was(service: Service) -> None:
    (found,) = service.translate(f"{PORTUGUESE}\n{HUNGARIAN}")["translations"]
    assert found["status"] == "translated"
    assert found["text"].endswith(HUNGARIAN)
    assert "left_untranslated" in found["flags"]
    assert found["error"]["code"] == "no_route"


def test_text_in_the_target_language_takes_no_compute(service: Service) -> None:
    body = service.translate(ENGLISH)
    (found,) = body["translations"]
    assert (found["text"], found["status"], found["flags"]) == (ENGLISH, "unchanged", ["already_target"])
    assert (found["route"], found["models"], found["error"]) == ([], [], None)
    assert body["usage"]["compute_seconds"] == 0
    assert body["usage"]["billed_characters"] == len(ENGLISH)


@pytest.mark.parametrize("text", ["", "   \n\t ", "12:30 - 07700 900123", "😀🎉", "AB12 CDE", "\u200f\u202e"])
def test_text_without_words_passes_through(service: Service, text: str) -> None:
    body = service.translate(text)
    (found,) = body["translations"]
    assert (found["text"], found["status"], found["flags"]) == (text, "unchanged", ["no_language"])
    assert (
        found["characters"] == body["usage"]["characters"] == body["usage"]["billed_characters"] == len(text)
    )
    assert body["usage"]["compute_seconds"] == 0


def test_a_declared_source_is_not_detected(service: Service) -> None:
    (found,) = service.translate("Nada", source="pt")["translations"]
    assert (found["source"], found["detected"], found["confidence"]) == ("pt", False, None)
    assert found["status"] == "translated"


def test_a_source_that_is_the_target(service: Service) -> None:
    (found,) = service.translate(PORTUGUESE, "pt", source="pt")["translations"]
    assert (found["status"], found["flags"], found["text"]) == ("unchanged", ["already_target"], PORTUGUESE)


@pytest.mark.parametrize("code", ["pt-BR", "PT", "por", "pt_PT"])
def test_codes_are_normalised_and_said(service: Service, code: str) -> None:
    (into,) = service.translate(ENGLISH, code, source="ENG")["translations"]
    assert (into["source"], into["target"], into["route"]) == ("en", "pt", ["en", "pt"])
    (out,) = service.translate(PORTUGUESE, source=code)["translations"]
    assert out["source"] == "pt"
    (narrowed,) = service.translate(PORTUGUESE, candidates=[code, "en"])["translations"]
    assert narrowed["source"] == "pt"


def test_candidates_narrow_the_choice(service: Service) -> None:
    (found,) = service.translate(HUNGARIAN, candidates=["pt", "en"])["translations"]
    assert found["source"] in {"pt", "en", "und"}


def test_segments_tell_where_they_were(service: Service) -> None:
    text = "  😀 Bom dia a todos os presentes. O comboio está atrasado hoje!\r\n• 12:30\n\tFim da reunião de hoje."
    (found,) = service.translate(text, detail=True)["translations"]
    parts = [text[each["start"] : each["end"]] for each in found["segments"]]
    assert parts == [
        "Bom dia a todos os presentes.",
        "O comboio está atrasado hoje!",
        "12:30",
        "Fim da reunião de hoje.",
    ]
    position, rebuilt = 0, ""
    for each in found["segments"]:
        rebuilt += text[position : each["start"]] + each["text"]
        position = each["end"]
    assert rebuilt + text[position:] == found["text"]
    assert set(found["segments"][0]) == {
        "start", "end", "source", "confidence", "text", "flags", "cached", "terms", "hops", "repairs",
        "translation_confidence", "unit", "memory", "read_as",
    }  # fmt: skip
    assert [[hop["model"] for hop in each["hops"]] for each in found["segments"][1:3]] == [
        ["starter-pt-en"],
        [],
    ]
    assert found["segments"][2]["flags"] == ["no_language"]


def test_equal_segments_are_translated_once(service: Service) -> None:
    text = "Ele deixou a carrinha azul no armazém."
    body = service.translate([text] * 3, detail=True)
    usage = body["usage"]
    segments = [each["segments"][0] for each in body["translations"]]
    assert [each["cached"] for each in segments] == [False, True, True]
    assert len({each["text"] for each in segments}) == 1
    assert (usage["segments"], usage["cached_segments"]) == (3, 2)
    assert usage["characters"] == usage["billed_characters"] == 3 * len(text)


def test_a_segment_sent_again_is_remembered(start: Start) -> None:
    """At no compute, and billed like any other."""
    service = start(model_dir=None, cache="tenant")
    first, again = (service.translate("O navio chegou ao porto de manhã.", detail=True) for _ in range(2))
    assert first["usage"]["compute_seconds"] > 0
    assert (again["usage"]["compute_seconds"], again["usage"]["cached_segments"]) == (0, 1)
    assert again["translations"][0]["segments"][0]["cached"] is True
    assert again["translations"][0]["text"] == first["translations"][0]["text"]
    assert again["usage"]["billed_characters"] == first["usage"]["billed_characters"]


def test_headers_agree_with_the_body(service: Service) -> None:
    answer = service.client.post("/v1/translate", json={"text": ["😀 Olá a todos", "x"], "target": "en"})
    body = answer.json()
    assert answer.headers["X-Request-Id"] == body["id"]
    assert str(uuid.UUID(body["id"])) == body["id"]
    assert answer.headers["X-Characters"] == str(body["usage"]["characters"]) == "14"
    assert float(answer.headers["X-Compute-Seconds"]) == pytest.approx(
        body["usage"]["compute_seconds"], abs=1e-6
    )


def test_5_000_tokens_in_one_sentence(service: Service) -> None:
    """Cut to the model's limit and answered whole, and it says so."""
    words = [word for line in portuguese_messages() for word in re.findall(r"[^\W\d_]+", line)]
    text = " ".join(words * 2)[:26_000]
    (found,) = service.translate(text, source="pt", detail=True)["translations"]
    assert found["status"] == "translated"
    assert "split_long" in found["flags"]
    assert len(found["segments"]) == 1
    assert 0.7 < len(found["text"]) / len(text) < 2  # a small model rambles where nothing is punctuated
    assert service.metric("dragoman_source_tokens_total") > 5_000


def portuguese_messages() -> list[str]:
    with MESSAGES.open(encoding="utf-8") as lines:
        messages = [json.loads(line) for line in lines]
    return [message["text"] for message in messages if message["language"] == "pt"]


def test_the_operator_may_narrow_detection(start: Start) -> None:
    service = start(candidates="pt, en")
    (narrow,) = service.client.post("/v1/detect", json={"text": "A testemunha viu o carro azul."}).json()[
        "detections"
    ]
    (wide,) = service.client.post(
        "/v1/detect", json={"text": "A testemunha viu o carro azul.", "candidates": ["gl"]}
    ).json()["detections"]

    assert narrow["language"] == "pt"
    assert wide["language"] != "pt"
