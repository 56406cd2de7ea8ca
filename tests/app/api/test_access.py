"""Who may do what, for every route of the description: a new route that says nothing of its callers fails here."""

import logging
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.api import access, libretranslate
from app.glossary.terms import Dictionary, Term, Terms
from app.jobs.ticket import ticket
from app.main import create_app
from app.review.verdict import Decision, Place, Reason, Verdict
from app.settings import Settings
from app.storage.engine import open_database
from app.tenants.attempts import MOST
from app.tenants.directory import Directory
from app.tenants.tenant import Scope, Status
from tests.app.conftest import Start
from tests.app.serving import PATIENCE, Service, serving

DOCUMENT: dict[str, Any] = create_app(Settings()).openapi()
OPERATIONS = [
    (method.upper(), path, operation)
    for path, item in DOCUMENT["paths"].items()
    for method, operation in item.items()
]
PUBLIC = access.PUBLIC | libretranslate.surface("").public
BY_ADDRESS = libretranslate.surface("").open_folders
"""Below them an address holds its own key; tests/app/api/libretranslate/test_files.py tries some."""
GUARDED = [each for each in OPERATIONS if each[1] not in PUBLIC and not each[1].startswith(BY_ADDRESS)]
"""All of them, whether they say what they need or not."""
SCOPED = [each for each in GUARDED if each[2].get("x-scopes")]
WRONG = "dgm_" + "A" * 43

FORM: dict[str, Any] = {
    "files": {"file": ("a.txt", b"Bom dia.")},
    "data": {"source": "pt", "target": "en", "target_lang": "en"},
}

QUERIES = {
    "/v2/admin/analytics": {"start_date": "2026-01-01", "end_date": "2026-01-31"},
    "/v1/glossaries/{id}/entries": {"source": "en", "target": "pt"},
    "/v3/glossaries/{id}/entries": {"source_lang": "en", "target_lang": "pt"},
    "/v3/glossaries/{id}/dictionaries": {"source_lang": "en", "target_lang": "pt"},
}
"""What a route needs in its query."""

Case = tuple[str, str, dict[str, Any]]

THEIRS = {
    "LibreTranslate": (
        "error",
        {"unauthenticated": 400, "invalid_key": 403, "scope_missing": 403, "tenant_suspended": 403},
    ),
    "DeepL": (
        "message",
        {"unauthenticated": 403, "invalid_key": 403, "scope_missing": 403, "tenant_suspended": 403},
    ),
}
"""How other services' APIs refuse: the field that says why, and the status of each code of ours; by tag."""


def names(cases: list[Case]) -> list[str]:
    return [f"{method} {path}" for method, path, _ in cases]


def refused_in_their_words(case: Case, answer: httpx.Response, code: str) -> bool:
    """Whether it is an operation of another service's API; that it refuses as that does is asserted."""
    found = THEIRS.get(case[2]["tags"][0])
    if found is None:
        return False
    field, statuses = found
    assert (answer.status_code, answer.headers["Content-Type"]) == (statuses[code], "application/json")
    assert answer.json()[field]
    assert WRONG not in answer.text
    assert "WWW-Authenticate" not in answer.headers
    return True


@dataclass(frozen=True, slots=True)
class Guarded:
    """A service that lets nobody in without a key, with a tenant `north` and one `south`."""

    service: Service
    directory: Directory

    def key(self, *scopes: Scope, tenant: str = "north", **more: Any) -> str:
        return self.directory.create_key(tenant, scopes=frozenset(scopes), **more).secret

    def ask(self, case: Case, secret: str | None) -> httpx.Response:
        method, path, operation = case
        headers = {} if secret is None else {"Authorization": f"Bearer {secret}"}
        sent = _form(operation) or {"json": _example(operation)}
        if "/glossaries/" in path:
            path = path.replace("{id}", self.glossary())
        elif path == "/v1/quality/samples":
            self.job(b"Bom dia a todos os colegas.")
        elif path.startswith("/v1/quality/samples/{id}"):
            sample, segment = self.sampled()
            path = path.replace("{id}", sample)
            sent = {"json": {"segment": segment, "rating": "good"}}
        elif path == "/v1/review/{id}":
            path = path.replace("{id}", str(self.flagged()))
        elif path == "/v1/memory/{id}":
            path = path.replace("{id}", self.correction())
        elif "{id}" in path and operation["tags"] == ["DeepL"]:
            shown = ticket(self.service.runtime.desk._store.get("north", self.job())[0])
            path, sent = path.replace("{id}", shown.id), {"json": {"document_key": shown.secret}}
        elif "{id}" in path:
            path = path.replace("{id}", self.job())
        query = QUERIES.get(case[1])
        return self.service.client.request(method, path, headers=headers, params=query, **sent)

    def glossary(self) -> str:
        """One of the tenant north."""
        terms = Terms((Dictionary("en", "pt", (Term("van", "carrinha"),)),))
        return self.service.runtime.glossaries.create("north", "Terms", terms).id

    def flagged(self) -> Place:
        """A segment of the tenant north that is in doubt: the model copied it, and it is no mere greeting."""
        job = self.job(b"Bom dia a todos os colegas.")
        (item,) = self.service.runtime.reviews.queue("north", job=job, limit=1).items
        return item.place

    def sampled(self) -> tuple[str, str]:
        """A sample of the tenant north, and a segment of it."""
        self.job(b"Bom dia a todos os colegas.")
        samples = self.service.runtime.quality.samples
        made = samples.draw("north", 1)
        ((_, segment),) = samples.waiting("north", sample=made.id, limit=1)
        return made.id, str(segment.place)

    def correction(self) -> str:
        """The id of an entry in the memory of the tenant north."""
        reviews = self.service.runtime.reviews
        reviews.decide("north", self.flagged(), Decision(Verdict.CORRECTED, "Good day.", Reason.STYLE))
        return next(reviews.memory.every("north")).id

    def job(self, text: bytes = b"Bom dia.") -> str:
        """A job of the tenant north that is over."""
        headers = {"X-API-Key": self.key(Scope.DOCUMENTS)}
        client = self.service.client
        sent = {**FORM, "files": {"file": ("a.txt", text)}}
        made = client.post("/v1/documents", headers=headers, **sent).json()["id"]
        client.get(f"/v1/jobs/{made}/events", headers=headers)
        return str(made)


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory, identity_models: Path) -> Iterator[Guarded]:
    data = tmp_path_factory.mktemp("data")
    with serving(
        Settings(data_dir=data, model_dir=identity_models, preload=False, cache="off", auth="required")
    ) as service:
        directory = Directory(service.runtime.database)
        for name in ("north", "south"):
            directory.create_tenant(name)
        yield Guarded(service, directory)


@pytest.fixture(autouse=True)
def forgiven(guarded: Guarded) -> None:
    """Wrong keys of one test do not shut out the next."""
    guarded.service.runtime.authenticator._attempts.__init__()  # type: ignore[misc]


def test_every_route_is_public_or_says_whom_it_serves() -> None:
    open_paths = PUBLIC | {path for _, path, _ in OPERATIONS if path.startswith(BY_ADDRESS)}
    assert {path for _, path, operation in OPERATIONS if "x-scopes" not in operation} <= open_paths
    assert {path for _, path, operation in OPERATIONS if "security" not in operation} <= open_paths


@pytest.mark.parametrize("case", GUARDED, ids=names(GUARDED))
def test_without_a_key(guarded: Guarded, case: Case) -> None:
    answer = guarded.ask(case, None)
    if refused_in_their_words(case, answer, "unauthenticated"):
        return
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="dragoman"'


@pytest.mark.parametrize("case", GUARDED, ids=names(GUARDED))
def test_with_a_wrong_key(guarded: Guarded, case: Case) -> None:
    answer = guarded.ask(case, WRONG)
    if refused_in_their_words(case, answer, "invalid_key"):
        return
    assert (answer.status_code, answer.json()["code"]) == (401, "invalid_key")
    assert 'error="invalid_token"' in answer.headers["WWW-Authenticate"]
    assert WRONG not in answer.text


@pytest.mark.parametrize("case", SCOPED, ids=names(SCOPED))
def test_with_every_scope_but_the_right_ones(guarded: Guarded, case: Case) -> None:
    others = [scope for scope in Scope if scope.value not in case[2]["x-scopes"]]
    answer = guarded.ask(case, guarded.key(*others))
    if refused_in_their_words(case, answer, "scope_missing"):
        return
    assert (answer.status_code, answer.json()["code"]) == (403, "scope_missing")
    wanted = ",".join(sorted({*others, case[2]["x-scopes"][0]}))
    assert f"dragoman keys create --tenant north --scopes {wanted}`" in answer.json()["detail"]
    assert 'error="insufficient_scope"' in answer.headers["WWW-Authenticate"]


@pytest.mark.parametrize("case", GUARDED, ids=names(GUARDED))
def test_with_the_right_scopes(guarded: Guarded, case: Case) -> None:
    scopes = [Scope(name) for name in case[2]["x-scopes"]] or [Scope.DOCUMENTS]
    answer = guarded.ask(case, guarded.key(*scopes))
    assert answer.is_success, answer.text


@pytest.mark.parametrize("case", GUARDED, ids=names(GUARDED))
def test_of_a_suspended_tenant(guarded: Guarded, case: Case) -> None:
    guarded.directory.change_tenant("south", status=Status.SUSPENDED)
    try:
        answer = guarded.ask(case, guarded.key(*Scope, tenant="south"))
    finally:
        guarded.directory.change_tenant("south", status=Status.ACTIVE)
    if refused_in_their_words(case, answer, "tenant_suspended"):
        return
    assert (answer.status_code, answer.json()["code"]) == (403, "tenant_suspended")


@pytest.mark.parametrize("path", sorted(PUBLIC))
def test_what_is_public_needs_no_key(guarded: Guarded, path: str) -> None:
    assert guarded.service.client.get(path).status_code == 200
    assert guarded.service.client.get(path, headers={"X-API-Key": WRONG}).status_code == 200


def test_what_does_not_exist_needs_a_key_too(guarded: Guarded) -> None:
    assert guarded.service.client.get("/v1/nothing").status_code == 401
    headers = {"X-API-Key": guarded.key(Scope.USAGE)}
    assert guarded.service.client.get("/v1/nothing", headers=headers).status_code == 404


def test_a_key_for_bulk_is_for_bulk(guarded: Guarded) -> None:
    body = {"text": "Bom dia.", "target": "en", "source": "pt"}

    def status(*scopes: Scope, **headers: str) -> int:
        sent = {"X-API-Key": guarded.key(*scopes), **headers}
        return guarded.service.client.post("/v1/translate", json=body, headers=sent).status_code

    assert status(Scope.BULK) == 403
    assert status(Scope.BULK, **{"X-Priority": "bulk"}) == 200
    assert status(Scope.TRANSLATE, **{"X-Priority": "bulk"}) == 200


def test_usage_is_the_tenants_own(guarded: Guarded) -> None:
    def total(secret: str, **query: str) -> int:
        headers = {"X-API-Key": secret}
        answer = guarded.service.client.get("/v1/usage", params=query, headers=headers)
        assert answer.status_code == 200, answer.text
        return int(answer.json()["totals"]["characters"])

    names = ("one", "two")
    for name in names:
        guarded.directory.create_tenant(name)
    one, two = (guarded.key(Scope.TRANSLATE, Scope.USAGE, tenant=name) for name in names)
    body = {"text": "Bom dia.", "target": "en", "source": "pt"}
    assert guarded.service.client.post("/v1/translate", json=body, headers={"X-API-Key": one}).is_success
    assert (total(one), total(two)) == (8, 0)
    assert total(one, tenant="one") == 8
    admin = guarded.key(Scope.ADMIN, tenant="two")
    assert (total(admin), total(admin, tenant="one")) == (0, 8)
    assert total(admin, tenant="*") >= 8
    for other, secret, status in (
        ("*", two, 403),
        ("one", two, 403),
        ("nobody", two, 403),
        ("nobody", admin, 404),
    ):
        headers = {"X-API-Key": secret}
        answer = guarded.service.client.get("/v1/usage", params={"tenant": other}, headers=headers)
        assert answer.status_code == status


def test_the_ledger_says_which_tenant(guarded: Guarded) -> None:
    secret = guarded.key(Scope.TRANSLATE)
    headers = {"X-API-Key": secret, "Idempotency-Key": "the-same"}
    body = {"text": "Bom dia.", "target": "en", "source": "pt"}
    assert guarded.service.client.post("/v1/translate", json=body, headers=headers).is_success
    ledger = guarded.service.runtime.ledger
    assert ledger.find("north", "the-same") is not None
    assert ledger.find("local", "the-same") is None


def test_a_key_is_itself_in_whichever_header(guarded: Guarded) -> None:
    secret = guarded.key(Scope.TRANSLATE)
    body = {"text": "Boa noite a todos.", "target": "en", "source": "pt"}
    answers = [
        guarded.service.client.post("/v1/translate", json=body, headers=headers)
        for headers in ({"Authorization": f"Bearer {secret}"}, {"X-API-Key": secret})
    ]
    assert [answer.headers.get("Idempotency-Replayed") for answer in answers] == [None, "true"]
    assert answers[0].content == answers[1].content


def test_a_revoked_key_stops_within_the_time_stated(guarded: Guarded) -> None:
    issued = guarded.directory.create_key("north")
    headers = {"X-API-Key": issued.secret}
    assert guarded.service.client.get("/v1/languages", headers=headers).status_code == 200
    guarded.directory.revoke_key(issued.key.id)
    _until(lambda: guarded.service.client.get("/v1/languages", headers=headers).status_code == 401)
    assert guarded.service.client.get("/v1/languages", headers=headers).json()["code"] == "key_ended"


def test_wrong_keys_are_refused_unseen_after_some(guarded: Guarded) -> None:
    def ask() -> httpx.Response:
        return guarded.service.client.get("/v1/languages", headers={"X-API-Key": WRONG})

    assert {ask().status_code for _ in range(MOST)} == {401}
    answer = ask()
    assert (answer.status_code, answer.json()["code"]) == (429, "too_many_attempts")
    assert 0 < int(answer.headers["Retry-After"]) <= 60


def test_a_body_is_not_read_into_memory_for_a_stranger(guarded: Guarded) -> None:
    body = b'{"text": "' + b"a" * 4_000_000 + b'", "target": "en"}'
    answer = guarded.service.client.post(
        "/v1/translate", content=body, headers={"Content-Type": "application/json"}
    )
    assert answer.status_code == 401


def test_on_loopback_nobody_needs_a_key_but_a_key_counts(start: Start) -> None:
    service = start()
    directory = Directory(service.runtime.database)
    directory.create_tenant("north")
    headers = {"Authorization": f"Bearer {directory.create_key('north').secret}"}
    body = {"text": "Bom dia.", "target": "en", "source": "pt"}
    assert service.client.post("/v1/translate", json=body, headers=headers).is_success
    service.translate("Olá.", source="pt")
    assert service.usage()["totals"]["characters"] == 4
    assert service.client.get("/v1/usage", headers=headers).json()["totals"]["characters"] == 8
    assert service.client.get("/v1/usage", params={"tenant": "north"}).status_code == 403
    assert service.client.get("/metrics").status_code == 200
    assert service.client.get("/metrics", headers=headers).status_code == 403
    assert service.client.get("/v1/usage", headers={"X-API-Key": WRONG}).status_code == 401


def test_open_on_purpose_leaves_tokens_to_the_proxy(start: Start) -> None:
    service = start(auth="open", host="0.0.0.0")  # noqa: S104  never bound: the tests bind themselves
    assert service.client.get("/v1/usage", headers={"Authorization": "Bearer of-the-proxy"}).is_success
    assert service.client.get("/v1/usage", headers={"X-API-Key": WRONG}).status_code == 401


def test_any_other_address_needs_a_key(start: Start) -> None:
    service = start(host="0.0.0.0")  # noqa: S104  never bound: the tests bind themselves
    assert service.client.get("/v1/languages").status_code == 401


@pytest.mark.parametrize(
    ("auth", "key", "said"),
    [
        ("auto", True, "DRAGOMAN_AUTH=required asks everyone"),
        ("required", False, "Nobody has a key yet"),
        ("auto", False, None),
        ("required", True, None),
    ],
)
def test_what_may_not_be_meant_is_said_at_start(
    start: Start,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    auth: str,
    key: bool,
    said: str | None,
) -> None:
    database = open_database(tmp_path / "data")
    if key:
        Directory(database).create_key("local")
    database.close()
    with caplog.at_level(logging.WARNING, logger="dragoman"):
        start(auth=auth)
    warnings = [record.getMessage() for record in caplog.records if record.name == "dragoman"]
    assert len(warnings) == (said is not None)
    assert said is None or said in warnings[0]


def test_no_key_is_in_the_log(start: Start, caplog: pytest.LogCaptureFixture) -> None:
    service = start(auth="required")
    directory = Directory(service.runtime.database)
    issued = directory.create_key("local")
    with caplog.at_level(logging.DEBUG):
        for secret in (issued.secret, WRONG, issued.secret[:-1]):
            for headers in ({"X-API-Key": secret}, {"Authorization": f"Bearer {secret}"}):
                service.client.get("/v1/usage", headers=headers)
        directory.revoke_key(issued.key.id)
        _until(
            lambda: service.client.get("/v1/usage", headers={"X-API-Key": issued.secret}).status_code == 401
        )
    assert "/v1/usage" in caplog.text
    assert issued.secret[10:] not in caplog.text
    assert "AAAA" not in caplog.text
    assert issued.secret[10:] not in service.client.get("/metrics", headers={}).text


def _form(operation: dict[str, Any]) -> dict[str, Any] | None:
    is_form = "multipart/form-data" in operation.get("requestBody", {}).get("content", {})
    return FORM if is_form else None


def _example(operation: dict[str, Any]) -> Any:
    for content in operation.get("requestBody", {}).get("content", {}).values():
        schema = content["schema"]
        for each in [schema, *schema.get("anyOf", []), *schema.get("oneOf", [])]:
            if "$ref" in each:
                name = each["$ref"].rsplit("/", 1)[1]
                return DOCUMENT["components"]["schemas"][name]["examples"][0]
    return None


def _until(holds: Callable[[], bool]) -> None:
    limit = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < limit
