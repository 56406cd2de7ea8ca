"""Limits and budgets as a caller meets them: headers, refusals, and two servers with one database."""

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from decimal import Decimal
from pathlib import Path

import httpx
import pytest

from app.ledger.money import NANOS
from app.tenants.directory import Directory
from app.tenants.tenant import Budget, Rates
from tests.app.cli.program import Program, Served
from tests.app.conftest import Start
from tests.app.serving import PATIENCE, Gate, Service
from tests.databases import Place

EACH = len("Bom dia 000")


def ask(service: Service, secret: str, number: int = 0, *, text: str | None = None) -> httpx.Response:
    body = {"text": text or f"Bom dia {number:03}", "source": "pt", "target": "en"}
    return service.client.post("/v1/translate", json=body, headers={"X-API-Key": secret})


def tenant(service: Service, *, budget: Budget | None = None, rates: Rates | None = None) -> str:
    """A key of the tenant `north`."""
    directory = Directory(service.runtime.database)
    directory.create_tenant("north", budget=budget, rates=rates)
    return directory.create_key("north").secret


def test_a_hard_budget_is_refused_before_any_work(start: Start) -> None:
    service = start()
    secret = tenant(service, budget=Budget(characters=3 * EACH))
    assert [ask(service, secret, number).status_code for number in range(3)] == [200] * 3
    segments = service.metric("dragoman_segments_total")
    refused = ask(service, secret, 4)
    assert (refused.status_code, refused.json()["code"]) == (402, "budget_exceeded")
    assert "33 of 33 characters" in refused.json()["detail"]
    assert refused.headers["X-Budget-Warning"] == "characters;used=33;limit=33"
    assert service.metric("dragoman_segments_total") == segments
    assert service.metric('dragoman_budget_events_total{what="refused"}') == 1
    service.translate("Bom dia")  # other tenants go on


def test_money_runs_out_to_the_nano_unit(start: Start) -> None:
    service = start(price_per_million=Decimal(10))
    secret = tenant(service, budget=Budget(price_nanos=2 * EACH * NANOS // 100_000))
    assert [ask(service, secret, number).status_code for number in range(3)] == [200, 200, 402]
    usage = service.client.get("/v1/usage", headers={"X-API-Key": secret}).json()
    assert Decimal(usage["totals"]["price"]) == Decimal(2 * EACH * 10) / 1_000_000


def test_a_soft_budget_is_said_and_not_refused(start: Start) -> None:
    service = start()
    secret = tenant(service, budget=Budget(characters=EACH, hard=False))
    for number in range(3):
        answer = ask(service, secret, number)
        assert answer.status_code == 200
        assert answer.headers["X-Budget-Warning"] == f"characters;used={(number + 1) * EACH};limit={EACH}"
    assert service.metric('dragoman_budget_events_total{what="over"}') == 2


def test_a_repeat_costs_nothing_and_needs_no_budget(start: Start) -> None:
    service = start(replay_window=300)
    secret = tenant(service, budget=Budget(characters=EACH))
    assert [ask(service, secret).status_code for _ in range(3)] == [200] * 3
    assert ask(service, secret, 1).status_code == 402


def test_whoever_hangs_up_gives_the_budget_back(gated: Start, gate: Gate) -> None:
    service = gated()
    secret = tenant(service, budget=Budget(characters=EACH))
    with pytest.raises(httpx.ReadTimeout), httpx.Client(base_url=service.client.base_url) as impatient:
        impatient.post(
            "/v1/translate",
            json={"text": "Bom dia 000", "source": "pt", "target": "en"},
            headers={"X-API-Key": secret},
            timeout=httpx.Timeout(PATIENCE, read=1.0),
        )
    gate.opened.set()
    while ask(service, secret, 1).status_code == 402:  # until the service has seen that nobody is there
        pass
    assert ask(service, secret, 2).status_code == 402


def test_requests_a_minute(start: Start) -> None:
    service = start()
    secret = tenant(service, rates=Rates(requests=2))
    # A minute may end in between: then it is two more.
    answers = [service.client.get("/v1/languages", headers={"X-API-Key": secret}) for _ in range(6)]
    counted = Counter(answer.status_code for answer in answers)
    assert counted[200] in (2, 4)
    assert counted[200] + counted[429] == 6
    refused = next(answer for answer in answers if answer.status_code == 429)
    assert refused.json()["code"] == "rate_limited"
    assert 1 <= int(refused.headers["Retry-After"]) <= 60
    assert refused.headers["RateLimit-Limit"] == "2"
    assert refused.headers["RateLimit-Remaining"] == "0"
    assert 1 <= int(refused.headers["RateLimit-Reset"]) <= 60
    assert answers[0].headers["RateLimit-Remaining"] == "1"
    assert service.client.get("/v1/languages").status_code == 200


def test_characters_a_minute(start: Start) -> None:
    service = start()
    secret = tenant(service, rates=Rates(characters=2 * EACH))
    counted = Counter(ask(service, secret, number).status_code for number in range(6))
    assert counted[200] in (2, 4)
    assert counted[200] + counted[429] == 6
    too_long = ask(service, secret, text="Bom dia. " * 9)
    assert (too_long.status_code, too_long.json()["code"]) == (413, "too_large")


@pytest.fixture
def replicas(place: Place, identity_models: Path, tmp_path: Path) -> Iterator[list[Served]]:
    """Two servers, processes of their own, with one database."""
    settings = {
        **place.environment,
        "DRAGOMAN_MODEL_DIR": str(identity_models),
        "DRAGOMAN_AUTH": "required",
        "DRAGOMAN_PRELOAD": "false",
    }
    with ExitStack() as stack:
        yield [stack.enter_context(Program(tmp_path, settings).serving()) for _ in range(2)]


def test_two_hundred_at_once_at_two_servers_use_all_of_a_budget_and_no_more(
    replicas: list[Served], place: Place
) -> None:
    database = place.open()
    directory = Directory(database)
    directory.create_tenant("north", budget=Budget(characters=50 * EACH))
    headers = {"X-API-Key": directory.create_key("north").secret}

    def post(client: httpx.Client, number: int) -> httpx.Response:
        body = {"text": f"Bom dia {number:03}", "source": "pt", "target": "en"}
        return client.post("/v1/translate", json=body)

    with ExitStack() as stack, ThreadPoolExecutor(200) as crowd:
        clients = [
            stack.enter_context(
                httpx.Client(
                    base_url=each.url,
                    headers=headers,
                    timeout=PATIENCE,
                    limits=httpx.Limits(max_connections=200),
                )
            )
            for each in replicas
        ]
        waiting = [crowd.submit(post, clients[number % 2], number) for number in range(200)]
        answers = [each.result() for each in waiting]
        assert Counter(answer.status_code for answer in answers) == {200: 50, 402: 150}
        assert {answer.json()["code"] for answer in answers if answer.status_code == 402} == {
            "budget_exceeded"
        }
        totals = clients[0].get("/v1/usage").json()["totals"]
        assert totals["billed_characters"] == 50 * EACH
    database.close()
