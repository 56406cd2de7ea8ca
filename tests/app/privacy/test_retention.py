"""Texts are gone when a tenant's own time is over, and another's are not."""

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
        assert done.deleted == {"documents": 0, "memory": 1, "review": 1, "replay": 1}
        assert stored(place) == 2
    dragoman = Program(tmp_path, place.environment)
    assert dragoman("privacy", "purge", "--json").code == 0
    told = dragoman("privacy", "retention", "--tenant", "north", "--set", "memory=default", "--json")
    assert '"own":{"documents":"1h","review":"1h","replay":"1h"}' in told.out
    assert dragoman("audit", "list", "--json").out.count("retention.purged") == 2


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
