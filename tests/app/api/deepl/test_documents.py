"""DeepL's documents: its client, unchanged, and what of the contract the client does not show."""

import asyncio
import io
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import deepl
import docx
import httpx
import pytest

from app.tenants.directory import Directory
from app.tenants.tenant import Budget, Scope
from tests.app.conftest import Start
from tests.app.serving import PATIENCE, Gate, Service, serving
from tests.databases import Places

LETTER = "Bom dia a todos.\n\nA carrinha saiu às 14:35.\n"
BILLED = len("Bom dia a todos.") + len("A carrinha saiu às 14:35.")


@dataclass(frozen=True, slots=True)
class Office:
    service: Service
    directory: Directory
    secret: str

    @property
    def url(self) -> str:
        return str(self.service.client.base_url)

    def client(self, key: str | None = None) -> deepl.Translator:
        return deepl.Translator(key or self.secret, server_url=self.url, send_platform_info=False)

    def post(self, path: str, *, key: str | None = None, **more: Any) -> httpx.Response:
        headers = {"Authorization": f"DeepL-Auth-Key {key or self.secret}"}
        return self.service.client.post(f"/v2/document{path}", headers=headers, **more)

    def send(self, data: bytes = LETTER.encode(), name: str = "carta.txt", **fields: Any) -> httpx.Response:
        return self.post("", files={"file": (name, data)}, data={"target_lang": "EN-GB", **fields})

    def over(self, sent: dict[str, str]) -> None:
        """Once the job has ended."""
        path = f"/v1/jobs/job_{sent['document_id'].lower()}/events"
        self.service.client.get(path, headers={"X-API-Key": self.secret}, timeout=PATIENCE)

    def billed(self) -> int:
        found = self.service.client.get("/v1/usage", headers={"X-API-Key": self.secret}).json()
        return int(found["totals"]["billed_characters"])


def opened(service: Service, name: str = "north") -> Office:
    directory = Directory(service.runtime.database)
    directory.create_tenant(name)
    return Office(service, directory, directory.create_key(name).secret)


@pytest.fixture(scope="module")
def office(homes: Places, identity_models: Path) -> Iterator[Office]:
    """Shared: every test sends another document, or asks about sums in a tenant of its own."""
    settings = {"model_dir": identity_models, "preload": False, "cache": "off", "auth": "required"}
    with homes.fresh() as home, serving(home.settings(**settings)) as service:
        yield opened(service)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """The client looks again at once, not after its five seconds."""
    monkeypatch.setattr("deepl.translator.time.sleep", lambda _: threading.Event().wait(0.05))


def test_a_word_document_by_its_client(start: Start, impatient: None, tmp_path: Path) -> None:
    office = opened(start(model_dir=None, auth="required", preload=True))
    given, out = tmp_path / "carta.docx", tmp_path / "letter.docx"
    made = docx.Document()
    made.add_heading("Bom dia", level=1)
    made.add_paragraph("Onde fica a estação?")
    made.save(str(given))
    client = office.client()
    done = client.translate_document_from_filepath(given, out, source_lang="PT", target_lang="EN-GB")
    assert done.done
    assert done.billed_characters == len("Bom diaOnde fica a estação?") == office.billed()
    found = [each.text for each in docx.Document(str(out)).paragraphs]
    assert found == ["Good morning", "Where is the station?"]
    assert client.get_usage().character.count == done.billed_characters


def test_upload_status_and_one_download(office: Office) -> None:
    sent = office.send()
    assert sent.status_code == 200, sent.text
    body = sent.json()
    assert len(body["document_id"]) == 32
    assert len(body["document_key"]) == 64
    assert (body["document_id"] + body["document_key"]).isupper()
    office.over(body)
    before = office.billed()
    shown = {"document_key": body["document_key"]}
    path = f"/{body['document_id']}"
    status = office.post(path, json=shown).json()
    # Its models answer everything as it was, which is doubtful.
    assert "words_copied" in status.pop("dragoman")["flags"]
    assert status == {"document_id": body["document_id"], "status": "done", "billed_characters": BILLED}
    fetched = office.post(f"{path}/result", data=shown)
    assert fetched.text == LETTER
    assert fetched.headers["content-type"].startswith("text/plain")
    assert "carta.en.txt" in fetched.headers["content-disposition"]
    again = office.post(f"{path}/result", json=shown)
    assert again.status_code == 503
    assert again.json()["message"] == "Document was already downloaded, or deleted."
    assert office.post(path, json=shown).status_code == 404
    assert office.billed() == before


def test_of_many_downloads_at_once_one_has_it(office: Office) -> None:
    sent = office.send("Só uma vez.".encode()).json()
    office.over(sent)
    shown = {"document_key": sent["document_key"]}
    together = threading.Barrier(6)

    def fetch(_: int) -> httpx.Response:
        together.wait(PATIENCE)
        return office.post(f"/{sent['document_id']}/result", json=shown)

    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(fetch, range(6)))
    assert sorted(each.status_code for each in answers) == [200, *[503] * 5]
    had = next(each for each in answers if each.status_code == 200)
    assert had.text == "Só uma vez."
    said = {each.json()["message"] for each in answers if each is not had}
    assert said == {"Document was already downloaded, or deleted."}


def test_a_download_that_was_cut_off_leaves_the_document_to_the_next(office: Office) -> None:
    sent = office.send("Ainda cá está.".encode()).json()
    office.over(sent)
    shown = {"document_key": sent["document_key"]}
    runtime = office.service.runtime

    async def begin_and_hang_up() -> int:
        _, file = await runtime.desk.once("north", f"job_{sent['document_id'].lower()}")
        await anext(file.parts)
        meanwhile = await asyncio.to_thread(office.post, f"/{sent['document_id']}/result", json=shown)
        await file.parts.aclose()
        return meanwhile.status_code

    assert asyncio.run(begin_and_hang_up()) == 503
    assert office.post(f"/{sent['document_id']}/result", json=shown).text == "Ainda cá está."


def test_a_document_of_another(office: Office) -> None:
    mine = office.send(b"Boa tarde.").json()
    office.over(mine)
    directory = office.directory
    directory.create_tenant("south")
    shown = {"document_key": mine["document_key"]}
    stranger = directory.create_key("south").secret
    for path in (f"/{mine['document_id']}", f"/{mine['document_id']}/result"):
        assert office.post(path, key=stranger, json=shown).status_code == 404
        assert office.post(path, json={"document_key": "0" * 64}).status_code == 404
        assert office.post(path, json={}).status_code == 400
        text_only = directory.create_key("north", scopes=frozenset({Scope.TRANSLATE})).secret
        assert office.post(path, key=text_only, json=shown).status_code == 403
    assert office.post(f"/{'0' * 32}", json=shown).status_code == 404
    assert office.client(stranger).get_usage().character.count == 0
    assert office.post(f"/{mine['document_id']}/result", json=shown).text == "Boa tarde."


def test_uploads_sent_again_are_one_document_and_one_charge(office: Office) -> None:
    """As the client does blindly when no answer came."""
    before = office.billed()
    sent = [office.send("Até amanhã.".encode()).json() for _ in range(3)]
    assert sent[0] == sent[1] == sent[2]
    office.over(sent[0])
    assert office.billed() - before == len("Até amanhã.")
    shown = {"document_key": sent[0]["document_key"]}
    assert office.post(f"/{sent[0]['document_id']}/result", json=shown).status_code == 200
    # Once it was fetched, the same again is new work.
    assert office.send("Até amanhã.".encode()).json()["document_id"] != sent[0]["document_id"]


def test_not_ready_yet(gated: Start, gate: Gate) -> None:
    office = opened(gated(auth="required"))
    sent = office.send().json()
    shown = {"document_key": sent["document_key"]}
    assert gate.entered.wait(PATIENCE)
    assert office.post(f"/{sent['document_id']}", json=shown).json()["status"] == "translating"
    early = office.post(f"/{sent['document_id']}/result", json=shown)
    assert (early.status_code, early.json()["message"]) == (503, "Document translation is not done yet.")
    gate.opened.set()
    office.over(sent)
    assert office.post(f"/{sent['document_id']}/result", json=shown).text == LETTER


def test_the_quota(office: Office) -> None:
    directory = office.directory
    directory.create_tenant("poor", budget=Budget(characters=5))
    poor = directory.create_key("poor").secret
    with pytest.raises(deepl.QuotaExceededException, match="Quota"):
        office.client(poor).translate_document(
            b"Bom dia.", io.BytesIO(), target_lang="EN-GB", filename="a.txt"
        )
    assert office.client(poor).get_usage().character.count == 0


@pytest.mark.parametrize(
    ("data", "name", "fields", "said"),
    [
        (b"\x89PNG\r\n\x1a\n\0\0\0\0", "a.png", {}, "Invalid file data or file extension"),
        (b"Bom dia.", "a.exe", {}, "Invalid file data or file extension"),
        (b"Bom dia.", "a.txt", {"filename": "a.toml"}, "Invalid file data or file extension"),
        (b"\0\1", "a.txt", {}, "Invalid file data or file extension"),
        (b"Bom dia.", "a.txt", {"target_lang": "XX"}, "'target_lang' not supported"),
        (b"Bom dia.", "a.txt", {"source_lang": "XX"}, "'source_lang' not supported"),
        (b"Bom dia.", "a.txt", {"source_lang": "EN"}, "Source and target language are equal."),
        (b"Bom dia.", "a.txt", {"formality": "more"}, "'formality' is not supported"),
        (b"Bom dia.", "a.txt", {"style_id": "a"}, "'style_id' is not supported"),
        (b"Bom dia.", "a.txt", {"output_format": "pdf"}, "'output_format' not supported"),
        (b"%PDF-1.4", "a.pdf", {}, "ask for it with 'output_format' docx"),
    ],
)  # fmt: skip
def test_refusals(office: Office, data: bytes, name: str, fields: dict[str, str], said: str) -> None:
    refused = office.send(data, name, **fields)
    assert refused.status_code == 400
    assert said in refused.json()["message"]


def test_without_a_file_or_a_key(office: Office) -> None:
    assert "Invalid file" in office.post("", data={"target_lang": "EN-GB"}).json()["message"]
    files = {"file": ("a.txt", b"Bom dia.")}
    form = {"target_lang": "EN-GB"}
    client = office.service.client
    assert client.post("/v2/document", files=files, data=form).status_code == 403
    in_the_form = {**form, "auth_key": office.secret}
    assert client.post("/v2/document", files=files, data=in_the_form).status_code == 200


def test_its_command_line(office: Office, tmp_path: Path) -> None:
    def run(*words: str) -> str:
        environment = {**os.environ, "DEEPL_AUTH_KEY": office.secret, "DEEPL_SERVER_URL": office.url}
        ran = subprocess.run(
            [sys.executable, "-m", "deepl", *words],
            env=environment, capture_output=True, text=True, timeout=PATIENCE, check=False,
        )  # fmt: skip
        assert ran.returncode == 0, ran.stderr
        return ran.stdout

    assert run("text", "--to", "EN-GB", "Bom dia a todos").strip() == "Bom dia a todos"
    assert "Characters:" in run("usage")
    assert "EN-GB" in run("languages")
    (tmp_path / "recado.txt").write_text("Volto logo.", encoding="utf-8")
    run("document", "--to", "EN-GB", str(tmp_path / "recado.txt"), str(tmp_path / "out"))
    assert (tmp_path / "out/recado.txt").read_text(encoding="utf-8") == "Volto logo."
