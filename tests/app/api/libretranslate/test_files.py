"""LibreTranslate's files: sent, waited for, fetched without a key."""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from app.tenants.directory import Directory
from app.tenants.tenant import Budget, Scope, Status
from tests.app.conftest import Start
from tests.app.serving import PATIENCE, Gate, Service

LETTER = "Bom dia a todos.\n\nA carrinha saiu às 14:35.\n"
ASKED = {"source": "pt", "target": "en"}


def send(
    service: Service, data: bytes = LETTER.encode(), name: str = "carta.txt", **form: Any
) -> httpx.Response:
    fields = {key: value for key, value in {**ASKED, **form}.items() if value is not None}
    return service.client.post("/translate_file", files={"file": (name, data)}, data=fields)


def fetch(service: Service, sent: httpx.Response) -> httpx.Response:
    """As a browser would: from the address alone."""
    assert sent.status_code == 200, sent.text
    address = urlsplit(sent.json()["translatedFileUrl"])
    assert f"{address.scheme}://{address.netloc}" == str(service.client.base_url)
    return httpx.get(sent.json()["translatedFileUrl"], timeout=PATIENCE, trust_env=False)


def test_a_file_is_translated(service: Service) -> None:
    fetched = fetch(service, send(service, source="auto"))
    assert fetched.text == "Good morning to everyone.\n\nThe van came out at 14:35.\n"
    assert fetched.headers["content-disposition"] == 'attachment; filename="carta.en.txt"'
    assert "carta" not in str(fetched.url)
    assert "sandbox" in fetched.headers["content-security-policy"]


def test_settings_name_the_formats(identity_service: Service) -> None:
    settings = identity_service.client.get("/frontend/settings").json()
    assert settings["filesTranslation"] is True
    assert {".txt", ".docx", ".odt", ".pptx", ".epub", ".html", ".srt", ".pdf"} <= {
        *settings["supportedFilesFormat"]
    }


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"source": None}, "Invalid request: missing source parameter"),
        ({"target": None}, "Invalid request: missing target parameter"),
        ({"target": "zz"}, "zz is not supported"),
        ({"name": "a.toml", "data": b"# Bom dia"}, "Invalid request: file format not supported"),
        ({"name": "a", "data": b"\0\1"}, "Invalid request: file format not supported"),
        ({"data": b"\x89PNG\r\n\x1a\n\0\0\0\0"}, "Invalid request: file format not supported"),
    ],
)
def test_refusals(identity_service: Service, more: dict[str, Any], said: str) -> None:
    answer = send(identity_service, **more)
    assert (answer.status_code, answer.json()) == (400, {"error": said})


def test_without_a_file(identity_service: Service) -> None:
    answer = identity_service.client.post("/translate_file", data=ASKED)
    assert answer.json() == {"error": "Invalid request: missing file parameter"}


@pytest.mark.parametrize("name", ["a.txt", "../a", 96 * "0", 96 * "0" + ".txt", "0"])
def test_addresses_that_are_none(identity_service: Service, name: str) -> None:
    answer = identity_service.client.get(f"/download_file/{name}")
    assert (answer.status_code, list(answer.json())) == (404, ["error"]) or answer.json()[
        "code"
    ] == "not_found"


def test_keys_scopes_budgets_and_suspension(start: Start) -> None:
    service = start(auth="required", replay_window=300)
    directory = Directory(service.runtime.database)
    directory.create_tenant("north")
    key = directory.create_key("north").secret
    assert send(service).status_code == 400
    assert send(service, api_key="dgm_wrong").status_code == 403
    text_only = directory.create_key("north", scopes=frozenset({Scope.TRANSLATE})).secret
    assert send(service, api_key=text_only).status_code == 403
    sent = send(service, api_key=key)
    assert fetch(service, sent).text == LETTER
    # Sent again it is one job and one charge.
    assert send(service, api_key=key).json() == sent.json()
    headers = {"X-API-Key": key}
    totals = service.client.get("/v1/usage", headers=headers).json()["totals"]
    assert totals["billed_characters"] == len("Bom dia a todos.A carrinha saiu às 14:35.")
    directory.change_tenant("north", budget=Budget(characters=50))
    assert send(service, b"Outra carta bem mais comprida.", api_key=key).status_code == 402
    directory.change_tenant("north", status=Status.SUSPENDED)
    assert fetch(service, sent).status_code == 403
    directory.change_tenant("north", status=Status.ACTIVE)
    job = service.client.get("/v1/jobs", headers=headers).json()["jobs"][0]["id"]
    service.client.delete(f"/v1/jobs/{job}", headers=headers)
    assert fetch(service, sent).status_code == 404


def test_a_key_behind_a_large_file_is_found_as_far_as_is_looked(start: Start) -> None:
    service = start(auth="required", max_body_bytes=20_000)
    directory = Directory(service.runtime.database)
    directory.create_tenant("north")
    key = directory.create_key("north").secret

    def post(*parts: tuple[str, Any]) -> int:
        return service.client.post("/translate_file", files=list(parts)).status_code

    asked = [(name, (None, value)) for name, value in ASKED.items()]
    # As large as takes several reads from the socket.
    small, large = (("file", ("a.txt", b"Bom dia.\n\n" + b" " * size)) for size in (100, 2_000_000))
    assert post(*asked, small, ("api_key", (None, key))) == 200
    assert post(*asked, ("api_key", (None, key)), large) == 200
    assert post(*asked, large, ("api_key", (None, key))) == 400


def test_what_takes_too_long_goes_on(gated: Start, gate: Gate) -> None:
    service = gated(request_timeout=0.5, replay_window=300)
    late = send(service)
    assert late.status_code == 504
    assert "goes on" in late.json()["error"]
    gate.opened.set()
    job = service.client.get("/v1/jobs").json()["jobs"][0]["id"]
    service.client.get(f"/v1/jobs/{job}/events")
    assert fetch(service, send(service)).text == LETTER
    assert len(service.client.get("/v1/jobs").json()["jobs"]) == 1


def test_a_form_of_texts(identity_service: Service) -> None:
    """Multipart without a file, as `curl -F` sends it."""
    parts = [(name, (None, value)) for name, value in {**ASKED, "q": "Bom dia & até logo"}.items()]
    answer = identity_service.client.post("/translate", files=parts)
    assert answer.json()["translatedText"] == "Bom dia & até logo"


def test_under_a_prefix(start: Start, tmp_path: Path) -> None:
    service = start(libretranslate_prefix="/lt")
    sent = service.client.post("/lt/translate_file", files={"file": ("a.txt", b"Bom dia.")}, data=ASKED)
    assert fetch(service, sent).text == "Bom dia."
    assert "/lt/download_file/" in sent.json()["translatedFileUrl"]
