"""New keys for what is kept already: whole, while a service runs, and through a kill."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from app.errors import Unreadable
from app.jobs.tables import chunks
from app.storage.engine import Database
from app.vault.columns import COLUMNS
from app.vault.keyring import live
from app.vault.rotation import Rotation
from app.vault.tables import data_keys
from app.vault.vault import Vault
from tests.app.cli.program import START, Program
from tests.app.serving import Service, serving
from tests.app.vault.keys import master_key, vault
from tests.app.vault.traces import CORRECTION, NAME, TEXT, in_files, in_rows
from tests.app.vault.working import document, everything, translate
from tests.databases import Place

KEY = master_key()
DYING = (
    "import os, signal; from app.vault.rotation import Rotation; turn, count = Rotation._turn, iter(range(99))\n"
    "def dying(*given):\n"
    "    turn(*given)\n"
    "    if next(count) == 2: os.kill(os.getpid(), signal.SIGKILL)\n"
    f"Rotation._turn = dying; {START}"
)


def started(place: Place, models: Path, **settings: object) -> Iterator[Service]:
    chosen = {"model_dir": models, "preload": False, "cache": "off", "replay": "stored", **settings}
    with serving(place.settings(**chosen)) as running:
        yield running


def rotation(place: Place, database: Database, made: Vault, *, later: float = 0.0) -> Rotation:
    assert made.keyring is not None
    now = datetime.now(UTC) + timedelta(seconds=later)
    return Rotation(database, made.keyring, blobs=place.blobs, now=lambda: now, settle=0.0)


def cells(database: Database) -> int:
    """That hold something of the tenant's."""
    with database.read() as connection:
        return sum(len(connection.execute(each.rows("local")).all()) for each in COLUMNS)


def check(service: Service, job: str) -> None:
    (entry,) = service.client.get("/v1/memory").json()["entries"]
    assert (entry["source"], entry["text"]) == (TEXT, CORRECTION)
    assert service.client.get(f"/v1/jobs/{job}").json()["name"] == NAME
    assert service.client.get(f"/v1/jobs/{job}/result").text == TEXT
    assert service.client.get(f"/v1/jobs/{job}/statement").json()["statement"]["chunks"][0]["units"]
    assert translate(service, "once").headers["idempotency-replayed"] == "true"
    (glossary,) = service.client.get("/v1/glossaries").json()["glossaries"]
    kept = service.client.get(f"/v1/glossaries/{glossary['id']}").json()
    assert (kept["name"], kept["dictionaries"][0]["terms"][0]["target"]) == ("Zebras or quaggas", "quaggas")


def test_what_was_in_the_clear_is_encrypted(place: Place, identity_models: Path) -> None:
    for service in started(place, identity_models):
        job = everything(service)
    for service in started(place, identity_models, master_key=KEY):
        check(service, job)
        done = rotation(place, service.runtime.database, service.runtime.vault).tenant("local")
        assert (done.rows, done.files, done.unreadable) == (cells(service.runtime.database), 2, 0)
        check(service, job)
        assert in_rows(service.runtime.database) == set()
    assert in_files(place.kept()) == in_files(place.data_dir) == set()


def test_a_new_key_while_the_service_works_and_the_old_one_an_hour_later(
    place: Place, identity_models: Path
) -> None:
    for service in started(place, identity_models, master_key=KEY):
        job = everything(service)
        made, database = service.runtime.vault, service.runtime.database
        done = rotation(place, database, made).tenant("local")
        assert (done.rows, done.files, done.destroyed, done.waiting) == (cells(database), 2, 0, 1)
        check(service, job)
        assert rotation(place, database, made).retire("local") == (0, 1)
        assert rotation(place, database, made, later=3_601).retire("local") == (1, 0)
        with database.read() as connection:
            assert len(connection.execute(live("local")).all()) == 1
        assert made.keyring is not None
        made.keyring.forget()
        check(service, job)
        document(service, f"{TEXT} {TEXT}")


def test_killed_in_the_middle_it_goes_on(place: Place, identity_models: Path) -> None:
    for service in started(place, identity_models, master_key=KEY):
        job = everything(service)
    dragoman = Program(place.data_dir.parent, {**place.environment, "DRAGOMAN_MASTER_KEY": KEY})
    killed = dragoman("vault", "rotate-tenant", "local", start=DYING)
    assert killed.code == -9
    for service in started(place, identity_models, master_key=KEY):
        check(service, job)
    again = dragoman("vault", "rotate-tenant", "local", "--json")
    assert again.code == 0, again.err
    for service in started(place, identity_models, master_key=KEY):
        check(service, job)
        rotating = rotation(place, service.runtime.database, service.runtime.vault)
        assert rotating.stale("local") == 0
        assert rotating.unfinished() == ["local"]
        with service.runtime.database.read() as connection:
            assert connection.execute(select(data_keys.c.version)).scalars().all() == [1, 2]


def test_a_replica_that_lacks_the_new_master_key_tells_callers_nothing_of_keys(
    place: Place, identity_models: Path, caplog: pytest.LogCaptureFixture
) -> None:
    old, new = master_key(), master_key()
    for service in started(place, identity_models, master_key=old):
        job = everything(service)
        dragoman = Program(place.data_dir.parent, place.environment)
        assert dragoman("vault", "rotate-master", DRAGOMAN_MASTER_KEY=f"{new} {old}").code == 0
        keyring = service.runtime.vault.keyring
        assert keyring is not None
        keyring.forget()
        answer = service.client.get(f"/v1/jobs/{job}/result")
        assert (answer.status_code, answer.json()["code"]) == (500, "internal_error")
        assert not re.search(r"key:|DRAGOMAN", answer.text)
    assert any("which is not configured" in line for line in caplog.messages)


def test_a_new_master_key_and_the_old_one_taken_away(place: Place, identity_models: Path) -> None:
    old, new = master_key(), master_key()
    for service in started(place, identity_models, master_key=old):
        job = everything(service)
    dragoman = Program(place.data_dir.parent, place.environment)
    wrapped = dragoman("vault", "rotate-master", DRAGOMAN_MASTER_KEY=f"{new} {old}")
    assert (wrapped.code, wrapped.out.startswith("1 data keys were wrapped anew.")) == (0, True), wrapped.err
    refused = dragoman("vault", "status", DRAGOMAN_MASTER_KEY=old)
    assert (refused.code, "which is not configured" in refused.err) == (2, True)
    for service in started(place, identity_models, master_key=new):
        check(service, job)


def test_what_does_not_open_is_counted_and_its_key_is_kept(place: Place, identity_models: Path) -> None:
    for service in started(place, identity_models, master_key=KEY):
        job = everything(service)
        made, database = service.runtime.vault, service.runtime.database
        with database.transaction() as connection:
            result = connection.execute(select(chunks.c.result).where(chunks.c.number == 0)).scalar()
            connection.execute(update(chunks).where(chunks.c.number == 0).values(units=result))
        done = rotation(place, database, made).tenant("local")
        assert (done.rows, done.unreadable) == (cells(database) - 1, 1)
        assert rotation(place, database, made, later=7_200).retire("local") == (0, 1)
        answer = service.client.get(f"/v1/jobs/{job}/statement")
        assert (answer.status_code, answer.json()["code"]) == (500, "unreadable")


def test_rotation_leaves_other_tenants_alone(place: Place) -> None:
    database = place.open()
    made = vault(database, master_key=KEY)
    with database.transaction() as connection:
        assert made.keyring is not None
        souths = made.keyring.current(connection, "south")
    rotation(place, database, made).tenant("north")
    with database.read() as connection:
        assert made.keyring.known(connection, souths.mark) == souths
        with pytest.raises(Unreadable):
            made.marked(connection, "north", souths.mark)
    database.close()
