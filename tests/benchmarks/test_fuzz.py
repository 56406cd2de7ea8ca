"""What the run by chance counts as a fault; the run itself is `make fuzz`."""

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import schemathesis
from schemathesis.core.result import Ok

from benchmarks.fuzz import NO_ANSWER, Caller, Fuzzed

DESCRIPTION = {
    "openapi": "3.1.0",
    "info": {"title": "a", "version": "1"},
    "paths": {
        "/fine": {"get": {"responses": {"200": {"description": "a"}}}},
        "/broken": {"get": {"responses": {"500": {"description": "a"}}}},
        "/undescribed": {"get": {"responses": {"200": {"description": "a"}}}},
        "/v2/document/{id}/result": {"get": {"responses": {"503": {"description": "a"}}}},
    },
}
STATUS = {"/fine": 200, "/broken": 500, "/undescribed": 404, "/v2/document/{id}/result": 503}


@contextmanager
def answering() -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(STATUS.get(self.path, 503))
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def sent(url: str) -> Fuzzed:
    caller = Caller(url, Fuzzed())
    with caller.session:
        for found in schemathesis.openapi.from_dict(DESCRIPTION).get_all_operations():
            assert isinstance(found, Ok)
            caller.send(found.ok().Case(path_parameters={"id": "a"}))
    return caller.seen


def test_what_was_not_described_is_a_fault_and_5xx_an_error_whatever_is_described() -> None:
    with answering() as url:
        seen = sent(url)
    assert seen.cases == 4
    assert seen.server_errors == 1
    assert {fault.split(":")[0] for fault in seen.faults} == {"GET /broken", "GET /undescribed"}


def test_no_answer_is_an_error() -> None:
    with answering() as url:
        pass
    seen = sent(url)
    assert seen.statuses[NO_ANSWER] == seen.server_errors == 4
