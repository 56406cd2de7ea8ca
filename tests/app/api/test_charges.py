"""What the replies say was used is what the ledger holds."""

import json
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from app.ledger.tables import entries, lines
from models.catalogue import installed
from tests.app.conftest import Start
from tests.app.serving import Service

MESSAGES = Path(__file__).parents[3] / "examples" / "messages.jsonl"
FIGURES = ("characters", "billed_characters", "segments", "cached_segments")
MONEY = ("price", "cost")


def messages() -> list[str]:
    with MESSAGES.open(encoding="utf-8") as lines:
        return [json.loads(line)["text"] for line in lines]


def post(service: Service, body: dict[str, Any], key: str) -> httpx.Response:
    return service.client.post("/v1/translate", json=body, headers={"Idempotency-Key": key})


@pytest.fixture
def priced(start: Start) -> Service:
    return start(model_dir=None, price_per_million="8.06", machine_rate_per_hour="3.7")


def test_the_ledger_is_the_sum_of_the_replies(priced: Service) -> None:
    texts = messages()[:120]
    requests = [(texts[at : at + 7], "pt" if at % 2 else "en") for at in range(0, len(texts), 7)]
    with ThreadPoolExecutor(8) as clients:
        replies = list(clients.map(lambda each: priced.translate(each[0], each[1])["usage"], requests))
    totals = priced.usage()["totals"]
    assert totals["requests"] == len(requests)
    assert totals["characters"] == sum(map(len, texts))
    assert 0 < totals["billed_characters"] <= totals["characters"]
    for name in FIGURES:
        assert totals[name] == sum(reply[name] for reply in replies)
    for name in MONEY:
        assert Decimal(totals[name]) == sum(Decimal(reply[name]) for reply in replies)
        assert Decimal(totals[name]) > 0
    assert totals["compute_seconds"] == pytest.approx(sum(reply["compute_seconds"] for reply in replies))
    for group_by in ("day", "pair", "model"):
        rows = priced.usage(group_by=group_by)["rows"]
        assert rows
        for name in FIGURES:
            assert totals[name] == sum(row[name] for row in rows)
        for name in MONEY:
            assert Decimal(totals[name]) == sum(Decimal(row[name]) for row in rows)


def test_the_engines_time_is_all_charged(priced: Service) -> None:
    priced.translate(messages()[:20])
    engine = priced.metric("dragoman_compute_seconds_total")
    assert priced.usage()["totals"]["compute_seconds"] == pytest.approx(engine, rel=1e-6)


def test_characters_are_billed_by_the_price_list(priced: Service) -> None:
    usage = priced.translate(["😀 Olá a todos, bom dia.", "A vonat késik, és nem tudom, mikor indul."])[
        "usage"
    ]
    assert usage["billed_characters"] == 23
    assert usage["price"] == "0.000185380"


def test_usage_by_pair_and_model(priced: Service) -> None:
    priced.translate("Bom dia a todos. The meeting is at noon today.")
    pairs = {row["key"]: row["characters"] for row in priced.usage(group_by="pair")["rows"]}
    assert pairs == {"pt-en": 17, "en-en": 29}
    models = {row["key"] for row in priced.usage(group_by="model")["rows"]}
    assert models == {"starter-pt-en", "none"}


def test_repeats_that_are_not_charged(start: Start) -> None:
    service = start(price_per_million="8.06", charge_cached=False)
    text = "Bom dia a todos"
    usage = service.translate([text] * 3, source="pt")["usage"]
    assert (usage["characters"], usage["billed_characters"], usage["cached_segments"]) == (45, 15, 2)
    totals = service.usage()["totals"]
    assert (totals["billed_characters"], totals["cached_characters"]) == (15, 30)


def test_a_repeat_is_billed_once(start: Start) -> None:
    service = start(price_per_million="8.06")
    body = {"text": "Bom dia", "target": "en", "source": "pt"}
    first, second = (post(service, body, "one").json() for _ in range(2))
    assert first["usage"]["billed_characters"] == 7
    assert second == first
    totals = service.usage()["totals"]
    assert (totals["requests"], totals["billed_characters"]) == (1, 7)


def test_a_repeat_beside_the_first_is_billed_once(start: Start) -> None:
    service = start()
    body = {"text": "Bom dia a todos", "target": "en", "source": "pt"}
    with ThreadPoolExecutor(8) as clients:
        replies = list(clients.map(lambda _: post(service, body, "race").json(), range(16)))
    assert {reply["id"]: reply["usage"]["billed_characters"] for reply in replies} == {replies[0]["id"]: 15}
    assert service.usage()["totals"]["requests"] == 1
    assert service.metric('dragoman_characters_total{state="billed"}') == 15


def test_a_key_names_one_request(start: Start) -> None:
    service = start()
    body = {"text": "Bom dia", "target": "en", "source": "pt"}
    assert post(service, body, "mine").status_code == 200
    refused = post(service, {**body, "text": "Boa noite"}, "mine")
    assert (refused.status_code, refused.json()["code"]) == (409, "idempotency_key_reused")
    assert service.usage()["totals"]["requests"] == 1


@pytest.mark.parametrize("key", ["", "k" * 256])
def test_keys_have_bounds(identity_service: Service, key: str) -> None:
    refused = post(identity_service, {"text": "x", "target": "en"}, key)
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid_request")
    assert "idempotency-key" in refused.json()["detail"]


def test_usage_within_a_period(identity_service: Service) -> None:
    identity_service.translate("Bom dia", source="pt")
    assert identity_service.usage(since="1999-01-01", until="1999-12-31")["totals"]["requests"] == 0
    assert identity_service.usage(since="2020-01-01")["totals"]["requests"] > 0
    swapped = identity_service.client.get("/v1/usage", params={"since": "2026-02-01", "until": "2026-01-01"})
    assert (swapped.status_code, swapped.json()["code"]) == (422, "invalid_request")


@pytest.mark.parametrize("name", ["A&E ward 7", "Saúde", "c" * 64])
def test_a_charge_is_filed_under_its_cost_centre(start: Start, name: str) -> None:
    service = start(model_dir=None)
    reply = service.client.post(
        "/v1/translate", json={"text": "Bom dia", "target": "en"}, headers={b"X-Cost-Centre": name.encode()}
    )
    assert reply.status_code == 200
    with service.runtime.database.read() as connection:
        assert connection.scalars(select(entries.c.cost_centre)).all() == [name]
        (fingerprints,) = connection.scalars(select(lines.c.fingerprints))
    card = installed(None).card("starter-pt-en")
    assert card is not None
    assert json.loads(fingerprints) == [card.fingerprint[:16]]


@pytest.mark.parametrize("name", ["", "c" * 65, "a\tb"])
def test_a_cost_centre_is_printable_and_short(identity_service: Service, name: str) -> None:
    refused = identity_service.client.post(
        "/v1/translate", json={"text": "Bom dia", "target": "en"}, headers={"X-Cost-Centre": name}
    )
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid_request")
    assert "64 printable characters" in refused.json()["detail"]
