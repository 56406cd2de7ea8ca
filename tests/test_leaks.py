"""The watch over the whole run (tests/leaks.py, tests/conftest.py) sees what it is there to see."""

import logging
from pathlib import Path

import pytest

from app.otlp import CollectedTraces
from app.tenants.key import MARK
from tests import leaks
from tests.leaks import CANARIES, Watch

HERE = Path(__file__).parent
SECRET = MARK + "Ab_-9" * 8 + "xyz"


@pytest.mark.parametrize(
    "name", ["dragoman", "dragoman.access", "uvicorn.error", "sqlalchemy.engine", "anything"]
)
def test_every_logger_is_heard_at_every_level(watch_over_logs: Watch, name: str) -> None:
    before = watch_over_logs.records
    logging.getLogger(name).error("%s failed", CANARIES[0])
    logging.getLogger("dragoman").debug("%s", SECRET)
    assert watch_over_logs.records == before + 2
    assert [each.rpartition(": ")[2] for each in watch_over_logs.leaks] == [CANARIES[0], "a key"]
    watch_over_logs.leaks.clear()


def test_a_traceback_is_read_too(watch_over_logs: Watch) -> None:
    try:
        int(CANARIES[1])
    except ValueError:
        logging.getLogger("dragoman").exception("It failed.")
    assert any(each.endswith(CANARIES[1]) for each in watch_over_logs.leaks)
    watch_over_logs.leaks.clear()


def test_what_is_not_logged_is_looked_at_the_same_way() -> None:
    with pytest.raises(AssertionError, match="metrics"):
        leaks.check("metrics", f'dragoman_http_requests_total{{route="{SECRET}"}} 1.0')
    leaks.check("metrics", 'dragoman_http_requests_total{route="/v1/translate"} 1.0')


def test_what_spans_say_is_kept_to_be_looked_at() -> None:
    spans = leaks.Spans()
    traces = CollectedTraces(spans)
    with traces.request("POST") as whole, traces.span("route", routes=[CANARIES[0]]):
        whole.say("http.route", SECRET)
        whole.rename(f"POST {CANARIES[1]}")
    assert leaks.found("\n".join(spans.said)) == [CANARIES[0], CANARIES[1], "a key"]


def test_the_tests_do_send_the_words_that_are_looked_for() -> None:
    sources = [file.read_text(encoding="utf-8") for file in (HERE / "app").rglob("test_*.py")]
    for canary in CANARIES:
        assert sum(canary in each for each in sources) >= 2 or canary == "canariomudo", canary
