"""LibreTranslate's clients, unchanged, against this service."""

import urllib.error
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from deep_translator import LibreTranslator
from deep_translator.exceptions import AuthorizationException, ServerException
from libretranslatepy import LibreTranslateAPI

from app.settings import Settings
from app.tenants.directory import Directory
from app.tenants.tenant import Budget, Scope
from tests.app.serving import Service, serving

pytestmark = pytest.mark.filterwarnings("ignore:.*:DeprecationWarning")


@dataclass(frozen=True, slots=True)
class Guarded:
    service: Service
    directory: Directory
    secret: str

    @property
    def url(self) -> str:
        return f"{self.service.client.base_url}/"

    def billed(self) -> int:
        headers = {"X-API-Key": self.secret}
        totals: dict[str, Any] = self.service.client.get("/v1/usage", headers=headers).json()["totals"]
        return int(totals["billed_characters"])


@pytest.fixture
def guarded(tmp_path: Path, identity_models: Path) -> Iterator[Guarded]:
    settings = Settings(
        data_dir=tmp_path / "data", model_dir=identity_models, preload=False, cache="off", auth="required"
    )
    with serving(settings) as service:
        directory = Directory(service.runtime.database)
        directory.create_tenant("north")
        secret = directory.create_key("north", scopes=frozenset({Scope.TRANSLATE, Scope.USAGE})).secret
        yield Guarded(service, directory, secret)


def test_libretranslatepy(service: Service) -> None:
    client = LibreTranslateAPI(str(service.client.base_url))
    assert client.translate("Good morning to all of you.", "en", "pt").startswith("Bom dia")
    assert client.translate("Bom dia a todos, meus amigos.", "auto", "en").startswith("Good morning")
    assert {language["code"] for language in client.languages()} == {"en", "pt"}
    best = client.detect("Onde fica a estação de comboios mais próxima?")[0]
    assert best["language"] == "pt"
    assert 50 < best["confidence"] <= 100


def test_libretranslatepy_with_a_key_in_the_form(guarded: Guarded) -> None:
    client = LibreTranslateAPI(guarded.url, api_key=guarded.secret)
    assert client.translate("Bom dia & até logo", "pt", "en") == "Bom dia & até logo"
    assert client.detect("Bom dia a todos, e até logo.")[0]["language"] == "pt"
    assert client.languages()
    for key, status in ((None, 400), ("dgm_wrong", 403)):
        with pytest.raises(urllib.error.HTTPError) as refused:
            LibreTranslateAPI(guarded.url, api_key=key).translate("Bom dia", "pt", "en")
        assert refused.value.code == status
        refused.value.close()
        assert LibreTranslateAPI(guarded.url, api_key=key).languages()


def test_deep_translator_says_all_in_the_query(guarded: Guarded) -> None:
    client = LibreTranslator(source="pt", target="en", custom_url=guarded.url, api_key=guarded.secret)
    # Two texts at one address, each with an empty body, are two requests.
    assert client.translate("Bom dia") == "Bom dia"
    assert client.translate_batch(["Boa tarde", "Boa noite"]) == ["Boa tarde", "Boa noite"]
    assert guarded.billed() == len("Bom diaBoa tardeBoa noite")
    assert client.translate("Bom dia") == "Bom dia"
    assert guarded.billed() == len("Bom diaBoa tardeBoa noite")


def test_deep_translator_refused(guarded: Guarded) -> None:
    wrong = LibreTranslator(source="pt", target="en", custom_url=guarded.url, api_key="x")
    with pytest.raises(AuthorizationException):
        wrong.translate("Bom dia")
    guarded.directory.change_tenant("north", budget=Budget(characters=10))
    client = LibreTranslator(source="pt", target="en", custom_url=guarded.url, api_key=guarded.secret)
    with pytest.raises(ServerException):
        client.translate("Bom dia a todos os meus amigos")
    assert guarded.billed() == 0


def test_clients_that_send_a_key_by_habit_are_let_in_where_a_proxy_authenticates(
    tmp_path: Path, identity_models: Path
) -> None:
    settings = Settings(data_dir=tmp_path, model_dir=identity_models, preload=False, auth="open")
    with serving(settings) as service:
        client = LibreTranslateAPI(str(service.client.base_url), api_key="any")
        assert client.translate("Bom dia", "pt", "en") == "Bom dia"
