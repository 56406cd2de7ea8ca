"""Raw bytes at the real server: what no well-meaning client sends."""

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx
import pytest

from app.api import connection
from app.api.connection import MOST_AHEAD, MOST_HEADERS
from app.api.headers import GUARDS
from app.errors import ConfigurationError
from app.settings import load_settings
from app.tenants.attempts import MOST
from tests.app.conftest import Start
from tests.app.serving import PATIENCE, Service

GOOD = b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n"
CLOSING = b"GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
JSON = b'{"text": "Bom dia.", "source": "pt", "target": "en"}'
HEAD = b"POST /v1/translate HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"


@contextmanager
def connected(service: Service) -> Iterator[socket.socket]:
    with socket.create_connection(service.address, timeout=PATIENCE) as opened:
        yield opened


def everything(opened: socket.socket) -> bytes:
    """Until the server hangs up."""
    parts = []
    while part := opened.recv(65_536):
        parts.append(part)
    return b"".join(parts)


def exchange(service: Service, sent: bytes) -> bytes:
    """The server must hang up of its own accord: this end never does."""
    with connected(service) as opened:
        opened.sendall(sent)
        return everything(opened)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "LOOK_SECONDS", 0.01)
    monkeypatch.setattr(connection, "HEAD_SECONDS", 0.2)
    monkeypatch.setattr(connection, "SILENCE_SECONDS", 0.2)


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"GET /healthz HTT",
        b"GET /healthz HTTP/1.1\r\nHost: a\r\nX-Slow: ",
        HEAD + b"Content-Length: 100\r\n\r\n",
        HEAD + b"Content-Length: 100\r\n\r\n" + JSON,
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\n",
    ],
    ids=["nothing", "half a line", "half the headers", "no body", "half a body", "half a chunk"],
)
def test_who_begins_a_request_and_stops_is_hung_up_on(identity_service: Service, sent: bytes) -> None:
    assert b"200 OK" not in exchange(identity_service, sent)
    assert identity_service.client.get("/healthz").is_success


def test_drop_by_drop_is_too_slow_too(identity_service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "LOOK_SECONDS", 0.01)
    monkeypatch.setattr(connection, "HEAD_SECONDS", 0.2)
    with connected(identity_service) as opened:
        opened.settimeout(0.02)
        opened.sendall(b"GET /healthz HTTP/1.1\r\nX-Slow: ")
        for _ in range(int(PATIENCE / 0.02)):
            try:
                opened.sendall(b"a")
                if opened.recv(1) == b"":
                    return
            except TimeoutError:
                continue
            except OSError:
                return
    pytest.fail("It was listened to for a minute.")


@pytest.mark.usefixtures("impatient")
def test_a_second_request_on_the_connection_has_as_long(identity_service: Service) -> None:
    with connected(identity_service) as opened:
        opened.sendall(GOOD)
        assert opened.recv(65_536).startswith(b"HTTP/1.1 200")
        opened.sendall(b"GET /healthz HT")
        assert b"200 OK" not in everything(opened)


@pytest.mark.usefixtures("impatient")
def test_who_waits_for_an_answer_is_not_hung_up_on(service: Service) -> None:
    """Its time is ours, not the caller's."""
    service.translate(["Bom dia, onde fica a estação de comboios?"] * 400, source="pt")


def test_headers_have_a_limit(identity_service: Service) -> None:
    long = b"X-Long: " + b"a" * (MOST_HEADERS + 70_000)
    assert exchange(identity_service, b"GET /healthz HTTP/1.1\r\nHost: a\r\n" + long).startswith(
        b"HTTP/1.1 400"
    )
    many = b"X-Many: a\r\n" * 10_000
    assert exchange(identity_service, b"GET /healthz HTTP/1.1\r\nHost: a\r\n" + many).startswith(
        b"HTTP/1.1 400"
    )


HIDDEN = b"GET /v1/nothing HTTP/1.1\r\nHost: a\r\n\r\n"


@pytest.mark.parametrize(
    "sent",
    [
        HEAD + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        HEAD + b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
        HEAD + b"Content-Length: 0\r\nContent-Length: 39\r\n\r\n",
        HEAD + b"Content-Length: 0, 39\r\n\r\n",
        HEAD + b"Content-Length: +0\r\n\r\n",
        HEAD + b"Content-Length: -1\r\n\r\n",
        HEAD + b"Content-Length : 0\r\n\r\n",
        HEAD + b"Transfer-Encoding: identity, chunked\r\n\r\n0\r\n\r\n",
        HEAD + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
        HEAD + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n0x1\r\na\r\n0\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        HEAD + b"Content-Length: 0\nX: a\r\n\r\n",
        HEAD + b"Content-Length: 0\r\n folded\r\n\r\n",
        HEAD.replace(b"1.1", b"1.0") + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"GET /healthz HTTP/2.0\r\nHost: a\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\n\r\n",
        b"GET /healthz\x00 HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\nHost: a\r\nX: a\x00b\r\n\r\n",
    ],
    ids=lambda sent: sent.removeprefix(HEAD)[:60],
)
def test_what_two_parsers_could_read_in_two_ways_is_refused_with_all_that_follows(
    identity_service: Service, sent: bytes
) -> None:
    answer = exchange(identity_service, sent + HIDDEN)
    status = int(answer.split(b" ", 2)[1])
    assert 400 <= status < 500 or status == 501
    assert answer.count(b"HTTP/1.1 ") == 1
    assert answer.lower().count(b"connection: close") == 1
    head = answer.lower().split(b"\r\n\r\n")[0]
    for name in (*dict(GUARDS), b"x-request-id"):
        assert head.count(b"\r\n" + name + b": ") == 1, name


CLOSING = GOOD.replace(b"Host", b"Connection: close\r\nHost")


def test_requests_sent_ahead_are_answered_in_their_order(identity_service: Service) -> None:
    post = HEAD + b"Content-Length: %d\r\n\r\n" % len(JSON) + JSON
    answer = exchange(identity_service, post + HIDDEN + CLOSING)
    assert [part[:3] for part in answer.split(b"HTTP/1.1 ")[1:]] == [b"200", b"404", b"200"]


def test_a_request_that_is_refused_takes_no_answer_from_the_one_before(identity_service: Service) -> None:
    post = HEAD + b"Content-Length: %d\r\n\r\n" % len(JSON) + JSON
    answer = exchange(identity_service, post + b"nonsense\r\n\r\n" + HIDDEN)
    assert answer.count(b"HTTP/1.1 ") == 1
    assert answer.startswith(b"HTTP/1.1 200")
    assert b"connection: close" in answer.lower()


def test_only_so_many_requests_may_wait_on_a_connection(identity_service: Service) -> None:
    answer = exchange(identity_service, GOOD * 1_000)
    assert 1 <= answer.count(b"HTTP/1.1 200 ") == answer.count(b"HTTP/1.1 ") <= MOST_AHEAD + 1


def test_what_is_said_after_a_body_is_no_header(start: Start) -> None:
    """A proxy in front has not seen to it."""
    service = start(auth="required")
    key = b"X-API-Key: dgm_" + b"A" * 43
    chunks = b"Transfer-Encoding: chunked\r\n\r\n%x\r\n%b\r\n0\r\n" % (len(JSON), JSON)
    for _ in range(MOST + 1):
        with connected(service) as opened:
            opened.sendall(HEAD + chunks + key + b"\r\n\r\n")
            assert opened.recv(65_536).startswith(b"HTTP/1.1 401")
    with connected(service) as opened:  # none of these was a guess at a key
        opened.sendall(HEAD + key + b"\r\nContent-Length: 0\r\n\r\n")
        assert opened.recv(65_536).startswith(b"HTTP/1.1 401")


def test_what_is_said_beside_the_chunks_of_a_body_has_a_limit(identity_service: Service) -> None:
    with connected(identity_service) as opened:
        opened.sendall(HEAD + b"Transfer-Encoding: chunked\r\nExpect: 100-continue\r\n\r\n")
        assert opened.recv(65_536).startswith(b"HTTP/1.1 100")
        opened.sendall(b"1;" + b"a" * (MOST_HEADERS + 1_000))
        assert everything(opened).startswith(b"HTTP/1.1 400")


def test_after_an_upgrade_that_is_not_taken_the_connection_goes_on(identity_service: Service) -> None:
    ask = b"GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n"
    with connected(identity_service) as opened:
        opened.sendall(ask)
        answer = b""
        while not answer.endswith(b'{"status":"ok"}'):
            answer += opened.recv(65_536)
        opened.sendall(ask + CLOSING)
        assert everything(opened).count(b"HTTP/1.1 200") == 2


def test_an_upgrade_is_not_taken(identity_service: Service) -> None:
    ask = b"GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, close\r\nUpgrade: h2c\r\n\r\n"
    assert exchange(identity_service, ask).startswith(b"HTTP/1.1 200")


def test_no_answer_says_what_serves_it(identity_service: Service) -> None:
    closing = b" HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
    asked = (b"GET /healthz", b"GET /v1/nothing", b"PUT /v1/translate", b"GET /docs", b"OPTIONS *")
    for sent in (b"nonsense\r\n\r\n", *(each + closing for each in asked)):
        answer = exchange(identity_service, sent)
        head = answer.partition(b"\r\n\r\n")[0].lower()
        assert b"\r\nserver:" not in head
        assert b"x-powered-by" not in head
        assert b"uvicorn" not in head
        assert b"h11" not in answer


def wrong(service: Service, address: str) -> int:
    headers = {"X-API-Key": "dgm_" + "A" * 43, "X-Forwarded-For": address}
    return service.client.get("/v1/languages", headers=headers).status_code


def test_a_forwarded_address_is_believed_of_nobody_unless_told(start: Start, tmp_path: Path) -> None:
    """Else every guess at a key would come from an address of its own."""
    service = start(auth="required")
    guesses = [wrong(service, f"192.0.2.{number}") for number in range(MOST + 1)]
    assert guesses == [401] * MOST + [429]
    other = start(auth="required", data_dir=tmp_path / "other", trusted_proxies="10.0.0.0/8")
    assert [wrong(other, f"192.0.2.{number}") for number in range(MOST + 1)][-1] == 429


def test_the_proxy_that_is_named_tells_callers_apart(start: Start) -> None:
    service = start(auth="required", trusted_proxies="127.0.0.1, ::1")
    assert [wrong(service, "192.0.2.1") for _ in range(MOST + 1)][-1] == 429
    assert wrong(service, "192.0.2.2") == 401


def test_the_one_behind_the_proxy_is_not_the_proxy(start: Start) -> None:
    """A caller who says that they are the proxy's machine is not led in as the proxy."""
    service = start(
        auth="required",
        trusted_proxies="127.0.0.1",
        web_user_header="X-Forwarded-Tenant",
        web_proxies="10.1.1.1",
    )
    claim = {"X-Forwarded-Tenant": "local", "X-Forwarded-For": "10.1.1.1"}
    assert service.client.get("/", headers=claim).status_code == httpx.codes.SEE_OTHER


def test_what_is_no_network_is_a_mistake() -> None:
    with pytest.raises(ConfigurationError, match="TRUSTED_PROXIES"):
        load_settings(trusted_proxies="my-proxy")


def test_one_address_has_so_many_connections_and_no_more(start: Start) -> None:
    service = start(connections_per_address=3)
    with ExitStack() as kept:
        # One is the client's own, kept alive.
        assert service.client.get("/healthz").is_success
        mine = [kept.enter_context(connected(service)) for _ in range(2)]
        for each in mine:
            each.sendall(GOOD)
            assert each.recv(65_536).startswith(b"HTTP/1.1 200")
        assert not answered(service)
        assert service.client.get("/healthz").is_success
    wait_until(lambda: answered(service))


def test_a_proxy_that_is_named_has_as_many_as_it_likes(start: Start) -> None:
    service = start(connections_per_address=1, trusted_proxies="127.0.0.0/8")
    with ExitStack() as kept:
        for _ in range(3):
            opened = kept.enter_context(connected(service))
            opened.sendall(GOOD)
            assert opened.recv(65_536).startswith(b"HTTP/1.1 200")


def answered(service: Service) -> bool:
    try:
        return b"200 OK" in exchange(service, CLOSING)
    except ConnectionError:
        return False


def wait_until(condition: Callable[[], bool]) -> None:
    """The server learns of what was closed in its own time."""
    until = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < until
