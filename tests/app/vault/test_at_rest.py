"""Nothing that was sent is left in the clear where there is a key; with the same key all of it is there."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select, update

from app.errors import ConfigurationError
from app.jobs.tables import jobs
from app.vault.opening import open_vault
from tests.app.serving import Service, serving
from tests.app.vault.keys import master_key
from tests.app.vault.traces import CORRECTION, NAME, TEXT, in_files, in_rows
from tests.app.vault.working import document, everything, translate
from tests.databases import Place, Places

KEY = master_key()


def started(place: Place, models: Path, **settings: object) -> Iterator[Service]:
    chosen = {"model_dir": models, "preload": False, "cache": "off", "replay": "stored", **settings}
    with serving(place.settings(**chosen)) as running:
        yield running


@pytest.fixture(scope="module")
def kept(places: Places, identity_models: Path) -> Iterator[tuple[Place, str]]:
    """Where a service has kept something of every kind, and the job it made."""
    with places.fresh() as place:
        for service in started(place, identity_models, master_key=KEY):
            job = everything(service)
        yield place, job


def test_nothing_that_was_sent_is_on_the_disk_in_the_clear(kept: tuple[Place, str]) -> None:
    place, _ = kept
    database = place.open()
    try:
        assert in_rows(database) == set()
    finally:
        database.close()
    assert len(list(place.kept().iterdir())) == 2
    assert in_files(place.data_dir) == set()


def test_the_next_process_reads_it_with_the_same_key(kept: tuple[Place, str], identity_models: Path) -> None:
    place, job = kept
    for service in started(place, identity_models, master_key=KEY):
        (entry,) = service.client.get("/v1/memory").json()["entries"]
        assert (entry["source"], entry["text"]) == (TEXT, CORRECTION)
        assert service.client.get(f"/v1/jobs/{job}").json()["name"] == NAME
        assert service.client.get(f"/v1/jobs/{job}/result").text == TEXT
        statement = service.client.get(f"/v1/jobs/{job}/statement").json()["statement"]
        assert statement["chunks"][0]["units"][0]["text"] == TEXT
        assert translate(service, "once").headers["idempotency-replayed"] == "true"
        (glossary,) = service.client.get("/v1/glossaries").json()["glossaries"]
        first = service.client.get(f"/v1/glossaries/{glossary['id']}", params={"version": 1}).json()
        assert (glossary["name"], first["name"]) == ("Zebras or quaggas", "Old quaggas")
        assert first["dictionaries"][0]["terms"][0]["source"] == "zebras"


def test_without_the_key_it_does_not_start(kept: tuple[Place, str]) -> None:
    place, _ = kept
    with pytest.raises(ConfigurationError, match="DRAGOMAN_MASTER_KEY_FILE"):
        _open(place)


def _open(place: Place) -> None:
    database = place.open()
    try:
        open_vault(place.settings(), database)
    finally:
        database.close()


def test_the_search_would_find_what_is_in_the_clear(place: Place, identity_models: Path) -> None:
    for service in started(place, identity_models):
        everything(service)
    database = place.open()
    try:
        assert in_rows(database) >= {
            "job.name",
            "job.options",
            "job_chunk.units",
            "job_chunk.result",
            "job_correction.text",
            "memory_entry.source_text",
            "memory_entry.target_text",
            "glossary.name",
            "glossary_version.name",
            "glossary_version.terms",
        }
    finally:
        database.close()
    kept = {each.name for each in place.kept().iterdir()}
    assert in_files(place.data_dir) >= kept


def test_the_files_of_two_jobs_or_of_two_sides_of_one_are_not_mistaken(
    place: Place, identity_models: Path
) -> None:
    """By whoever can write to the database and the store, but has no key: names and files, both are swapped."""
    for service in started(place, identity_models, master_key=KEY):
        mine, other = document(service), document(service, f"{TEXT} {TEXT}")
        with service.runtime.database.transaction() as connection:
            files = {row.id: row for row in connection.execute(select(jobs))}
            for job, result in ((mine, files[other].result_blob), (other, files[other].source_blob)):
                connection.execute(update(jobs).where(jobs.c.id == job).values(result_blob=result))
        for job in (mine, other):
            answer = service.client.get(f"/v1/jobs/{job}/result")
            assert (answer.status_code, answer.json()["code"]) == (500, "unreadable")
