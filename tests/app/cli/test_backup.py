"""Backups of a service that is written to, put back into empty places of either kind."""

import contextlib
import io
import json
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from app.backup.making import create
from app.backup.restoring import restore
from app.glossary.store import Glossaries
from app.glossary.terms import Dictionary, Term, Terms
from app.jobs.tables import jobs
from app.ledger.store import Ledger
from app.ledger.tables import entries
from app.storage import migrate
from app.storage.engine import open_database
from app.storage.files import FOLDER, FileBlobs
from app.tenants.directory import Directory
from app.vault.vault import Vault
from tests.app.cli.conftest import Call
from tests.app.ledger.examples import entry, line, postings
from tests.app.serving import PATIENCE, Service, serving, write_card
from tests.databases import Place, Places, PostgresPlaces, SqlitePlaces

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
CANARY = "The heron left the marsh at dawn."
TEXT = f"{CANARY}\n\nNobody saw it leave."


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models")
    write_card(folder, "reverse-en-pt", ("en", "pt"), architecture="reverse")
    return folder


@pytest.fixture
def elsewhere(places: Places, request: pytest.FixtureRequest) -> Iterator[Place]:
    """An empty place of the other kind."""
    if isinstance(places, PostgresPlaces):
        other: Places = SqlitePlaces()
    else:
        other = PostgresPlaces(request.getfixturevalue("cluster"), request.getfixturevalue("object_store"))
    with other.fresh() as place:
        yield place


@contextlib.contextmanager
def running(place: Place, models: Path) -> Iterator[Service]:
    with serving(place.settings(model_dir=models, preload=False, log_level="error")) as service:
        yield service


@contextlib.contextmanager
def written_to(service: Service) -> Iterator[Callable[[], list[str]]]:
    """Somebody who translates without a pause; what is given says which entries were acknowledged."""
    acknowledged: list[str] = []
    moving, over = threading.Event(), threading.Event()

    def write() -> None:
        while not over.is_set():
            acknowledged.append(service.translate(f"Line {len(acknowledged)}.", "pt", source="en")["id"])
            moving.set()

    writer = threading.Thread(target=write)
    writer.start()
    assert moving.wait(PATIENCE)
    try:
        yield lambda: list(acknowledged)
    finally:
        over.set()
        writer.join(PATIENCE)


def document(service: Service, *, text: str = TEXT) -> tuple[str, bytes]:
    """A job that is done, and its file."""
    files = {"file": ("a.txt", text.encode(), "text/plain")}
    made = service.client.post("/v1/documents", files=files, data={"source": "en", "target": "pt"})
    assert made.status_code == 202, made.text
    job = made.json()["id"]
    service.client.get(f"/v1/jobs/{job}/events", timeout=PATIENCE)  # ends with the job
    return job, service.client.get(f"/v1/jobs/{job}/result").content


def test_what_is_written_to_is_whole_in_an_empty_place(
    dragoman: Call, place: Place, elsewhere: Place, models: Path, tmp_path: Path
) -> None:
    file, key = tmp_path / "a.backup", tmp_path / "key"
    key.write_bytes(b"k" * 44)
    database = place.open()
    secret = Directory(database).create_key("local", name="earlier").secret
    Glossaries(database, vault=Vault()).create(
        "local", "birds", Terms((Dictionary("en", "pt", (Term("heron", "garça"),)),))
    )
    database.close()
    with running(place, models) as service:
        job, result = document(service)
        with written_to(service) as acknowledged:
            before = acknowledged()
            made = dragoman("backup", "create", str(file), "--key-file", str(key), **place.environment)
            assert made.code == 0, made.err
            assert len(acknowledged()) > len(before)
    assert file.stat().st_mode & 0o777 == 0o600
    assert CANARY.encode() not in file.read_bytes()
    assert list(tmp_path.glob(".*")) == []

    done = dragoman("backup", "restore", str(file), "--key-file", str(key), "--json", **elsewhere.environment)
    assert done.code == 0, done.err
    told = json.loads(done.out)
    assert (told["ledger"]["holds"], told["files"], told["missing"]) == (True, 2, [])
    kept = ids(elsewhere)
    assert set(before) <= kept
    assert told["ledger"]["entries"] == len(kept)
    assert dragoman("usage", "verify", **elsewhere.environment).code == 0
    with running(elsewhere, models) as service:
        assert service.client.get(f"/v1/jobs/{job}/result").content == result
        bearer = {"Authorization": f"Bearer {secret}"}
        assert service.client.get("/v1/usage", headers=bearer).status_code == 200
        assert [each["name"] for each in service.client.get("/v1/glossaries").json()["glossaries"]] == [
            "birds"
        ]
        service.translate("After it all.", "pt", source="en")
    assert dragoman("usage", "verify", **elsewhere.environment).code == 0


@pytest.mark.parametrize("sealed", [False, True])
def test_a_byte_changed_or_the_end_cut_off_is_found(dragoman: Call, sealed: bool, tmp_path: Path) -> None:
    file, key = tmp_path / "a.backup", tmp_path / "key"
    key.write_bytes(b"k" * 44)
    given = ["--key-file", str(key)] if sealed else []
    filled(tmp_path / "data")
    assert dragoman("backup", "create", str(file), *given).code == 0
    assert dragoman("backup", "verify", str(file), *given).code == 0
    whole = file.read_bytes()
    for place in range(len(whole) // 25, len(whole), len(whole) // 12):
        file.write_bytes(whole[:place] + bytes([whole[place] ^ 4]) + whole[place + 1 :])
        found = dragoman("backup", "verify", str(file), *given)
        assert (found.code, "damaged" in found.err) == (1, True), place
        file.write_bytes(whole[:place])
        assert dragoman("backup", "verify", str(file), *given).code == 1
    elsewhere = str(tmp_path / "elsewhere")
    assert dragoman("backup", "restore", str(file), *given, DRAGOMAN_DATA_DIR=elsewhere).code == 2
    file.write_bytes(whole)
    assert dragoman("backup", "restore", str(file), *given, DRAGOMAN_DATA_DIR=elsewhere).code == 0


def test_a_sealed_one_opens_with_its_own_key_alone(dragoman: Call, tmp_path: Path) -> None:
    file, key, other, short = (tmp_path / name for name in ("a.backup", "key", "other", "short"))
    for path, content in ((key, b"k" * 44), (other, b"o" * 44), (short, b"short")):
        path.write_bytes(content)
    filled(tmp_path / "data")
    assert "no key" in dragoman("backup", "create", str(file), "--key-file", str(short)).err
    assert dragoman("backup", "create", str(file), "--key-file", str(key)).code == 0
    assert "--key-file" in dragoman("backup", "verify", str(file)).err
    assert "the key is another" in dragoman("backup", "verify", str(file), "--key-file", str(other)).err
    assert "overwrites nothing" in dragoman("backup", "create", str(file)).err


def test_nothing_is_put_where_something_is(dragoman: Call, place: Place, tmp_path: Path) -> None:
    file = tmp_path / "a.backup"
    filled(tmp_path / "data")
    assert dragoman("backup", "create", str(file)).code == 0
    stray = place.blobs.keep("north", io.BytesIO(b"mine"))
    refused = dragoman("backup", "restore", str(file), **place.environment)
    assert (refused.code, "not empty" in refused.err, ids(place)) == (2, True, set())
    place.blobs.remove("north", stray)
    assert dragoman("backup", "restore", str(file), **place.environment).code == 0
    before = ids(place)
    refused = dragoman("backup", "restore", str(file), **place.environment)
    assert (refused.code, "not empty" in refused.err, ids(place)) == (2, True, before)
    assert len(before) == ENTRIES


def test_one_of_an_older_schema_is_migrated_as_it_comes(place: Place, places: Places, tmp_path: Path) -> None:
    old, file = place.open(), tmp_path / "old.backup"
    Ledger(old).append_many(postings(*[entry(f"key-{n}", line()) for n in range(3)]))
    with old.transaction() as connection:
        migrate.downgrade(connection, "0006")
    about, _ = create(file, old, blobs=place.blobs, key=None, now=NOW)
    old.close()
    assert about.schema == "0006"
    with places.fresh() as new:
        target = new.open()
        done = restore(file, None, target=target, blobs=new.blobs, masters=None)
        with target.read() as reading:
            assert migrate.current(reading) == migrate.newest()
        target.close()
        assert (done.ledger.findings, len(ids(new))) == ((), 3)


class Deleting(FileBlobs):
    """Whose files are deleted, with their job, at the moment when they are looked for."""

    def __init__(self, folder: Path, delete: Callable[[], object]) -> None:
        super().__init__(folder)
        self._delete = delete

    def path(self, name: str) -> Path:
        self._delete()
        return super().path(name)


def test_a_job_deleted_meanwhile_is_deleted_in_the_copy_and_a_lost_file_is_told(
    dragoman: Call, models: Path, tmp_path: Path
) -> None:
    places = SqlitePlaces()
    with places.fresh() as place, places.fresh() as other, running(place, models) as service:
        job, _ = document(service)
        kept, _ = document(service, text="Another one.")
        blobs = Deleting(place.data_dir / FOLDER, lambda: service.client.delete(f"/v1/jobs/{job}"))
        database, target, file = place.open(), other.open(), tmp_path / "a.backup"
        _, manifest = create(file, database, blobs=blobs, key=None, now=NOW)
        assert (manifest.deleted, manifest.missing, len(manifest.files)) == ((job,), (), 2)
        restore(file, None, target=target, blobs=other.blobs, masters=None)
        with target.read() as reading:
            rows = reading.execute(select(jobs.c.id, jobs.c.name, jobs.c.source_blob)).all()
        assert {row.id: row.name is None and row.source_blob is None for row in rows} == {
            job: True,
            kept: False,
        }
        for blob in (place.data_dir / FOLDER).iterdir():
            blob.unlink()
        lost = dragoman("backup", "create", str(tmp_path / "b.backup"), "--json", **place.environment)
        assert (lost.code, len(json.loads(lost.out)["missing"])) == (1, 2)
        database.close()
        target.close()


ENTRIES = 1_200


def filled(folder: Path) -> None:
    database = open_database(folder)
    Ledger(database).append_many(postings(*[entry(f"key-{n}", line()) for n in range(ENTRIES)]))
    database.close()


def ids(place: Place) -> set[str]:
    database = place.open()
    try:
        with database.read() as reading:
            return set(reading.execute(select(entries.c.id)).scalars())
    finally:
        database.close()
