"""Terms and protected text over HTTP, with the embedded models."""

from pathlib import Path
from typing import Any

import pytest

from tests.app.conftest import Start
from tests.app.serving import Service, write_card

TERMS = {"suspect": "arguido", "van": "carrinha", "knife": "navalha"}


def segments(body: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = body["translations"][0]["segments"]
    return found


def test_terms_of_the_request_are_used(service: Service) -> None:
    text = "The suspects left the van in Thornbury Lane. A knife was found."
    body = service.translate(
        text,
        "pt",
        source="en",
        glossary=TERMS,
        protect={"names": ["Thornbury Lane"]},
        detail=True,
    )
    (found,) = body["translations"]
    for wanted in ("arguidos", "carrinha", "navalha", "Thornbury Lane"):
        assert wanted in found["text"].replace("Navalha", "navalha")
    assert "glossary_missed" not in found["flags"]
    used = [
        (text[term["start"] : term["end"]], term["wanted"], term["applied"])
        for each in segments(body)
        for term in each["terms"]
    ]
    assert used == [
        ("suspects", "arguidos", True),
        ("van", "carrinha", True),
        ("Thornbury Lane", "Thornbury Lane", True),
        ("knife", "navalha", True),
    ]
    assert body["usage"]["billed_characters"] == len(text)


def test_without_them_nothing_changes(service: Service) -> None:
    text = ["The suspects left the van.", "He paid £40 on 3 May."]
    plain = service.translate(text, "pt", source="en")
    empty = service.translate(text, "pt", source="en", glossary={}, protect={})
    assert [each["text"] for each in plain["translations"]] == [
        each["text"] for each in empty["translations"]
    ]


def test_capitals(service: Service) -> None:
    body = service.translate(
        "THE VAN WAS STOLEN NEAR NICHE RMS.",
        "pt",
        source="en",
        glossary=TERMS,
        protect={"names": ["Niche RMS"]},
    )
    text = body["translations"][0]["text"]
    assert text.isupper()
    assert "CARRINHA" in text
    assert "NICHE RMS" in text


def test_users_patterns_stand_to_the_letter(service: Service) -> None:
    text = "See file van-of-2/of-9 and the report."
    body = service.translate(text, "pt", source="en", protect={"patterns": [r"van-of-\d/of-\d"]})
    assert "van-of-2/of-9" in body["translations"][0]["text"]


def test_a_text_that_is_protected_whole_needs_no_language(service: Service) -> None:
    (found,) = service.translate("Yahoo! Japan", "pt", protect={"names": ["Yahoo! Japan"]})["translations"]
    assert (found["text"], found["status"]) == ("Yahoo! Japan", "unchanged")


def test_a_cell_that_is_a_term_needs_no_engine(service: Service) -> None:
    body = service.translate("Van", "pt", source="en", glossary=TERMS)
    assert body["translations"][0]["text"] == "Carrinha"
    assert body["usage"]["compute_seconds"] == 0
    assert body["usage"]["billed_characters"] == 3


def test_what_cannot_be_put_in_is_flagged_and_the_plain_translation_stands(
    start: Start, tmp_path: Path
) -> None:
    write_card(tmp_path / "reverse", "reverse-en-pt", ("en", "pt"), architecture="reverse")
    running = start(model_dir=tmp_path / "reverse")
    body = running.translate("The van left.", "pt", source="en", glossary=TERMS, detail=True)
    (found,) = body["translations"]
    assert found["text"] == ".tfel nav ehT."
    assert "glossary_missed" in found["flags"]
    assert [term["applied"] for each in segments(body) for term in each["terms"]] == [False]


@pytest.mark.parametrize(
    "body",
    [
        {"glossary": {"": "x"}},
        {"glossary": {"van": "\u0000"}},
        {"protect": {"patterns": ["("]}},
        {"protect": {"names": ["a"] * 1_001}},
        {"protect": {"name": []}},
        {"glossary": 7},
    ],
)
def test_what_is_no_glossary_is_refused(identity_service: Service, body: dict[str, Any]) -> None:
    answer = identity_service.client.post("/v1/translate", json={"text": "a", "target": "pt", **body})
    assert answer.status_code == 422
    assert answer.json()["code"] == "invalid_request"
