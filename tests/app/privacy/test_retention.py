"""Texts are gone when a tenant's own time is over, and another's are not."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.errors import InvalidRequest
from app.privacy.retention import Kind, Retention, parsed
from tests.app.cli.program import Program
from tests.app.privacy.test_erasure import key_of, started
from tests.app.vault.keys import master_key
from tests.app.vault.working import everything
from tests.databases import Place


def test_a_tenants_own_time_and_a_purge_that_proves_itself(
    place: Place, identity_models: Path, tmp_path: Path
) -> None:
    for service in started(place, identity_models, master_key=master_key()):
        north, south = key_of(service, "north"), key_of(service, "south")
        everything(service, key=north)
        everything(service, key=south)
        database, blobs = service.runtime.database, place.blobs
        kept = Retention(database)
        times: dict[Kind, timedelta | None] = dict.fromkeys(Kind, timedelta(hours=1))
        kept.change("north", times)
        kept.change("south", {Kind.DOCUMENTS: timedelta(days=900), Kind.REPLAY: timedelta(days=1)})
        assert kept.purge(blobs).deleted == dict.fromkeys(map(str, Kind), 0)

        later = Retention(database, now=lambda: datetime.now(UTC) + timedelta(hours=2))
        done = later.purge(blobs)
        assert done.deleted == dict.fromkeys(map(str, Kind), 1)
        assert done.proved
        assert stored(place) == 2

        much_later = Retention(database, now=lambda: datetime.now(UTC) + timedelta(days=500))
        done = much_later.purge(blobs)
        assert done.deleted == {"documents": 0, "results": 0, "memory": 1, "review": 1, "replay": 1}
        assert done.kept == {"documents": 1, "results": 1, "memory": 0, "review": 0, "replay": 0}
        assert stored(place) == 2
    dragoman = Program(tmp_path, place.environment)
    assert dragoman("privacy", "purge", "--json").code == 0
    told = dragoman("privacy", "retention", "--tenant", "north", "--set", "memory=default", "--json")
    assert '"own":{"documents":"1h","results":"1h","review":"1h","replay":"1h"}' in told.out
    assert dragoman("audit", "list", "--json").out.count("retention.purged") == 2


def test_results_go_before_their_documents_and_a_signed_report_says_so(
    place: Place, identity_models: Path, tmp_path: Path
) -> None:
    for service in started(place, identity_models, master_key=master_key()):
        north, south = key_of(service, "north"), key_of(service, "south")
        job, other = everything(service, key=north), everything(service, key=south)
        Retention(service.runtime.database).change("north", {Kind.RESULTS: timedelta(minutes=1)})
        later = Retention(service.runtime.database, now=lambda: datetime.now(UTC) + timedelta(minutes=2))
        done = later.purge(place.blobs)
        assert (done.deleted["results"], done.deleted["documents"], done.proved) == (1, 0, True)
        assert (done.kept["results"], done.kept["documents"], stored(place)) == (1, 2, 3)
        get, mine, theirs = service.client.get, {"X-API-Key": north}, {"X-API-Key": south}
        gone = get(f"/v1/jobs/{job}/result", headers=mine)
        assert (gone.status_code, gone.json()["code"]) == (410, "deleted")
        for path in ("report", "statement"):
            assert get(f"/v1/jobs/{job}/{path}", headers=mine).status_code == 200
        assert get(f"/v1/jobs/{other}/result", headers=theirs).status_code == 200
    dragoman = Program(tmp_path, place.environment)
    assert dragoman("privacy", "purge", "-o", "purged.json").code == 0
    report = json.loads((tmp_path / "purged.json").read_text(encoding="utf-8"))["statement"]
    assert (report["kind"], report["kept"]["results"]) == ("dragoman.purge", 1)
    assert dragoman("statement", "verify", "purged.json").code == 0
    again = dragoman("privacy", "purge", "-o", "purged.json")
    assert (again.code, "is there already" in again.err) == (2, True)


def stored(place: Place) -> int:
    """Files of jobs."""
    return len(list(place.kept().iterdir() if place.bucket is None else place.bucket.keys))


def test_a_purge_that_failed_says_so(
    place: Place, identity_models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for service in started(place, identity_models):
        everything(service)
        later = Retention(service.runtime.database, now=lambda: datetime.now(UTC) + timedelta(days=9))
        monkeypatch.setattr(type(place.blobs), "remove", lambda *_: None)
        done = later.purge(place.blobs)
        assert done.deleted["documents"] == 1
        assert (done.files_left, done.proved) == (2, False)


@pytest.mark.parametrize(
    "written", ["documents", "documents=", "documents=0d", "documents=7", "x=7d", "memory=-1d"]
)
def test_what_is_no_time_is_refused(written: str) -> None:
    with pytest.raises(InvalidRequest):
        parsed(written)
