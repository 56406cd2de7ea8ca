"""Data folders of earlier releases (scripts/make_release_fixture.py), opened by this one."""

import json
import tarfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, text

from app.audit.log import verify as verify_audit
from app.backup.making import create
from app.backup.restoring import restore
from app.errors import StorageError
from app.ledger.verify import verify as verify_ledger
from app.settings import Settings
from app.storage import migrate
from app.storage.engine import connect_database, open_database
from app.storage.files import FOLDER, FileBlobs
from tests.app.cli.conftest import Call
from tests.app.serving import serving, write_card
from tests.databases import Place

RELEASES = Path(__file__).parents[2] / "fixtures" / "releases"
EVERY = sorted(each.name for each in RELEASES.iterdir())
AGAIN = {"text": "Once more.", "source": "en", "target": "pt"}
SCHEMAS = [f"{number:04}" for number in range(1, int(migrate.newest() or 0) + 1)]
CHARGED = (
    "SELECT e.id, l.characters FROM ledger_entry e JOIN ledger_line l ON l.entry_id = e.id ORDER BY 1, 2"
)


@pytest.fixture(params=EVERY)
def release(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Path, dict[str, Any]]:
    """Its data folder, with the master key in it, and what has to be found there."""
    place = RELEASES / request.param
    with tarfile.open(place / "data.tar.gz") as archive:
        archive.extractall(tmp_path, filter="data")
    expected = json.loads((place / "expected.json").read_text(encoding="utf-8"))
    return tmp_path / "data", expected


def test_all_that_was_in_it_is_there_and_it_is_worked_with(
    release: tuple[Path, dict[str, Any]], dragoman: Call, tmp_path: Path
) -> None:
    folder, expected = release
    key = str(folder / "master.key")
    write_card(tmp_path / "models", "reverse-en-pt", ("en", "pt"), architecture="reverse")
    settings = Settings(
        data_dir=folder, model_dir=tmp_path / "models", preload=False, replay="stored", master_key_file=key
    )
    with serving(settings) as service:
        service.client.headers["Authorization"] = f"Bearer {expected['key']}"
        get = service.client.get
        job = get(f"/v1/jobs/{expected['job']}").json()
        assert (job["state"], job["name"]) == ("succeeded", expected["name"])
        assert get(f"/v1/jobs/{expected['job']}/result").text == expected["result"]
        stated = get(f"/v1/jobs/{expected['job']}/statement").json()["statement"]
        assert stated["document"]["result_sha256"] == expected["result_sha256"]
        corrected = get(f"/v1/jobs/{expected['job']}/result", params={"corrected": True})
        assert expected["memory"] in corrected.text
        (entry,) = get("/v1/memory").json()["entries"]
        assert entry["text"] == expected["memory"]
        kept = get(f"/v1/glossaries/{expected['glossary']['id']}").json()
        assert kept["name"] == expected["glossary"]["name"]
        assert kept["dictionaries"][0]["terms"][0]["source"] == "kiln"
        assert get("/v1/usage").json()["totals"]["characters"] == expected["usage"]["characters"]
        assert service.client.post("/v1/translate", json=AGAIN).status_code == 200
    (tmp_path / "heads.json").write_text(json.dumps(expected["ledger"]), encoding="utf-8")
    for words in (
        "usage verify --heads heads.json",
        f"audit verify --hash {expected['audit']['hash']}",
        "privacy verify data/erased.json",
        f"vault rotate-tenant {expected['tenant']}",
        "backup create after.backup",
        "backup verify after.backup",
    ):
        done = dragoman(*words.split(), DRAGOMAN_MASTER_KEY_FILE=key)
        assert done.code == 0, (words, done.err)


def test_every_step_back_and_forward_keeps_what_was_charged(
    release: tuple[Path, dict[str, Any]], place: Place, tmp_path: Path
) -> None:
    """On either database, with rows in nearly every table."""
    folder, _ = release
    source, file = open_database(folder), tmp_path / "a.backup"
    create(file, source, blobs=FileBlobs(folder / FOLDER), key=None, now=datetime.now(UTC))
    source.close()
    database = connect_database(place.data_dir, place.url)
    try:
        assert restore(file, None, target=database, blobs=place.blobs, masters=None).ledger.findings == ()
        with pytest.raises(StorageError, match="encrypted"), database.transaction() as connection:
            migrate.downgrade(connection, SCHEMAS[0])
        with database.transaction() as connection:
            connection.execute(text("UPDATE data_key SET wrapped = NULL"))
        for to in reversed(SCHEMAS):
            with database.transaction() as connection:
                before = charged(connection)
                migrate.downgrade(connection, to)
                assert (migrate.current(connection), charged(connection)) == (to, before)
        for to in SCHEMAS:
            with database.transaction() as connection:
                migrate.upgrade(connection, to)
                assert (migrate.current(connection), charged(connection)) == (to, before)
        assert verify_ledger(database).findings == ()
        assert verify_audit(database).findings == ()
    finally:
        database.close()


def charged(connection: Connection) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in connection.execute(text(CHARGED))]
