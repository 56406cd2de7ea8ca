"""POST /v1/check at the edge."""

from typing import TYPE_CHECKING, Any

import pytest

from tests.app.conftest import Start
from tests.app.serving import Service

if TYPE_CHECKING:
    import httpx


def check(service: Service, body: Any) -> list[dict[str, Any]]:
    answer = service.client.post("/v1/check", json=body)
    assert answer.status_code == 200, answer.text
    results: list[dict[str, Any]] = answer.json()["results"]
    return results


def test_a_pair_gets_its_doubts_with_their_places(identity_service: Service) -> None:
    source, text = "Pague £1.700,50 até 3 de maio.", "Pay €1,700.50 by 3 March."
    (result,) = check(
        identity_service,
        {"source": source, "text": text, "source_language": "pt-BR", "target_language": "en"},
    )
    places = {(f["kind"], f["start"] is None): f for f in result["flags"]}
    euro, pound = places["currencies_differ", False], places["currencies_differ", True]
    assert text[euro["start"] : euro["end"]] == "€"
    assert source[pound["source_start"] : pound["source_end"]] == "£"
    month = places["dates_differ", False]
    assert text[month["start"] : month["end"]] == "March"
    assert {f["kind"] for f in result["flags"]} == {"currencies_differ", "dates_differ"}


def test_a_sentence_that_is_missing_is_noticed(identity_service: Service) -> None:
    pair = {
        "source": "O barco já tinha partido quando cheguei. Esperei pelo seguinte até à noite.",
        "text": "The boat had already left when I arrived.",
        "source_language": "pt",
        "target_language": "en",
    }
    (result,) = check(identity_service, pair)
    (found,) = [each for each in result["flags"] if each["kind"] == "sentence_lost"]
    assert found["detail"].startswith("Sentences of the source: 2; of the translation")


def test_pairs_are_answered_in_their_order(identity_service: Service) -> None:
    good = {"source": "Vi 3 carros.", "text": "I saw 3 cars."}
    bad = {"source": "Vi 3 carros.", "text": "I saw 8 cars."}
    results = check(identity_service, [good, bad, good])
    assert [[f["kind"] for f in result["flags"]] for result in results] == [
        [],
        ["numbers_differ", "numbers_differ"],
        [],
    ]


def test_another_language_is_noticed_with_and_without_naming_them(identity_service: Service) -> None:
    pair = {
        "source": "O motorista disse que não conhecia o passageiro e que recebeu o dinheiro na estação.",
        "text": "El conductor dijo que no conocía al pasajero y que recibió el dinero en la estación.",
    }
    named = {**pair, "source_language": "pt", "target_language": "en"}
    (result,) = check(identity_service, named)
    assert [f["kind"] for f in result["flags"]] == ["language_unexpected"]
    assert "es" in result["flags"][0]["detail"]
    assert check(identity_service, pair) == [{"flags": []}]  # nothing says that Spanish was not wanted


def test_the_region_says_how_english_writes_its_dates(identity_service: Service) -> None:
    pair = {"source": "Chegou a 03/04/2024.", "text": "It arrived on 04/03/2024.", "source_language": "pt"}
    american, british, any_english = check(
        identity_service, [{**pair, "target_language": each} for each in ("en-US", "en-GB", "en")]
    )
    assert american == {"flags": []}
    assert (
        {f["kind"] for f in british["flags"]} == {f["kind"] for f in any_english["flags"]} == {"dates_differ"}
    )


def test_nothing_is_charged(identity_service: Service) -> None:
    before = identity_service.usage()["totals"]
    check(identity_service, {"source": "Um.", "text": "One."})
    assert identity_service.usage()["totals"] == before


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ([], 422),
        ("text", 422),
        ({"source": "a"}, 422),
        ([{"source": "a", "text": "b"}, {"source": "a"}], 422),
        ({"source": "a", "text": 1}, 422),
        ({"source": "a", "text": "b", "target_language": "klingon!"}, 400),
    ],
)
def test_bad_input_is_refused(identity_service: Service, body: Any, status: int) -> None:
    answer = identity_service.client.post("/v1/check", json=body)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")


def test_the_limits_of_a_request_hold(start: Start) -> None:
    service = start(max_texts=2, max_characters=50)
    pair = {"source": "a", "text": "b"}

    def status(body: Any) -> int:
        answer: httpx.Response = service.client.post("/v1/check", json=body)
        return answer.status_code

    assert status([pair] * 2) == 200
    assert status([pair] * 3) == 413
    assert status({"source": "a" * 51, "text": "b"}) == 413
    assert status({"source": "a", "text": "b" * 51}) == 413
