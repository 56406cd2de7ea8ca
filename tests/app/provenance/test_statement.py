"""A document's statement: signed, complete, run again with the same answers; and what shows when it is not."""

import base64
import hashlib
import json
import stat
from copy import deepcopy
from pathlib import Path
from typing import Any

import ctranslate2
import pytest

from app.errors import ConfigurationError, InvalidRequest
from app.provenance import Signer, verified
from app.provenance.replay import Replayed, replay
from app.provenance.signing import FILE
from app.settings import Settings
from tests.app.api.test_documents import over, send
from tests.app.serving import Service

DOCUMENT = (
    "Bom dia a todos.\n\nPague £1.700,50 até 3 de maio. SOPA DE ERVILHA\n\nÁgua 4571, pão 12, sal 913, 4402\n"
)


@pytest.fixture(scope="module")
def stated(service: Service) -> dict[str, Any]:
    job = over(service, send(service, DOCUMENT.encode(), source="pt"))
    answer = service.client.get(f"/v1/jobs/{job['id']}/statement")
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


def here(folder: Path) -> Settings:
    return Settings(data_dir=folder, preload=False)


def test_it_says_what_each_segment_is_made_of_and_with(service: Service, stated: dict[str, Any]) -> None:
    said = stated["statement"]
    assert said["document"]["source_sha256"] == hashlib.sha256(DOCUMENT.encode()).hexdigest()
    result = service.client.get(f"/v1/jobs/{said['job']}/result").content
    assert said["document"]["result_sha256"] == hashlib.sha256(result).hexdigest()
    (chunk,) = said["chunks"]
    made = chunk["made"]
    assert made["engine"].startswith("ctranslate2 ")
    assert {"model.bin", "source.spm"} <= made["models"]["starter-pt-en"]["sha256"].keys()
    assert (made["beam_size"], made["glossary"], made["enforced"]) == (1, None, False)
    assert made["compute_type_set"] == "default"
    assert made["compute_type"] == made["models"]["starter-pt-en"]["compute_type"] == resolved(service)
    segments = [segment for unit in chunk["units"] for segment in unit["segments"]]
    assert all(segment["models"] == ["starter-pt-en"] for segment in segments)
    assert all(
        {"cached", "repairs", "flags", "confidence", "source"} <= segment.keys() for segment in segments
    )
    assert all(segment["text"] in result.decode() for segment in segments)


def resolved(service: Service) -> str:
    """What CTranslate2 makes of the setting on this machine."""
    card = service.runtime.catalogue.card("starter-pt-en")
    assert card is not None
    return str(ctranslate2.Translator(str(card.path)).compute_type)


def test_its_signature_holds_and_falls_with_a_letter(service: Service, stated: dict[str, Any]) -> None:
    key = service.client.get("/v1/statement-key").json()
    assert verified(stated) == key["public_key"] == stated["signature"]["public_key"]
    assert verified(json.loads(json.dumps(stated, indent=3))) == key["public_key"]
    forged = deepcopy(stated)
    forged["statement"]["chunks"][0]["units"][0]["segments"][0]["text"] += "."
    assert verified(forged) is None
    assert verified({"statement": stated["statement"]}) is None


async def test_it_is_run_again_without_a_difference(stated: dict[str, Any], tmp_path: Path) -> None:
    found = await replay(stated["statement"], here(tmp_path))
    assert found.segments >= 4
    assert (found.recalled, found.memory, found.differences) == (0, (), ())


async def test_what_differs_is_named(stated: dict[str, Any], tmp_path: Path) -> None:
    other = deepcopy(stated["statement"])
    other["chunks"][0]["made"]["engine"] = "ctranslate2 0.0"
    other["chunks"][0]["made"]["models"]["starter-pt-en"]["fingerprint"] = "0"
    other["chunks"][0]["made"]["models"]["starter-pt-en"]["compute_type"] = "float16"
    other["chunks"][0]["units"][0]["segments"][0]["text"] = "Something else."
    found = await replay(other, here(tmp_path))
    assert [each.what.partition(":")[0] for each in found.differences] == [
        "engine",
        "model starter-pt-en",
        "model starter-pt-en",
        "unit 0, segment at 0",
    ]


async def test_statements_of_earlier_releases_are_run_again(stated: dict[str, Any], tmp_path: Path) -> None:
    """They have the setting as `compute_type`, and nothing of the kind for each model."""
    other = deepcopy(stated["statement"])
    made = other["chunks"][0]["made"]
    made["compute_type"] = made.pop("compute_type_set")
    del made["models"]["starter-pt-en"]["compute_type"]
    assert (await replay(other, here(tmp_path))).differences == ()


TERMED = b"The van left the police station."


def termed(service: Service, **asked: str) -> dict[str, Any]:
    """The statement of a document with terms, which show in its translation."""
    job = over(service, send(service, TERMED, source="en", target="pt", **asked))
    answer = service.client.get(f"/v1/jobs/{job['id']}/statement").json()
    assert verified(answer) is not None
    said: dict[str, Any] = answer["statement"]
    assert "viatura" in said["chunks"][0]["units"][0]["segments"][0]["text"]
    return said


async def test_a_stored_glossarys_version_is_used_again(service: Service, tmp_path: Path) -> None:
    terms = {"source": "en", "target": "pt", "terms": [{"source": "van", "target": "viatura"}]}
    body = {"name": "a", "dictionaries": [terms]}
    made = service.client.post("/v1/glossaries", json=body).json()["id"]
    said = termed(service, glossary=made)
    assert said["enforced"]["terms"] is None
    changed = {**body, "dictionaries": [{**terms, "terms": [{"source": "van", "target": "camioneta"}]}]}
    assert service.client.put(f"/v1/glossaries/{made}", json=changed).status_code == 200
    installation = service.runtime.settings
    assert await replay(said, installation) == Replayed(1, 0, (), ())

    earlier = {name: value for name, value in said.items() if name != "enforced"}
    assert await replay(earlier, installation) == Replayed(1, 0, (), ())
    newer = deepcopy(said)
    newer["enforced"]["glossary"]["version"] = 2
    with pytest.raises(InvalidRequest, match="holds other terms"):
        await replay(newer, installation)
    with pytest.raises(InvalidRequest, match="belongs to another installation"):
        await replay(said, here(tmp_path))
    service.client.delete(f"/v1/glossaries/{made}")
    with pytest.raises(InvalidRequest, match="it was deleted"):
        await replay(said, installation)


async def test_terms_that_came_with_the_document_are_in_its_statement(
    service: Service, tmp_path: Path
) -> None:
    said = termed(service, glossary='{"van": "viatura"}')
    assert await replay(said, here(tmp_path)) == Replayed(1, 0, (), ())
    other = deepcopy(said)
    other["enforced"]["terms"] = {**other["enforced"]["terms"], "patterns": ["x+"]}
    with pytest.raises(InvalidRequest, match="not those that it says"):
        await replay(other, here(tmp_path))
    del other["enforced"]
    with pytest.raises(InvalidRequest, match="do not hold them"):
        await replay(other, here(tmp_path))


def test_detail_tells_what_an_answer_was_made_with(service: Service) -> None:
    body = service.translate("Bom dia.", detail=True)
    assert body["provenance"]["request"] == body["id"]
    assert body["provenance"]["models"]["starter-pt-en"]["compute_type"] == resolved(service)
    assert body["provenance"]["compute_type"] == resolved(service)
    kept = service.translate("12", detail=True)["provenance"]
    assert (kept["compute_type"], kept["models"]) == (None, {})
    assert service.translate("Bom dia.").get("provenance") is None


def test_a_key_is_made_once_for_its_owner_alone_or_given(tmp_path: Path) -> None:
    first, again = (Signer.open(tmp_path, "") for _ in range(2))
    assert first.public_key == again.public_key
    assert stat.S_IMODE((tmp_path / FILE).stat().st_mode) == 0o600
    given = base64.b64encode(bytes(range(32))).decode()
    assert Signer.open(tmp_path, given).public_key != first.public_key
    with pytest.raises(ConfigurationError):
        Signer.open(tmp_path, "c2hvcnQ=")


def test_a_job_that_is_not_there(service: Service) -> None:
    assert service.client.get("/v1/jobs/none/statement").status_code == 404
