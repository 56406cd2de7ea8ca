"""A tenant erased: nothing of it is left, a certificate says so, and nobody else has lost anything."""

import json
import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import MetaData

from app.audit import tables as audit
from app.glossary import tables as glossary
from app.jobs import tables as jobs
from app.ledger import tables as ledger
from app.privacy.held import HELD, KEPT
from app.quality import tables as quality
from app.replay import tables as replay
from app.review import tables as review
from app.tenants import tables as tenants
from app.tenants.directory import Directory
from app.vault import tables as vault
from tests.app.cli.program import Program
from tests.app.serving import Service, serving
from tests.app.vault.keys import master_key
from tests.app.vault.traces import CORRECTION, NAME, TEXT, in_files, in_rows
from tests.app.vault.working import everything, translate
from tests.databases import Place

KEY = master_key()
ELSEWHERE = {
    "ledger_line", "ledger_head", "ledger_rollup", "price_list", "price_volume", "machine_hour", "data_key",
}  # fmt: skip
"""About a tenant's accounts, kept with them; or of nobody; or told apart (keys)."""


def test_every_table_is_erased_or_kept_for_a_reason() -> None:
    every = MetaData()
    for part in (audit, glossary, jobs, ledger, quality, replay, review, tenants, vault):
        for table in part.metadata.sorted_tables:
            table.to_metadata(every)
    told = {each.table.name for each in (*HELD, *KEPT)}
    assert not told & ELSEWHERE
    assert told | ELSEWHERE == set(every.tables)


def started(place: Place, models: Path, **settings: object) -> Iterator[Service]:
    chosen = {"model_dir": models, "preload": False, "cache": "off", "replay": "stored", **settings}
    with serving(place.settings(**chosen)) as running:
        yield running


def key_of(service: Service, tenant: str) -> str:
    directory = Directory(service.runtime.database)
    directory.create_tenant(tenant)
    return directory.create_key(tenant).secret


def counts(certificate: dict[str, Any]) -> dict[str, int]:
    found: dict[str, int] = certificate["deleted"]["rows"]
    return {name: number for name, number in found.items() if name != "working"}


@pytest.mark.parametrize("key", [KEY, ""], ids=["encrypted", "in the clear"])
def test_erased(place: Place, identity_models: Path, tmp_path: Path, key: str) -> None:
    for service in started(place, identity_models, master_key=key):
        north, south = key_of(service, "north"), key_of(service, "south")
        everything(service, key=north)
        job = everything(service, key=south)
    dragoman = Program(tmp_path, {**place.environment, "DRAGOMAN_MASTER_KEY": key})

    told = dragoman("privacy", "erase", "--tenant", "north")
    assert (told.code, "Nothing was erased" in told.out) == (0, True)
    done = dragoman("privacy", "erase", "--tenant", "north", "--yes", "-o", "north.json")
    assert done.code == 0, done.err
    certificate = json.loads((tmp_path / "north.json").read_text(encoding="utf-8"))["statement"]
    assert counts(certificate) == {"documents": 4, "memory": 1, "review": 1, "replay": 1, "glossaries": 3}
    assert certificate["deleted"]["files"] == 2
    assert len(certificate["keys_destroyed"]) == (1 if key else 0)
    assert not any(certificate["found_afterwards"]["rows"].values())
    assert certificate["kept"]["rows"]["ledger_entry"] == 2

    for command in (("statement", "verify"), ("privacy", "verify")):
        assert dragoman(*command, "north.json").code == 0
    assert dragoman("privacy", "verify", "north.json", "--key", "AAAA").code == 1
    again = dragoman("privacy", "erase", "--tenant", "north", "--yes", "-o", "north.json")
    assert (again.code, "is there already" in again.err) == (2, True)
    assert dragoman("usage", "verify").code == dragoman("audit", "verify").code == 0
    assert "tenant.erased" in dragoman("audit", "list", "--tenant", "north").out

    for service in started(place, identity_models, master_key=key):
        refused = service.client.get("/v1/memory", headers={"X-API-Key": north})
        assert (refused.status_code, refused.json()["code"]) == (403, "tenant_suspended")
        theirs = {"X-API-Key": south}
        (entry,) = service.client.get("/v1/memory", headers=theirs).json()["entries"]
        assert (entry["source"], entry["text"]) == (TEXT, CORRECTION)
        assert service.client.get(f"/v1/jobs/{job}/result", headers=theirs).text == TEXT
        assert translate(service, "once", key=south).headers["idempotency-replayed"] == "true"


def test_a_certificate_that_was_changed_is_refused(place: Place, tmp_path: Path) -> None:
    dragoman = Program(tmp_path, place.environment)
    place.open().close()
    assert dragoman("privacy", "erase", "--tenant", "local", "--yes", "-o", "local.json").code == 0
    file = tmp_path / "local.json"
    file.write_text(file.read_text(encoding="utf-8").replace('"local"', '"south"'), encoding="utf-8")
    refused = dragoman("privacy", "verify", "local.json")
    assert (refused.code, "was changed" in refused.err) == (1, True)
    assert dragoman("privacy", "erase", "--tenant", "nobody", "--yes").code == 2


def test_not_even_free_pages_hold_it(place: Place, identity_models: Path, tmp_path: Path) -> None:
    for service in started(place, identity_models):
        everything(service)
    dragoman = Program(tmp_path, place.environment)
    assert in_files(place.kept())
    shutil.rmtree(place.data_dir / "copies", ignore_errors=True)
    assert dragoman("privacy", "erase", "--tenant", "local", "--yes", "-o", "local.json").code == 0
    assert in_files(place.kept()) == in_files(place.data_dir) == set()
    database = place.open()
    assert in_rows(database) == set()
    database.close()


def test_all_that_is_held_is_handed_out(place: Place, identity_models: Path, tmp_path: Path) -> None:
    for service in started(place, identity_models, master_key=KEY):
        north, south = key_of(service, "north"), key_of(service, "south")
        job = everything(service, key=north)
        everything(service, key=south)
    dragoman = Program(tmp_path, {**place.environment, "DRAGOMAN_MASTER_KEY": KEY})
    done = dragoman("privacy", "export", "--tenant", "north", "-o", "north.zip", "--json")
    assert done.code == 0, done.err
    with zipfile.ZipFile(tmp_path / "north.zip") as archive:
        assert archive.testzip() is None
        about = json.loads(archive.read("about.json"))
        tables = {
            name: [json.loads(line) for line in archive.read(f"tables/{name}.jsonl").splitlines()]
            for name in about["rows"]
        }
        assert archive.read(f"files/{job}/source") == archive.read(f"files/{job}/result") == TEXT.encode()
    assert about == json.loads(done.out)
    assert {name: len(rows) for name, rows in tables.items()} == about["rows"]
    (kept,) = tables["job"]
    assert (kept["id"], kept["name"]) == (job, NAME)
    assert tables["job_chunk"][0]["units"][0][0] == TEXT
    (entry,) = tables["memory_entry"]
    assert (entry["source_text"], entry["target_text"]) == (TEXT, CORRECTION)
    assert {row["name"] for row in tables["glossary_version"]} == {"Old quaggas", "Zebras or quaggas"}
    assert tables["glossary_version"][0]["terms"]["dictionaries"][0]["terms"]
    assert all("digest" not in row for row in tables["api_key"])
    assert (tmp_path / "north.zip").stat().st_mode & 0o777 == 0o600
    again = dragoman("privacy", "export", "--tenant", "north", "-o", "north.zip")
    assert (again.code, "overwrites nothing" in again.err) == (2, True)
    assert "tenant.exported" in dragoman("audit", "list", "--tenant", "north").out
