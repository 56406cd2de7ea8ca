"""Reports of counted days, on SQLite and PostgreSQL."""

from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from app.errors import InvalidRequest
from app.quality.drift import ANY_DOUBT, Figure, Rate, Verdict
from app.quality.report import Asked, Group, QualityReport, asked_for, pair_of, quality
from app.quality.samples import Samples
from app.quality.tables import counts
from app.quality.watch import QualityWatch
from app.storage.engine import Database
from app.vault.vault import Vault
from tests.app.quality.days import PT_EN, TODAY, put, steady, tally

EN_PT = ("en", "pt", ("starter-en-pt",), ("cd34cd34cd34cd34",))
OTHER = ("pt", "en", ("starter-pt-en",), ("ef56ef56ef56ef56",))


def report(database: Database, **more: object) -> QualityReport:
    return quality(database, asked_for(TODAY.date(), **more))  # type: ignore[arg-type]


def figure(group: Group, what: str) -> Figure:
    return next(each for each in group.figures if each.what == what)


def test_drift_is_found_and_no_drift_is_said(database: Database) -> None:
    steady(database, now=0.06, before=0.02)
    steady(database, now=0.02, before=0.02, route=EN_PT, flag="negation_lost")
    found = report(database)
    assert found.verdict is Verdict.DRIFT
    worse, same = sorted(found.groups, key=lambda each: each.key, reverse=True)
    assert (worse.key, worse.segments, worse.segments_before) == ("pt-en starter-pt-en", 7_000, 28_000)
    assert [each.verdict for each in worse.figures] == [Verdict.DRIFT, Verdict.DRIFT]
    assert [each.verdict for each in same.figures] == [Verdict.NO_DRIFT, Verdict.NO_DRIFT]
    now = figure(worse, "numbers_differ").now
    assert isinstance(now, Rate)
    assert now.share is not None
    assert now.interval.low < 0.06 < now.interval.high


def test_of_too_few_nothing_is_said(database: Database) -> None:
    steady(database, now=0.2, before=0.02, segments=20)
    (group,) = report(database).groups
    assert group.verdict is Verdict.TOO_FEW


def test_a_new_route_has_nothing_to_be_compared_with(database: Database) -> None:
    put(database, 1, tally(50_000, {"repetition": 900}))
    (group,) = report(database).groups
    assert group.verdict is Verdict.TOO_FEW
    assert figure(group, ANY_DOUBT).compared is None


def test_a_changed_model_is_compared_with_the_one_before_it(database: Database) -> None:
    for day in range(35):
        put(
            database,
            day,
            tally(1000, {"repetition": 40 if day < 7 else 10}, route=OTHER if day < 7 else PT_EN),
        )
    (group,) = report(database).groups
    assert group.model_changed
    assert group.verdict is Verdict.DRIFT
    assert (group.fingerprints, group.fingerprints_before) == (OTHER[3], PT_EN[3])


def test_confidence_drifts_too(database: Database) -> None:
    for day in range(35):
        sure = (700, 780, 820, 940) if day >= 7 else (560, 700, 720, 900)
        low = {"low_confidence": 50} if day < 7 else {}
        put(database, day, tally(1000, low, confidences=sure * 50))
    (group,) = report(database).groups
    confidence, low_ones = figure(group, "confidence"), figure(group, "low_confidence")
    assert confidence.verdict is Verdict.DRIFT
    assert (confidence.now.segments, confidence.before.segments) == (1_400, 5_600)
    # Of those for which it was asked.
    assert low_ones.now.segments == 1_400
    assert sum(group.histogram) == 1_400
    assert group.histogram[-1] == 350


@pytest.mark.parametrize(
    ("by", "keys"),
    [
        ("route", ["en-pt starter-en-pt", "pt-en starter-pt-en"]),
        ("pair", ["en-pt", "pt-en", "und-en"]),
        ("model", ["starter-en-pt", "starter-pt-en"]),
        ("tenant", ["north", "south"]),
        ("week", ["2026-W46", "2026-W47"]),
        ("month", ["2026-10", "2026-11"]),
    ],
)
def test_groups(database: Database, by: str, keys: list[str]) -> None:
    put(database, 0, tally(10), tally(5, route=("und", "en", (), ())))
    put(database, 7, tally(10), tenant="south")
    put(database, 1, tally(20, route=EN_PT))
    put(database, 30, tally(20), tenant="south")
    wide = {"since": date(2026, 10, 1) if by == "month" else date(2026, 11, 9)}
    assert sorted(each.key for each in report(database, by=by, **wide).groups) == keys


def test_a_report_is_of_what_was_asked(database: Database) -> None:
    put(database, 0, tally(10), tenant="north")
    put(database, 0, tally(20, route=EN_PT), tenant="south")
    put(database, 0, tally(40, route=("pt", "fr", ("starter-pt-en", "en-fr"), ("a", "b"))), tenant="south")

    def segments(**more: object) -> int:
        return sum(each.segments for each in report(database, **more).groups)

    assert segments() == 70
    assert segments(tenant="south") == 60
    assert segments(pair=("en", "pt")) == 20
    assert segments(model="starter-pt-en") == 50
    assert segments(until=date(2026, 11, 21)) == 0


def test_counts_add_up_and_end(database: Database) -> None:
    for days_ago in (0, 0, 30):
        put(database, days_ago, tally(10, {"repetition": 1}, confidences=(999, 1000)))
    kept = timedelta(days=20)
    samples = Samples(database, now=lambda: TODAY, retention=kept, vault=Vault())
    watch = QualityWatch(database, now=lambda: TODAY, retention=kept, samples=samples)
    watch.expire()
    with database.read() as connection:
        total = dict(
            connection.execute(
                select(counts.c.what, func.sum(counts.c["count"])).group_by(counts.c.what)
            ).all()
        )
    assert total == {
        "segments": 20, "characters": 800, "doubtful": 2, "flag:repetition": 2, "confidence": 4,
        "confidence:sum": 3_998, "confidence:squares": 3_996_002, "confidence:9": 4,
    }  # fmt: skip


def test_what_cannot_be_asked() -> None:
    with pytest.raises(InvalidRequest):
        Asked(date(2026, 2, 1), date(2026, 1, 1))
    with pytest.raises(InvalidRequest):
        Asked(date(2026, 1, 1), date(2026, 1, 1), baseline=0)
    with pytest.raises(InvalidRequest):
        pair_of("pt")
    assert pair_of("und-pt-BR") == ("und", "pt")
