"""serve: the address, what stops the start, the end."""

import signal
import socket
import stat
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.app.cli.program import Program, Served


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield int(listening.getsockname()[1])


def test_it_says_where_it_listens_and_ends_well(identity: Program) -> None:
    with identity.serving() as served:
        answer = httpx.get(f"{served.url}/healthz")
        assert answer.status_code == 200
        assert "server" not in answer.headers
        served.process.send_signal(signal.SIGTERM)
        out, err = served.process.communicate(timeout=60)
        assert (served.process.returncode, out, err) == (0, b"", b"")


def test_ctrl_c_ends_it_too(identity: Program) -> None:
    with identity.serving() as served:
        served.process.send_signal(signal.SIGINT)
        assert served.process.wait(timeout=60) == 0


def test_a_port_in_use(program: Program, taken: int) -> None:
    done = program("serve", "--port", str(taken))
    assert (done.code, done.out) == (2, "")
    assert f"Cannot listen on 127.0.0.1 port {taken}: Address already in use." in done.err


@pytest.mark.parametrize("host", ["0.0.0.0", "::"])  # noqa: S104  that is the point
def test_open_to_the_network_only_on_purpose(program: Program, host: str) -> None:
    done = program("serve", "--port", "0", "--host", host)
    assert (done.code, done.out) == (2, "")
    for named in ("dragoman tenants create", "dragoman keys create --tenant", "DRAGOMAN_AUTH=open"):
        assert named in done.err
    assert program("serve", "--port", "0", "--host", host, DRAGOMAN_AUTH="required").code == 2


def test_with_a_key_any_address_will_do(identity: Program) -> None:
    secret = identity("keys", "create", "--tenant", "local").out.strip()
    host = "0.0.0.0"  # noqa: S104  on purpose
    with identity.started("serve", "--port", "0", "--host", host) as process:
        assert process.stdout is not None
        url = process.stdout.readline().decode().split()[-1].replace(host, "127.0.0.1")
        assert httpx.get(f"{url}/v1/languages").status_code == 401
        assert httpx.get(f"{url}/metrics").status_code == 401
        assert httpx.get(f"{url}/healthz").status_code == 200
        assert httpx.get(f"{url}/v1/languages", headers={"X-API-Key": secret}).status_code == 200


def test_open_on_purpose(identity: Program) -> None:
    with identity.started(
        "serve",
        "--port",
        "0",
        "--host",
        "0.0.0.0",  # noqa: S104  on purpose
        DRAGOMAN_AUTH="open",
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith(b"Dragoman listens on http://0.0.0.0:")


def test_settings_by_environment(program: Program, taken: int) -> None:
    assert "Address already in use" in program("serve", DRAGOMAN_PORT=str(taken)).err


@pytest.mark.parametrize("host", ["256.0.0.1", "192.0.2.7"])
def test_an_address_that_is_not_ours(program: Program, host: str) -> None:
    done = program("serve", "--port", "0", "--host", host, DRAGOMAN_AUTH="open")
    assert done.code == 2
    assert len(done.err.splitlines()) == 1


def test_a_data_folder_that_is_a_file(program: Program, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    done = program("serve", "--port", "0", DRAGOMAN_DATA_DIR=str(tmp_path / "file"))
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("dragoman: The data folder")
    assert len(done.err.splitlines()) == 1


def test_a_model_folder_that_cannot_be_read(program: Program, tmp_path: Path) -> None:
    (tmp_path / "models").touch(stat.S_IRUSR)  # root reads any folder, but a file is none
    done = program("serve", "--port", "0", DRAGOMAN_MODEL_DIR=str(tmp_path / "models"))
    assert (done.code, done.out) == (2, "")
    assert "The model directory" in done.err
    assert len(done.err.splitlines()) == 1


def test_sigterm_lets_a_running_request_complete(program: Program) -> None:
    with program.serving() as served:
        answers: list[httpx.Response] = []
        asking = threading.Thread(target=lambda: answers.append(_long_request(served)))
        asking.start()
        _until_it_works(served, asking)
        served.process.send_signal(signal.SIGTERM)
        asking.join(timeout=60)
        assert answers[0].status_code == 200
        assert len(answers[0].json()["translations"]) == 600
        assert served.process.wait(timeout=60) == 0
        with pytest.raises(httpx.ConnectError):
            httpx.get(f"{served.url}/healthz")


def _long_request(served: Served) -> httpx.Response:
    texts = [f"A carrinha número {n} saiu do armazém antes das seis horas da manhã." for n in range(600)]
    body = {"text": texts, "source": "pt", "target": "en"}
    return httpx.post(f"{served.url}/v1/translate", json=body, timeout=60)


def _until_it_works(served: Served, asking: threading.Thread) -> None:
    """Returns once segments wait for the engine."""
    with httpx.Client(base_url=served.url, timeout=60) as client:
        while "dragoman_queue_tokens 0.0" in client.get("/metrics").text:
            assert asking.is_alive()


def test_more_than_one_process_is_refused_with_the_reason(program: Program) -> None:
    done = program("serve", "--port", "0", "--workers", "2")
    assert (done.code, done.out) == (2, "")
    assert "DRAGOMAN_THREADS" in done.err
    assert "replicas" in done.err


def test_sigterm_does_not_wait_for_a_job_and_the_next_start_ends_it(program: Program) -> None:
    lines = "".join(f"A carrinha número {n} saiu do armazém antes das seis.\n\n" for n in range(4_000))
    with program.serving(DRAGOMAN_DRAIN_TIMEOUT="3600") as served:
        form = {"source": "pt", "target": "en"}
        made = httpx.post(
            f"{served.url}/v1/documents", files={"file": ("a.txt", lines)}, data=form, timeout=60
        )
        assert made.status_code == 202
        with httpx.stream("GET", f"{served.url}{made.headers['Location']}/events", timeout=60) as events:
            told = events.iter_lines()
            assert next(told) == "event: progress"
            served.process.send_signal(signal.SIGTERM)
            assert "event: end" not in list(told)
        assert served.process.wait(timeout=60) == 0
    with program.serving() as served:
        watched = httpx.get(f"{served.url}{made.headers['Location']}/events", timeout=300).text
        assert watched.endswith('event: end\ndata: {"state":"succeeded"}\n\n')
        usage = httpx.get(f"{served.url}/v1/usage").json()["totals"]
        assert usage["characters"] == sum(map(len, lines.split("\n\n")))
