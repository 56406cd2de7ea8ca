"""POST /v1/estimate."""

import pytest

from tests.app.conftest import Start
from tests.app.serving import Service

TEXTS = ["Bom dia, onde fica a estação?", "Bom dia, onde fica a estação?", "The van left at 14:35."]


@pytest.fixture
def priced(start: Start) -> Service:
    return start(price_per_million=8, cache="tenant")


def test_it_says_what_translating_then_charges(priced: Service) -> None:
    body = {"text": TEXTS, "target": "en", "candidates": ["pt", "en"]}
    answer = priced.client.post("/v1/estimate", json=body)
    assert answer.status_code == 200
    forecast = answer.json()
    assert priced.usage()["totals"]["requests"] == 0
    done = priced.translate(TEXTS, "en", candidates=["pt", "en"])["usage"]
    for name in ("characters", "billed_characters", "segments", "price", "currency"):
        assert forecast[name] == done[name], name
    assert forecast["repeats"] == done["cached_segments"] == 1
    assert forecast["texts"] == 3
    assert (
        float(forecast["cost"]["low"]) <= float(forecast["cost"]["value"]) <= float(forecast["cost"]["high"])
    )


def test_a_missing_route_is_an_answer_and_not_a_refusal(priced: Service) -> None:
    answer = priced.client.post("/v1/estimate", json={"text": "Jó napot", "source": "hu", "target": "en"})
    assert answer.status_code == 200
    (missing,) = answer.json()["missing"]
    assert (missing["source"], missing["target"], missing["characters"]) == ("hu", "en", 8)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"text": "Bom dia", "target": "nonsense!"}, "unknown_language"),
        ({"text": "Bom dia"}, "invalid_request"),
        ({"text": "Bom dia", "target": "en", "candidates": []}, "invalid_request"),
        ({"text": ["x"] * 5_001, "target": "en"}, "too_large"),
    ],
)
def test_refusals_are_those_of_translate(priced: Service, body: object, code: str) -> None:
    answer = priced.client.post("/v1/estimate", json=body)
    assert answer.json()["code"] == code
