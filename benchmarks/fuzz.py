"""Every operation of the description with requests made by chance: `python -m benchmarks.fuzz [--cases 10000]`.

Schemathesis makes requests that the description allows and ones that it forbids, in equal numbers, from a fixed seed,
for a `dragoman serve` of this run's own on loopback without weights. Half of those with an id have one that an
answer gave before. Each answer is held against the description. Exits 1 if one was 5xx or not as described.
"""

import argparse
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import orjson
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import Unsatisfiable
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.core.result import Ok
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from benchmarks.faults import Server
from tests.app.serving import write_card

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
NO_ANSWER = "no answer"
DEEPL_NOT_NOW = 503
AS_THEIRS = "503 as DeepL's"
KEPT = ("id", "document_id", "glossary_id", "document_key")
MOST_KEPT = 50
SENSIBLE = {"source": "pt", "target": "en", "source_lang": "PT", "target_lang": "EN"}
"""Half of the requests name this pair wherever they name one: chance alone finds no model."""
A_TURN = 20
"""Requests of an operation and a mode in one go: in later turns there are ids to name."""
PATIENCE = 60.0


@dataclass(slots=True)
class Fuzzed:
    operations: int = 0
    cases: int = 0
    statuses: Counter[str] = field(default_factory=Counter)
    """As numbers, or NO_ANSWER."""
    faults: dict[str, str] = field(default_factory=dict)
    """The first request of each kind, by operation and what was wrong."""

    @property
    def server_errors(self) -> int:
        return sum(
            number for status, number in self.statuses.items() if status >= "500" and status != AS_THEIRS
        )


def fuzz(url: str, cases: int, *, chance: int = 0) -> Fuzzed:
    """At least `cases` requests; `chance` is the seed."""
    schema = schemathesis.openapi.from_dict(httpx.get(f"{url}/openapi.json", trust_env=False).json())
    operations = [found.ok() for found in schema.get_all_operations() if isinstance(found, Ok)]
    caller = Caller(url, Fuzzed(operations=len(operations)))
    with caller.session:
        while caller.seen.cases < cases:
            chance += 1
            for operation in operations:
                caller.make_something()
                for mode in GenerationMode:
                    _some(caller, operation.as_strategy(generation_mode=mode), chance)
    return caller.seen


def _some(caller: "Caller", requests_made: Any, chance: int) -> None:
    @seed(chance)
    @settings(
        max_examples=A_TURN,
        database=None,
        phases=[Phase.generate],
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(requests_made)
    def send(case: schemathesis.Case[Any]) -> None:
        caller.send(case)

    with suppress(Unsatisfiable):  # an operation that takes nothing forbids nothing
        send()


@dataclass(slots=True)
class Caller:
    url: str
    seen: Fuzzed
    session: requests.Session = field(default_factory=requests.Session)
    known: dict[str, list[str]] = field(default_factory=dict)
    """What answers named: ids by what they are of, keys of documents."""

    def make_something(self) -> None:
        """A job and glossaries for ids to name: what operations did before may have deleted all."""
        with httpx.Client(base_url=self.url, trust_env=False, timeout=PATIENCE) as client:
            pair = {"source": "pt", "target": "en"}
            text = {"file": ("a.txt", b"Um.\n\nDois.")}
            self._remember("/v1/jobs", client.post("/v1/documents", data=pair, files=text).content)
            theirs = {"source_lang": "PT", "target_lang": "EN"}
            self._remember("/v2/document", client.post("/v2/document", data=theirs, files=text).content)
            glossary = {"name": "a", **theirs, "entries": "um\tone", "entries_format": "tsv"}
            self._remember("/v2/glossaries", client.post("/v2/glossaries", json=glossary).content)

    def send(self, case: "schemathesis.Case[Any]") -> None:
        self.seen.cases += 1
        if self.seen.cases % 2:
            self._make_sense(case)
        where = f"{case.method} {case.operation.path}"
        try:
            answer = case.call(base_url=self.url, session=self.session, timeout=PATIENCE)
        except requests.RequestException as error:
            self.seen.statuses[NO_ANSWER] += 1
            self.seen.faults.setdefault(f"{where}: {type(error).__name__}", case.as_curl_command())
            return
        as_theirs = _is_as_theirs(case, answer.status_code)
        self.seen.statuses[AS_THEIRS if as_theirs else str(answer.status_code)] += 1
        self._remember(case.operation.path, answer.content)
        if as_theirs:
            return
        streams = "event-stream" in str(answer.headers.get("content-type"))
        try:
            # A description of version 3.1 calls a stream of events a string, which Schemathesis takes for each event.
            case.validate_response(answer, checks=CHECKS[:-1] if streams else CHECKS)
        except FailureGroup as group:
            for failure in group.exceptions:
                said = f"{where}: {answer.status_code} {failure.title}"
                self.seen.faults.setdefault(said, case.as_curl_command())

    def _make_sense(self, case: "schemathesis.Case[Any]") -> None:
        """An id that is there, a pair that has a model."""
        ids = self.known.get(_kind(case.operation.path))
        if ids and "id" in case.path_parameters:
            case.path_parameters["id"] = ids[self.seen.cases % len(ids)]
        keys = {"document_key": self.known["document_key"][-1]} if "document_key" in self.known else {}
        for part in (case.query, case.body):
            if isinstance(part, dict):
                part.update({name: said for name, said in (SENSIBLE | keys).items() if name in part})

    def _remember(self, path: str, body: bytes) -> None:
        try:
            said = orjson.loads(body)
        except orjson.JSONDecodeError:
            return
        for name in KEPT if isinstance(said, dict) else ():
            if isinstance(said.get(name), str):
                found = self.known.setdefault(name if name == "document_key" else _kind(path), [])
                found.append(said[name])
                del found[:-MOST_KEPT]


def _is_as_theirs(case: "schemathesis.Case[Any]", status: int) -> bool:
    """DeepL says 503 of a document that is not ready, or was fetched already."""
    return status == DEEPL_NOT_NOW and case.operation.path == "/v2/document/{id}/result"


def _kind(path: str) -> str:
    """Of what an id on this path is."""
    return next((kind for kind in ("glossar", "sample", "memory") if kind in path), "job")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.fuzz", description=__doc__.split(":")[0])
    parser.add_argument("--cases", type=int, default=10_000, help="requests at least")
    parser.add_argument("--seed", type=int, default=0, help="another one makes other requests")
    asked = parser.parse_args()
    started = time.monotonic()
    with served() as url:
        seen = fuzz(url, asked.cases, chance=asked.seed)
    told = ", ".join(f"{number} × {status}" for status, number in sorted(seen.statuses.items()))
    print(
        f"{seen.cases} requests of {seen.operations} operations in {time.monotonic() - started:.0f} s: {told}."
    )
    for fault, request in seen.faults.items():
        print(f"{fault}\n    {request}")
    print(f"{seen.server_errors} server errors, {len(seen.faults)} kinds of answers not as described.")
    return 1 if seen.faults else 0


@contextmanager
def served() -> Iterator[str]:
    """The address of a service of this run's own."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        for source, target in (("pt", "en"), ("en", "pt")):
            write_card(place / "models", f"{source}-{target}", (source, target))
        server = Server(place, {"DRAGOMAN_MODEL_DIR": str(place / "models"), "DRAGOMAN_LOG_LEVEL": "error"})
        server.start()
        try:
            yield server.url
        finally:
            server.kill()


if __name__ == "__main__":
    sys.exit(main())
