"""A server that is busy, small, or gone."""

import json
from collections.abc import Callable, Sequence

import httpx
import pytest

from app.bulk.engine import Answer, Enforced, Order
from app.bulk.remote import connected
from app.client.retries import ATTEMPTS, FIRST_WAIT
from app.errors import ConfigurationError, Refused, UnknownLanguage, Unreachable

ORDER = Order("job", "en")
USAGE = {"billed_characters": 1}
Handler = Callable[[httpx.Request], httpx.Response]


def answer(request: httpx.Request) -> httpx.Response:
    texts = json.loads(request.content)["text"]
    return httpx.Response(200, json={"translations": [{"text": text} for text in texts], "usage": USAGE})


async def ask(handler: Handler, texts: Sequence[str], waits: list[float] | None = None) -> Answer:
    def routed(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json={}) if request.url.path == "/v1/models" else handler(request)

    async def sleep(seconds: float) -> None:
        if waits is not None:
            waits.append(seconds)

    transport = httpx.MockTransport(routed)
    async with connected("http://server", ORDER, transport=transport, sleep=sleep) as engine:
        return await engine.translate(texts, 7)


async def test_a_glossary_that_changes_meanwhile_ends_the_run() -> None:
    version = 1
    kept = {"id": "g1", "name": "Statements", "version": version}
    asked: list[str] = []

    def handler(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/v1/models":
            return httpx.Response(200, json={})
        if request.url.path == "/v1/glossaries":
            return httpx.Response(200, json={"glossaries": [kept]})
        asked.append(json.loads(request.content)["glossary"])
        body = json.loads(answer(request).content)
        return httpx.Response(200, json={**body, "glossary": {**kept, "version": version}})

    order = Order("job", "en", enforced=Enforced("Statements"))
    async with connected("http://server", order, transport=httpx.MockTransport(handler)) as engine:
        assert engine.terms["--glossary"] == kept
        assert len((await engine.translate(["a"], 0)).translations) == 1
        version = 2
        with pytest.raises(ConfigurationError, match="glossary was changed"):
            await engine.translate(["b"], 1)
    assert asked == ["g1", "g1"]


async def test_a_busy_server_is_asked_again_under_the_same_key() -> None:
    keys: list[str] = []
    waits: list[float] = []

    def busy(request: httpx.Request) -> httpx.Response:
        keys.append(request.headers["Idempotency-Key"])
        if len(keys) == 1:
            return httpx.Response(429, headers={"Retry-After": "3"})
        if len(keys) == 2:
            raise httpx.ReadError("lost")
        if len(keys) == 3:
            raise httpx.ConnectError("restarting")
        return answer(request)

    found = await ask(busy, ["a", "b"], waits)
    assert [each["text"] for each in found.translations] == ["a", "b"]
    assert keys == ["job:7"] * 4
    assert waits == [3.0, FIRST_WAIT * 2, FIRST_WAIT * 4]


async def test_it_gives_up() -> None:
    asked = 0

    def busy(_: httpx.Request) -> httpx.Response:
        nonlocal asked
        asked += 1
        return httpx.Response(503, json={"code": "storage_unavailable", "detail": "The disk is full."})

    with pytest.raises(Refused, match="The disk is full"):
        await ask(busy, ["a"])
    assert asked == ATTEMPTS


async def test_a_window_over_the_limits_is_halved_until_it_fits() -> None:
    keys: list[str] = []

    def small(request: httpx.Request) -> httpx.Response:
        if sum(map(len, json.loads(request.content)["text"])) > 3:
            return httpx.Response(413, json={"code": "too_large", "detail": "Too large."})
        keys.append(request.headers["Idempotency-Key"])
        return answer(request)

    found = await ask(small, ["a", "b", "long", "c", "d"])
    assert [each["text"] for each in found.translations] == ["a", "b", None, "c", "d"]
    assert found.translations[2]["error"] == {
        "code": "too_large",
        "message": "The server refused: Too large.",
    }
    assert found.translations[2]["characters"] == 4
    assert len(keys) == len(set(keys)) == len(found.usages)


async def test_a_refusal_of_the_whole_run_is_raised() -> None:
    with pytest.raises(Refused) as refused:
        await ask(lambda _: httpx.Response(400, json={"code": "no_route", "detail": "No model."}), ["a", "b"])
    assert refused.value.problem == "no_route"


async def test_a_server_that_is_something_else() -> None:
    for body in ("<html>", "[]", "{}", '{"translations": [], "usage": {}}'):
        with pytest.raises(Unreachable):
            await ask(lambda _, body=body: httpx.Response(200, text=body), ["a"])  # type: ignore[misc]


async def test_nobody_there_is_said_at_once() -> None:
    def nobody(_: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused")

    transport = httpx.MockTransport(nobody)
    with pytest.raises(Unreachable, match="dragoman serve"):
        async with connected("http://server", ORDER, transport=transport):
            pass


async def test_a_wrong_language_is_said_before_anything_is_sent() -> None:
    with pytest.raises(UnknownLanguage):
        async with connected("http://server", Order("job", "xx-nonsense")):
            pass
