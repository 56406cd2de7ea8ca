"""Another tenant's id answers as one that never was: for every route of the description that takes an id."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import httpx
import pytest

from app.api import libretranslate
from app.glossary.terms import Dictionary, Term, Terms
from app.jobs.ticket import ticket
from app.settings import Settings
from app.tenants.directory import Directory
from tests.app.api.test_access import DOCUMENT, FORM, OPERATIONS, QUERIES, Case, _example, names
from tests.app.serving import Service, serving

WITH_ID = [each for each in OPERATIONS if "{" in each[1]]
OF_JOBS = [each for each in WITH_ID if each[1].startswith("/v1/jobs/")]
TRIES = 12
"""Ids made of theirs, a route."""


@dataclass(frozen=True, slots=True)
class Neighbours:
    """`south` asks after what is `north`'s."""

    service: Service
    north: str
    south: str
    job: str
    shown: str
    secret: str
    """Of the job, as other services' clients know it."""
    glossary: str

    def ask(self, case: Case, name: str, key: str | None = None) -> httpx.Response:
        method, path, operation = case
        sent: Any = {"document_key": self.secret} if "/document/" in path else _example(operation)
        address = path.replace("{id}", name).replace("{name}", name)
        headers = {"Authorization": f"Bearer {key or self.south}"}
        query = QUERIES.get(path)
        return self.service.client.request(method, address, headers=headers, params=query, json=sent)

    def theirs(self, case: Case) -> str:
        if "/glossaries/" in case[1]:
            return self.glossary
        if "/v1/jobs/" in case[1]:
            return self.job
        return self.shown


@pytest.fixture(scope="module")
def neighbours(tmp_path_factory: pytest.TempPathFactory, identity_models: Path) -> Iterator[Neighbours]:
    data = tmp_path_factory.mktemp("data")
    with serving(
        Settings(data_dir=data, model_dir=identity_models, preload=False, auth="required")
    ) as service:
        directory = Directory(service.runtime.database)
        for name in ("north", "south"):
            directory.create_tenant(name)
        north, south = (directory.create_key(name).secret for name in ("north", "south"))
        headers = {"X-API-Key": north}
        job = service.client.post("/v1/documents", headers=headers, **FORM).json()["id"]
        service.client.get(f"/v1/jobs/{job}/events", headers=headers)
        shown = ticket(service.runtime.desk._store.get("north", job)[0])
        terms = Terms((Dictionary("en", "pt", (Term("van", "carrinha"),)),))
        glossary = service.runtime.glossaries.create("north", "Terms", terms).id
        yield Neighbours(service, north, south, job, shown.id, shown.secret, glossary)


def changed(name: str, random: Random) -> str:
    """An id of the same form that never was."""
    head, _, tail = name.rpartition("_")
    made = "".join(random.choice("0123456789abcdef") for _ in tail)
    return f"{head}_{made}" if head else made


def twisted(name: str, random: Random) -> str:
    """What somebody who guesses would make of it."""
    at = random.randrange(len(name))
    return random.choice(
        [
            changed(name, random),
            name[:at] + random.choice("0123456789abcdef") + name[at + 1 :],
            name[:at],
            name + random.choice("0123456789abcdef%_"),
            name.upper(),
            f"%20{name}",
            f"{name}%00",
            f"{name}'%20or%20'1'='1",
            f"..%2f{name}",
            f"{name}%2f..%2f{name}",
        ]
    )


def told(answer: httpx.Response) -> tuple[int, str, dict[str, str]]:
    """All that a caller can tell answers apart by, their own ids aside."""
    varying = {"x-request-id", "x-trace-id", "date", "content-length"}
    return answer.status_code, answer.text, {k: v for k, v in answer.headers.items() if k not in varying}


@pytest.mark.parametrize("case", WITH_ID, ids=names(WITH_ID))
def test_what_is_anothers_is_as_what_never_was(neighbours: Neighbours, case: Case) -> None:
    random = Random(case[1])  # noqa: S311
    theirs = neighbours.theirs(case)
    never = changed(theirs, random)
    asked, missing = neighbours.ask(case, theirs), neighbours.ask(case, never)
    status, text, headers = told(missing)
    assert 400 <= status < 500
    assert told(asked) == (status, text.replace(never, theirs), headers)
    if not case[1].startswith(libretranslate.surface("").open_folders):
        assert status == 404


@pytest.mark.parametrize("case", WITH_ID, ids=names(WITH_ID))
def test_no_twist_of_an_id_opens_it(neighbours: Neighbours, case: Case) -> None:
    random = Random(case[0] + case[1])  # noqa: S311
    for _ in range(TRIES):
        answer = neighbours.ask(case, twisted(neighbours.theirs(case), random))
        assert 400 <= answer.status_code < 500, answer.request.url
        assert "carrinha" not in answer.text
        assert "Bom dia" not in answer.text


def test_lists_and_references_hold_what_is_ones_own(neighbours: Neighbours) -> None:
    headers = {"X-API-Key": neighbours.south}
    for path in ("/v1/jobs", "/v1/glossaries", "/v2/glossaries", "/v3/glossaries"):
        answer = neighbours.service.client.get(path, headers=headers)
        assert answer.is_success
        assert neighbours.glossary not in answer.text
        assert neighbours.job not in answer.text
    body = {"text": "The van left.", "target": "pt", "source": "en", "glossary": neighbours.glossary}
    assert neighbours.service.client.post("/v1/translate", json=body, headers=headers).status_code == 404


def test_whose_it_is_still_has_it(neighbours: Neighbours) -> None:
    """None of the above deleted or changed anything."""
    headers = {"X-API-Key": neighbours.north}
    for path in (f"/v1/jobs/{neighbours.job}", f"/v1/glossaries/{neighbours.glossary}"):
        assert neighbours.service.client.get(path, headers=headers).is_success
    result = neighbours.service.client.get(f"/v1/jobs/{neighbours.job}/result", headers=headers)
    assert result.text == "Bom dia."


def test_all_routes_with_an_id_are_tried() -> None:
    assert {path for _, path, _ in WITH_ID} == {path for path in DOCUMENT["paths"] if "{" in path}
    assert len(OF_JOBS) >= 5
