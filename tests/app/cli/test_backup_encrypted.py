"""Backups of what is encrypted at rest: with their master key they open, with another nothing is begun."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

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
    return Made(file, certificate, models, old, new, south, job)


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
        again = ("--erased", str(made.certificate), "--json")
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


def test_the_accounts_of_one_whose_master_key_is_lost(made: Made, places: Places, dragoman: Call) -> None:
    with places.fresh() as place:
        done = dragoman("backup", "restore", str(made.file), "--locked", **place.environment)
        assert done.code == 0, done.err
        assert dragoman("usage", "verify", **place.environment).code == 0
