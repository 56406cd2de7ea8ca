"""What is in the log of a running service, line by line."""

import asyncio
import json
import logging
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from app.logs import REQUEST, JsonLines, TextLines
from tests.app.cli.program import Program, Served
from tests.app.conftest import Start

PATIENCE = 60.0


@pytest.fixture
def program(tmp_path: Path, identity_models: Path) -> Program:
    return Program(tmp_path, {"DRAGOMAN_PRELOAD": "false", "DRAGOMAN_MODEL_DIR": str(identity_models)})


def lines(served: Served) -> list[str]:
    """All that it logged, once it has ended."""
    served.process.terminate()
    _, said = served.process.communicate(timeout=PATIENCE)
    return said.decode().splitlines()


def test_json_has_an_object_a_line_and_the_id_of_the_answer(program: Program) -> None:
    with program.serving(DRAGOMAN_LOG_FORMAT="json", DRAGOMAN_LOG_LEVEL="info") as served:
        body = {"text": "Bom dia, carrinha", "source": "pt", "target": "en"}
        answer = httpx.post(f"{served.url}/v1/translate", json=body, trust_env=False, timeout=PATIENCE)
        lost = httpx.get(f"{served.url}/v1/jobs/segredo?text=segredo", trust_env=False, timeout=PATIENCE)
        found = [json.loads(line) for line in lines(served)]
    said = {each["request_id"]: each for each in found if each["logger"] == "dragoman.access"}
    line = said[answer.headers["X-Request-Id"]]
    assert (line["method"], line["route"], line["status"], line["level"]) == (
        "POST",
        "/v1/translate",
        200,
        "info",
    )
    assert 0 < line["seconds"] < PATIENCE
    assert line["time"].endswith("+00:00")
    assert said[lost.headers["X-Request-Id"]]["status"] == 404
    assert "segredo" not in json.dumps(found)


def test_text_ends_with_the_id_of_the_answer(program: Program) -> None:
    with program.serving(DRAGOMAN_LOG_LEVEL="info") as served:
        answer = httpx.get(f"{served.url}/healthz", trust_env=False, timeout=PATIENCE)
        found = lines(served)
    (line,) = (each for each in found if "/healthz" in each)
    assert line.endswith(f"s [{answer.headers['X-Request-Id']}]")


class _Kept(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.setFormatter(JsonLines())
        self.lines: list[dict[str, object]] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(json.loads(self.format(record)))


@pytest.fixture
def kept() -> Iterator[_Kept]:
    handler = _Kept()
    logging.getLogger("dragoman").addHandler(handler)
    yield handler
    logging.getLogger("dragoman").removeHandler(handler)


def test_what_goes_wrong_within_a_request_has_its_id(
    start: Start, monkeypatch: pytest.MonkeyPatch, kept: _Kept
) -> None:
    service = start()

    def broken(*_: object, **__: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(service.runtime.translation._planner, "plan", broken)
    answer = service.client.post("/v1/translate", json={"text": "a", "target": "en"})
    (line,) = (each for each in kept.lines if each["level"] == "error")
    assert line["request_id"] == answer.headers["X-Request-Id"]


def test_what_serves_many_requests_has_the_id_of_none(
    start: Start, monkeypatch: pytest.MonkeyPatch, kept: _Kept
) -> None:
    service = start()
    engine = service.runtime.dispatcher._engine
    seen: list[str] = []
    monkeypatch.setattr(engine.observer, "waited", lambda *_: seen.append(REQUEST.get()))
    service.translate("Bom dia", source="pt")
    assert seen == [""]


async def test_lines_of_requests_side_by_side_are_not_mixed_up(kept: _Kept) -> None:
    async def request(name: str) -> None:
        REQUEST.set(name)
        await asyncio.sleep(0)
        await asyncio.to_thread(logging.getLogger("dragoman").warning, name)

    await asyncio.gather(*(request(f"r{number}") for number in range(5)))
    assert {line["message"]: line["request_id"] for line in kept.lines} == {
        f"r{n}": f"r{n}" for n in range(5)
    }


@pytest.mark.parametrize("formatter", [TextLines(), JsonLines()])
def test_an_exception_is_named_and_neither_its_message_nor_its_place_told(
    formatter: logging.Formatter,
) -> None:
    record = logging.LogRecord("dragoman", logging.ERROR, __file__, 1, "It failed.", (), None)
    try:
        int("segredo")
    except ValueError as error:
        record.exc_info = (type(error), error, error.__traceback__)
    said = formatter.format(record)
    assert "ValueError" in said
    assert "segredo" not in said
    assert len(said.splitlines()) <= 2
