"""The client: what is sent again, and how refusals read."""

import httpx
import pytest

from app.client import Dragoman
from app.client.retries import ATTEMPTS, FIRST_WAIT, LONGEST_WAIT
from app.errors import ConfigurationError, Refused, Unreachable


def client(replies: list[httpx.Response | Exception], waits: list[float], keys: list[str]) -> Dragoman:
    def handle(request: httpx.Request) -> httpx.Response:
        keys.append(request.headers.get("Idempotency-Key", ""))
        reply = replies.pop(0)
        if isinstance(reply, Exception):
            raise reply
        return reply

    return Dragoman("http://server/", transport=httpx.MockTransport(handle), sleep=waits.append)


def busy(after: str | None = None, status: int = 429) -> httpx.Response:
    return httpx.Response(status, headers={} if after is None else {"Retry-After": after})


def test_it_comes_back_when_told_and_keeps_its_key() -> None:
    waits: list[float] = []
    keys: list[str] = []
    replies: list[httpx.Response | Exception] = [
        busy("2"),
        busy("9999", 503),
        busy(),
        httpx.ReadTimeout("lost"),
        httpx.Response(200, json={"id": "1"}),
    ]
    with client(replies, waits, keys) as asked:
        assert asked.translate(["a"], target="en")["id"] == "1"
    assert waits == [2.0, LONGEST_WAIT, FIRST_WAIT * 4, FIRST_WAIT * 8]
    assert len(set(keys)) == 1
    assert len(keys[0]) == 36


def test_what_may_not_be_done_twice_is_not_sent_again_once_it_left() -> None:
    waits: list[float] = []
    replies: list[httpx.Response | Exception] = [
        busy("1"),
        httpx.ReadTimeout("lost"),
        httpx.Response(201, json={}),
    ]
    with client(replies, waits, []) as asked, pytest.raises(Unreachable, match="may have been done"):
        asked.glossaries.create("Statements")
    assert (waits, len(replies)) == ([1.0], 1)


def test_it_gives_up() -> None:
    waits: list[float] = []
    with (
        client([busy("1") for _ in range(ATTEMPTS)], waits, []) as asked,
        pytest.raises(Refused, match="HTTP status 429"),
    ):
        asked.models()
    assert len(waits) == ATTEMPTS - 1


@pytest.mark.parametrize(
    ("reply", "problem"),
    [
        (httpx.Response(503, json={"code": "model_unavailable", "detail": "Checksum."}), "model_unavailable"),
        (httpx.Response(422, json={"code": "invalid_request", "detail": "No."}), "invalid_request"),
        (httpx.Response(502, text="<html>"), "http_502"),
    ],
)
def test_what_is_not_worth_asking_again(reply: httpx.Response, problem: str) -> None:
    with client([reply], [], []) as asked, pytest.raises(Refused) as refused:
        asked.usage(group_by="day")
    assert refused.value.problem == problem


def test_nobody_there_and_somebody_else() -> None:
    with (
        client([httpx.ConnectError("no")], [], []) as asked,
        pytest.raises(Unreachable, match="http://server"),
    ):
        asked.models()
    with client([httpx.Response(200, text="hello")], [], []) as asked, pytest.raises(Unreachable):
        asked.detect(["a"], candidates=["pt"])


@pytest.mark.parametrize("address", ["server:80", "ftp://server", "http://", ""])
def test_an_address_that_is_none(address: str) -> None:
    with pytest.raises(ConfigurationError):
        Dragoman(address)
