"""The translation memory applied: only where the policy says so, always marked, never computed."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import pytest

from app.client import Dragoman
from app.errors import Refused
from app.review.reviews import Reviews
from app.settings import Settings
from app.storage.engine import Database
from app.tenants.directory import Directory
from app.tenants.tenant import Recall
from tests.app.serving import Service, serving

SAID, MEANT = "A reunião é na sexta-feira.", "We meet on Friday."
OTHER = "Bom dia a todos os colegas."
PAIR = ("pt", "en")


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory, identity_models: Path) -> Iterator[Service]:
    """Of tenants with one policy each; nobody needs a key for `local`, whose policy is the service's."""
    data = tmp_path_factory.mktemp("data")
    settings = Settings(data_dir=data, model_dir=identity_models, preload=False, cache="off", auth="open")
    with serving(settings) as running:
        directory = Directory(running.runtime.database)
        for policy in Recall:
            directory.create_tenant(policy, memory=policy)
        for tenant in ("local", *Recall):
            put(running.runtime.reviews, running.runtime.database, tenant)
        yield running


def put(reviews: Reviews, database: Database, tenant: str, source: str = SAID, target: str = MEANT) -> None:
    with database.transaction() as connection:
        reviews.memory.put(connection, tenant, PAIR, (source, target), key_id="key_1", place="job_1.0.0.0")


def ask(service: Service, tenant: str, text: object, **more: Any) -> dict[str, Any]:
    answer = post(service, tenant, text, **more)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


def post(service: Service, tenant: str, text: object, **more: Any) -> Any:
    headers = {} if tenant == "local" else key(service, tenant)
    body = {"text": text, "source": "pt", "target": "en", "detail": True, **more}
    return service.client.post("/v1/translate", json=body, headers=headers)


def key(service: Service, tenant: str) -> dict[str, str]:
    return {"X-API-Key": Directory(service.runtime.database).create_key(tenant).secret}


@pytest.mark.parametrize("tenant", ["local", "off", "show"])
def test_it_is_never_applied_unless_the_policy_says_so(service: Service, tenant: str) -> None:
    found = ask(service, tenant, SAID)
    (segment,) = found["translations"][0]["segments"]
    assert (segment["text"], segment["memory"]) == (SAID, None)
    assert "memory" not in segment["flags"]
    assert found["provenance"]["memory"] is None
    refused = post(service, tenant, SAID, memory="exact")
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid_request")
    assert f"tenants update {tenant} --memory exact" in refused.json()["detail"]


def test_the_client_does_without_or_demands_it(service: Service) -> None:
    for tenant in ("exact", "show"):
        secret = key(service, tenant)["X-API-Key"]
        with Dragoman(str(service.client.base_url), key=secret) as client:

            def said(memory: Literal["off", "exact"] | None, asking: Dragoman = client) -> str | None:
                answer = asking.translate(SAID, source="pt", target="en", memory=memory)
                return answer["translations"][0]["text"]

            assert said("off") == SAID
            if tenant == "exact":
                assert said("exact") == said(None) == MEANT
            else:
                with pytest.raises(Refused):
                    said("exact")


def test_the_very_text_gets_the_correction_marked_and_free_of_compute(service: Service) -> None:
    found = ask(service, "exact", f"{SAID} {OTHER}")
    translation = found["translations"][0]
    recalled, made = translation["segments"]
    assert translation["text"] == f"{MEANT} {OTHER}"
    assert (recalled["text"], recalled["flags"], recalled["cached"]) == (MEANT, ["memory"], True)
    assert recalled["hops"] == []
    assert recalled["memory"] | {"entry": "", "changed_at": ""} == {
        "entry": "", "changed_at": "", "key_id": "key_1", "segment": "job_1.0.0.0",
    }  # fmt: skip
    assert made["memory"] is None
    assert made["hops"]
    assert "memory" in translation["flags"]
    assert found["provenance"]["memory"]["version"] >= 1
    assert found["usage"]["cached_segments"] == 1
    assert found["usage"]["billed_characters"] == len(SAID) + 1 + len(OTHER)


def test_what_the_memory_answered_is_no_models_in_the_ledger(service: Service) -> None:
    headers = key(service, "exact")
    before = figures(service, headers)
    answer = ask(service, "exact", [SAID], memory="exact")
    after = figures(service, headers)
    assert answer["translations"][0]["models"] == []
    assert answer["usage"]["compute_seconds"] == 0
    assert after["cached_characters"] - before["cached_characters"] == len(SAID)
    assert after["billed_characters"] - before["billed_characters"] == len(SAID)
    assert after["source_tokens"] == before["source_tokens"]


def figures(service: Service, headers: dict[str, str]) -> dict[str, int]:
    found: dict[str, int] = service.client.get("/v1/usage", headers=headers).json()["totals"]
    return found


@pytest.mark.parametrize(
    "text", [SAID.upper(), SAID[:-1], SAID.replace("é", "e\u0301"), f"Diz-se que {SAID}"]
)
def test_what_only_resembles_it_goes_to_the_model(service: Service, text: str) -> None:
    assert "memory" not in ask(service, "exact", text)["translations"][0]["flags"]


def test_a_request_may_do_without(service: Service) -> None:
    assert "memory" not in ask(service, "exact", SAID, memory="off")["translations"][0]["flags"]


def test_the_newest_correction_wins_and_makes_another_request_of_it(service: Service) -> None:
    reviews, database = service.runtime.reviews, service.runtime.database
    first = "Um texto que muda."
    put(reviews, database, "exact", first, "A text.")
    headers = key(service, "exact")
    body = {"text": first, "source": "pt", "target": "en", "detail": True}

    def sent() -> tuple[str, int, bool]:
        answer = service.client.post("/v1/translate", json=body, headers=headers)
        found = answer.json()
        version: int = found["provenance"]["memory"]["version"]
        return found["translations"][0]["text"], version, "Idempotency-Replayed" in answer.headers

    text, version, _ = sent()
    assert sent() == (text, version, True)
    put(reviews, database, "exact", first, "A text that changes.")
    newer, later, replayed = sent()
    assert (text, newer, replayed) == ("A text.", "A text that changes.", False)
    assert later > version


def test_one_tenants_memory_is_not_anothers(service: Service) -> None:
    Directory(service.runtime.database).create_tenant("stranger", memory=Recall.EXACT)
    assert ask(service, "stranger", SAID)["translations"][0]["text"] == SAID


def test_a_term_that_is_enforced_goes_before_it(service: Service) -> None:
    assert ask(service, "exact", SAID, protect={"names": ["sexta-feira"]})["translations"][0]["text"] == SAID
    agreeing = ask(service, "exact", SAID, glossary={"sexta-feira": "Friday"})["translations"][0]
    assert (agreeing["text"], agreeing["segments"][0]["terms"][0]["applied"]) == (MEANT, True)


def test_the_language_is_detected_all_the_same(service: Service) -> None:
    found = ask(service, "exact", SAID, source="auto")["translations"][0]
    assert (found["source"], found["detected"], found["text"]) == ("pt", True, MEANT)
    assert found["confidence"] > 0.5


def test_an_erased_entry_is_applied_no_more(service: Service) -> None:
    headers = key(service, "exact")
    put(service.runtime.reviews, service.runtime.database, "exact", "Apaga isto.", "Erase this.")
    entries = service.client.get("/v1/memory", headers=headers).json()["entries"]
    named = next(each["id"] for each in entries if each["source"] == "Apaga isto.")
    assert ask(service, "exact", "Apaga isto.")["translations"][0]["text"] == "Erase this."
    assert service.client.delete(f"/v1/memory/{named}", headers=headers).status_code == 204
    assert ask(service, "exact", "Apaga isto.")["translations"][0]["text"] == "Apaga isto."


def test_markup_is_marked_too(service: Service) -> None:
    found = ask(service, "exact", f"<p>A <b>reunião</b> é na sexta-feira.</p><p>{OTHER}</p>", format="html")
    translation = found["translations"][0]
    assert "memory" in translation["flags"]
    assert "We meet" in translation["text"]
    assert "formatting_approximate" in translation["flags"]


@pytest.mark.parametrize("path", ["/translate", "/v2/translate"])
def test_other_services_clients_get_it_marked(service: Service, path: str) -> None:
    bodies = {
        "/translate": {"q": SAID, "source": "pt", "target": "en"},
        "/v2/translate": {"text": [SAID], "source_lang": "PT", "target_lang": "EN-GB"},
    }
    answer = service.client.post(path, json=bodies[path], headers=key(service, "exact")).json()
    found = answer["translations"][0] if path == "/v2/translate" else answer
    said = found["text"] if path == "/v2/translate" else found["translatedText"]
    assert said == MEANT
    remark = found["dragoman"]
    assert "memory" in (remark if isinstance(remark, dict) else remark[0])["flags"]


def test_it_can_be_free_like_what_is_remembered(tmp_path: Path, identity_models: Path) -> None:
    settings = Settings(
        data_dir=tmp_path, model_dir=identity_models, preload=False, memory="exact", charge_cached=False
    )
    with serving(settings) as running:
        put(running.runtime.reviews, running.runtime.database, "local")
        found = ask(running, "local", SAID)
        assert found["translations"][0]["text"] == MEANT
        assert found["usage"]["billed_characters"] == 0
