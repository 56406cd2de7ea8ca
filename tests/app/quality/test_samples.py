"""Samples drawn from kept documents and rated, on SQLite and PostgreSQL."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from app.errors import InvalidRequest, NotThere
from app.quality.rating import Rating, estimates
from app.quality.samples import Sample, Samples
from app.quality.tables import sampled
from app.review.verdict import Place
from app.storage.engine import Database
from app.vault.vault import Vault
from tests.app.quality.documents import drop, keep
from tests.app.review.clock import Clock

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@pytest.fixture
def clock() -> Clock:
    return Clock(datetime(2026, 11, 22, tzinfo=UTC))


@pytest.fixture
def samples(database: Database, clock: Clock) -> Samples:
    keep(database, "job_1", 30, flagged=10, untranslated=5)
    keep(database, "job_2", 20, pair=("en", "pt"))
    keep(database, "job_3", 7, tenant="south")
    return Samples(database, now=clock, retention=timedelta(days=30), vault=Vault())


def rate_all(samples: Samples, sample: Sample, rating: Rating, *, tenant: str = "north") -> None:
    for name, each in samples.waiting(tenant, sample=sample.id, limit=100):
        samples.rate(tenant, name, each.place, rating)


def places(samples: Samples, sample: Sample) -> list[str]:
    return [str(each.place) for _, each in samples.waiting("north", sample=sample.id, limit=100)]


def test_a_seed_draws_the_same_and_another_others(samples: Samples) -> None:
    first, again = samples.draw("north", 10, seed="a"), samples.draw("north", 10, seed="a")
    other = samples.draw("north", 10)
    assert (first.population, first.drawn, first.waiting) == (50, 10, 10)
    assert places(samples, first) == places(samples, again) != places(samples, other)
    assert other.seed != samples.draw("north", 10).seed


def test_what_is_drawn_from(samples: Samples) -> None:
    assert samples.draw("north", 100).drawn == 50
    assert samples.draw("north", 100, pair=("en", "pt")).population == 20
    assert samples.draw("south", 100).population == 7
    for tenant, pair in (("north", ("hu", "en")), ("nobody", None)):
        with pytest.raises(InvalidRequest):
            samples.draw(tenant, 5, pair=pair)
    with pytest.raises(InvalidRequest):
        samples.draw("north", 0)


def test_every_segment_has_the_same_chance(samples: Samples) -> None:
    """60 draws of 10 of 50: each 12 times in the mean, with a deviation of 3.1; five of them is one in 35,000."""
    found: Counter[str] = Counter()
    for seed in range(60):
        found.update(places(samples, samples.draw("north", 10, seed=str(seed))))
    assert len(found) > 45
    assert max(found.values()) <= 28


def test_ratings_become_shares_with_intervals(samples: Samples) -> None:
    sample = samples.draw("north", 50, pair=("pt", "en"))
    for number, (name, each) in enumerate(samples.waiting("north", limit=100)):
        if number < 20:
            rating = Rating.MAJOR if each.flagged else Rating.GOOD
            samples.rate("north", name, each.place, rating)
            samples.rate("north", name, each.place, rating)
    shown = samples.get("north", sample.id)
    assert (shown.rated, shown.waiting) == (20, 10)
    (found,) = estimates(samples.ratings(tenant="north", since=EPOCH))
    assert (found.source, found.target, found.models, found.rated) == ("pt", "en", "starter-pt-en", 20)
    assert found.effective == pytest.approx(20)
    assert found.good.share + found.major.share == pytest.approx(1)
    assert found.good.interval.low < found.good.share < found.good.interval.high
    assert found.good_flagged is not None
    assert found.good_flagged.share == 0
    assert found.good_unflagged is not None
    assert found.good_unflagged.share == 1
    assert samples.ratings(tenant="south", since=EPOCH) == []
    assert samples.ratings(tenant=None, since=EPOCH, model="starter-en-pt") == []


def test_samples_count_by_what_they_were_drawn_from(database: Database, samples: Samples) -> None:
    """30 segments of which all are good, 300 of which none is: 9 in 100, though as many of each were rated."""
    rate_all(samples, samples.draw("north", 10, pair=("pt", "en")), Rating.GOOD)
    keep(database, "job_4", 300, tenant="west")
    rate_all(samples, samples.draw("west", 10), Rating.MAJOR, tenant="west")
    (found,) = estimates(samples.ratings(tenant=None, since=EPOCH))
    assert found.good.share == pytest.approx(30 / 330)
    assert found.effective < 13


def test_what_is_deleted_is_lost_and_what_is_rated_stays(
    database: Database, samples: Samples, clock: Clock
) -> None:
    sample = samples.draw("north", 50)
    (name, first), *_ = (each for each in samples.waiting("north", limit=50) if each[1].source == "pt")
    samples.rate("north", name, first.place, Rating.MINOR)
    drop(database, "job_1")
    shown = samples.get("north", sample.id)
    assert (shown.drawn, shown.rated, shown.waiting) == (50, 1, 20)
    with pytest.raises(NotThere):
        samples.rate("north", name, Place("job_1", 0, 1, 0), Rating.GOOD)
    with database.transaction() as connection:
        samples.expire(connection)
    assert rows(database) == 21
    assert [each.rating for each in samples.ratings(tenant="north", since=EPOCH)] == [Rating.MINOR]
    clock.now += timedelta(days=31)
    assert samples.all("north") == []
    with database.transaction() as connection:
        samples.expire(connection)
    assert rows(database) == 0


def rows(database: Database) -> int:
    with database.read() as connection:
        return len(connection.execute(select(sampled.c.job)).all())


def test_a_sample_is_its_tenants_own(samples: Samples) -> None:
    sample = samples.draw("north", 5)
    ((name, segment), *_) = samples.waiting("north", limit=1)
    with pytest.raises(NotThere):
        samples.get("south", sample.id)
    with pytest.raises(NotThere):
        samples.waiting("south", sample=sample.id, limit=5)
    with pytest.raises(NotThere):
        samples.rate("south", name, segment.place, Rating.GOOD)
    assert samples.waiting("south", limit=5) == []
    with pytest.raises(NotThere):
        samples.rate("north", "sample_0", segment.place, Rating.GOOD)
