"""The short form of `python -m benchmarks.replicas`, and that its reckoning can find something."""

from pathlib import Path

import pytest

from app.ledger.store import Ledger
from app.storage.engine import Database
from benchmarks.replicas import Account, Customer, Load, reckon, run, tried
from tests.app.ledger.examples import entry, line, postings
from tests.app.serving import write_card
from tests.databases import PostgresPlaces
from tests.fleet import Fleet
from tests.objectstore import ObjectStore
from tests.postgres import Cluster

CUSTOMERS = (
    Customer("north"),
    Customer("thrifty", budget=1_500, documents=0),
    Customer("paced", a_minute=700, documents=0),
)


@pytest.mark.slow
def test_of_three_replicas_that_are_killed_nothing_is_lost_and_limits_hold(
    cluster: Cluster, object_store: ObjectStore, tmp_path: Path
) -> None:
    write_card(tmp_path, "identity-en-pt", ("en", "pt"))
    with PostgresPlaces(cluster, object_store).fresh() as place:
        done = run(place, tmp_path, CUSTOMERS, seconds=6, every=2)
    assert done.findings == ()
    assert done.killed >= 3
    assert all(map(tried, done.accounts))


def test_the_reckoning_finds_what_is_wrong(sqlite: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Load, "insist", lambda *_, **__: pytest.fail("nobody was refused"))
    Ledger(sqlite).append_many(postings(entry("charged", line()), entry("answered", line())))
    account = Account(Customer("tenant", budget=1), {}, texts={"answered": 1, "lost": 10})
    found = " ".join(reckon(Load(Fleet((), None), [account]), sqlite))  # type: ignore[arg-type]
    for fault in (
        "lost was answered",
        "charged was charged and its answer",
        "billed, 11 delivered",
        "of a budget of 1",
    ):
        assert fault in found
