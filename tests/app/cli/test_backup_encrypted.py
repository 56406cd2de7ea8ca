"""Backups of what is encrypted at rest: with their master key they open, with another nothing is begun."""

import base64
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from app.provenance.signing import Signer
from app.tenants.directory import Directory
from tests.app.cli.conftest import Call
from tests.app.serving import Service, serving, write_card
from tests.app.vault.keys import master_key
from tests.app.vault.traces import CORRECTION, TEXT, in_files, in_rows
from tests.app.vault.working import everything
from tests.databases import Place, Places


@dataclass(frozen=True, slots=True)
class Made:
    """A backup of two tenants, of whom one was erased after it, and under a new master key by now."""

    file: Path
    certificate: Path
    models: Path
    old: str
    new: str
    south: str
    """Its key."""
    signer: str
    """Public, of the certificate."""
    job: str


@contextmanager
def running(place: Place, models: Path, key: str) -> Iterator[Service]:
    chosen = {"model_dir": models, "preload": False, "cache": "off", "replay": "stored", "log_level": "error"}
    with serving(place.settings(**chosen, master_key=key)) as service:
        yield service


@pytest.fixture
def made(places: Places, dragoman: Call, tmp_path: Path) -> Made:
    old, new = master_key(), master_key()
    models, file, certificate = tmp_path / "models", tmp_path / "a.backup", tmp_path / "north.json"
    write_card(models, "identity-pt-en", ("pt", "en"))
    with places.fresh() as place:
        with running(place, models, old) as service:
            directory = Directory(service.runtime.database)
            for tenant in ("north", "south"):
                directory.create_tenant(tenant)
            north, south = (directory.create_key(each).secret for each in ("north", "south"))
            everything(service, key=north)
            job = everything(service, key=south)
        here = {**place.environment, "DRAGOMAN_MASTER_KEY": f"{new} {old}"}
        for words in (
            f"backup create {file}",
            "vault rotate-master",
            "vault rotate-tenant south",
            f"privacy erase --tenant north --yes -o {certificate}",
        ):
            done = dragoman(*words.split(), **here)
            assert done.code == 0, (words, done.err)
    signer = json.loads(certificate.read_text(encoding="utf-8"))["signature"]["public_key"]
    return Made(file, certificate, models, old, new, south, signer, job)


def test_only_the_master_key_of_its_time_will_do(
    made: Made, places: Places, dragoman: Call, tmp_path: Path
) -> None:
    (needed,) = json.loads(dragoman("backup", "verify", str(made.file), "--json").out)["master_keys"]
    with places.fresh() as place:
        for key in ("", made.new, master_key()):
            here = {**place.environment, "DRAGOMAN_MASTER_KEY": key}
            refused = dragoman("backup", "restore", str(made.file), **here)
            assert (refused.code, needed in refused.err) == (2, True), refused.err
            assert dragoman("privacy", "erase", "--tenant", "north", **place.environment).code == 2
            assert place.blobs.empty()
        here = {**place.environment, "DRAGOMAN_MASTER_KEY": f"{made.new} {made.old}"}
        done = dragoman("backup", "restore", str(made.file), **here)
        assert (done.code, "erase them again" in done.out) == (0, True), done.err
        assert dragoman("privacy", "verify", str(made.certificate), **here).code == 1
        assert dragoman("vault", "rotate-master", **here).code == 0
        with running(place, made.models, made.new) as service:
            service.client.headers["X-API-Key"] = made.south
            assert service.client.get(f"/v1/jobs/{made.job}/result").text == TEXT
            (entry,) = service.client.get("/v1/memory").json()["entries"]
            assert entry["text"] == CORRECTION


def test_who_was_erased_since_is_erased_again(made: Made, places: Places, dragoman: Call) -> None:
    with places.fresh() as place:
        here = {**place.environment, "DRAGOMAN_MASTER_KEY": made.old}
        again = ("--erased", str(made.certificate), "--signed-by", made.signer, "--json")
        done = dragoman("backup", "restore", str(made.file), *again, **here)
        assert done.code == 0, done.err
        assert json.loads(done.out)["erased_again"] == ["north"]
        assert dragoman("privacy", "verify", str(made.certificate), **here).code == 0
        for check in ("usage", "audit"):
            assert dragoman(check, "verify", **here).code == 0
        with running(place, made.models, made.old) as service:
            theirs = service.client.get(f"/v1/jobs/{made.job}/result", headers={"X-API-Key": made.south})
            assert theirs.text == TEXT
            assert in_rows(service.runtime.database) == in_files(place.kept()) == set()
        forged = made.certificate.read_text(encoding="utf-8").replace('"north"', '"south"')
        made.certificate.write_text(forged, encoding="utf-8")
    with places.fresh() as place:
        refused = dragoman("backup", "restore", str(made.file), *again, **{**here, **place.environment})
        assert refused.code == 1


def test_a_certificate_of_another_is_refused_before_anything_is_written(
    made: Made, places: Places, dragoman: Call
) -> None:
    with places.fresh() as place:
        here = {**place.environment, "DRAGOMAN_MASTER_KEY": made.old}
        told = ("backup", "restore", str(made.file), "--erased", str(made.certificate))
        for other in ((), ("--signed-by", Signer(bytes(32)).public_key)):
            refused = dragoman(*told, *other, **here)
            assert (refused.code, made.signer in refused.err) == (1, True), refused.err
        assert place.blobs.empty()
        assert dragoman(*told, "--signed-by", made.signer, **here).code == 0


def test_what_came_after_an_erasure_stays(places: Places, dragoman: Call, tmp_path: Path) -> None:
    file, certificate = tmp_path / "a.backup", tmp_path / "north.json"
    signing = base64.b64encode(bytes(32)).decode()
    with places.fresh() as place:
        here = {**place.environment, "DRAGOMAN_SIGNING_KEY": signing}
        for words in (
            "db migrate",
            "tenants create north",
            f"privacy erase --tenant north --yes -o {certificate}",
            "tenants resume north",
            f"backup create {file}",
        ):
            assert dragoman(*words.split(), **here).code == 0, words
    told = ("backup", "restore", str(file), "--json", "--erased", str(certificate))
    with places.fresh() as place:
        done = dragoman(*told, **place.environment, DRAGOMAN_SIGNING_KEY=signing)
        assert done.code == 0, done.err
        found = json.loads(done.out)
        assert (found["erased_again"], found["erased_before"]) == ([], ["north"])
        assert standing(dragoman, place)["north"] == "active"
        statement = json.loads(certificate.read_text(encoding="utf-8"))["statement"]
        statement |= {
            "audit_event": {"sequence": 1, "hash": "0" * 64},
            "issued_at": "2026-01-01T00:00:00+00:00",
        }
        certificate.write_text(json.dumps(Signer(bytes(32)).signed(statement)), encoding="utf-8")
    with places.fresh() as place:
        elsewhere = dragoman(*told, **place.environment, DRAGOMAN_SIGNING_KEY=signing)
        assert (elsewhere.code, "another installation" in elsewhere.err) == (2, True), elsewhere.err
        assert "north" not in standing(dragoman, place)


def standing(dragoman: Call, place: Place) -> dict[str, str]:
    tenants = json.loads(dragoman("tenants", "list", "--json", **place.environment).out)["tenants"]
    return {each["tenant"]: each["status"] for each in tenants}


def test_the_accounts_of_one_whose_master_key_is_lost(made: Made, places: Places, dragoman: Call) -> None:
    with places.fresh() as place:
        done = dragoman("backup", "restore", str(made.file), "--locked", **place.environment)
        assert done.code == 0, done.err
        assert dragoman("usage", "verify", **place.environment).code == 0
