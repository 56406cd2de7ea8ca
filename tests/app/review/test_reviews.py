"""Decisions and memory in the database, on SQLite and PostgreSQL."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, insert, select

from app.audit.log import listed
from app.errors import NotThere
from app.jobs.job import ChunkState, Kind
from app.jobs.rows import packed
from app.jobs.store import JobStore
from app.jobs.tables import chunks, jobs
from app.review import queue
from app.review.likeness import matches
from app.review.memory import Entry
from app.review.reviews import Reviews
from app.review.tables import memories, verdicts
from app.review.tmx import written
from app.review.verdict import Decision, Place, Reason, Verdict
from app.storage.engine import Database
from app.vault.vault import Vault
from tests.app.review.clock import Clock

SEGMENTS = [("Olá.", "Hello.", []), ("Seis.", "Seven.", ["numbers_differ"]), ("12", "12", ["no_language"]),
            ("OLÁ.", "HELLO.", ["recased", "repaired"])]  # fmt: skip
HERE = Place("job_1", 0, 0, 1)
WANTED = ("pt", "en", "Seis.")
BETTER = Decision(Verdict.CORRECTED, " Six. ", Reason.NUMBER)


@pytest.fixture
def clock() -> Clock:
    return Clock(datetime(2026, 11, 22, tzinfo=UTC))


@pytest.fixture
def reviews(database: Database, clock: Clock) -> Reviews:
    """With a job of the tenant north: four segments, of which one is in doubt."""
    text, found = "", []
    for source, target, flags in SEGMENTS:
        found.append({"start": len(text), "end": len(text) + len(source), "source": "pt", "text": target,
                      "flags": flags, "models": ["starter-pt-en"]})  # fmt: skip
        text += source + " "
    zeros = dict.fromkeys(
        ("attempts", "not_before", "lease_until", "token", "characters", "billed_characters", "price_nanos",
         "cost_nanos", "compute_ns"), 0,
    )  # fmt: skip
    with database.transaction() as connection:
        connection.execute(
            insert(jobs).values(
                id="job_1",
                tenant="north",
                digest="",
                state="succeeded",
                name="a.txt",
                media_type="",
                format="txt",
                options="{}",
                target="en",
                created_at=0,
                pending=0,
                notes="[]",
            )
        )
        connection.execute(
            insert(chunks).values(
                job="job_1",
                number=0,
                tenant="north",
                kind=Kind.TRANSLATE,
                state=ChunkState.DONE,
                units=packed([[text, "line 1", None, []]]),
                result=packed([{"segments": found, "models": ["m"]}]),
                segments=len(SEGMENTS),
                flags='{"numbers_differ": 1, "no_language": 1}',
                **zeros,
            )
        )
    return Reviews(database, now=clock, retention=timedelta(days=30), vault=Vault())


def test_only_doubts_are_in_the_queue(reviews: Reviews) -> None:
    (item,) = reviews.queue("north", limit=10).items
    assert (item.place, item.source_text, item.text, item.models) == (
        HERE,
        "Seis.",
        "Seven.",
        ("starter-pt-en",),
    )
    assert reviews.queue("south", limit=10).items == []


def test_the_newest_decision_counts(reviews: Reviews) -> None:
    reviews.decide("north", HERE, Decision(Verdict.ESCALATED))
    reviews.decide("north", HERE, BETTER)
    reviews.decide("north", HERE, Decision(Verdict.CORRECTED, "6.", Reason.STYLE))
    (row,) = reviews.agreement("north")
    assert (row.accepted, row.corrected, row.escalated, row.share) == (0, 1, 0, 0.0)
    (entry,) = reviews.memory.every("north")
    assert (entry.source_text, entry.target_text) == ("Seis.", "6.")


def test_a_correction_is_forgotten_after_its_time(database: Database, reviews: Reviews, clock: Clock) -> None:
    reviews.decide("north", HERE, BETTER)
    clock.now += timedelta(days=30)
    assert [*reviews.memory.every("north")] == []
    assert reviews.agreement("north") == []
    reviews.expire()
    with database.read() as connection:
        for table in (memories, verdicts):
            assert connection.execute(select(func.count()).select_from(table)).scalar() == 0


def test_erasing_is_for_one_tenant(reviews: Reviews) -> None:
    reviews.decide("north", HERE, BETTER)
    assert reviews.memory.forget("south") == 0
    with pytest.raises(NotThere):
        reviews.memory.forget("south", entry=next(reviews.memory.every("north")).id)
    assert reviews.memory.forget("north") == 1


def test_every_change_is_a_version(reviews: Reviews, clock: Clock) -> None:
    memory = reviews.memory
    seen = [memory.version("north")]
    for change in (
        lambda: reviews.decide("north", HERE, BETTER),
        lambda: reviews.decide("north", HERE, BETTER),
        lambda: reviews.decide("north", HERE, Decision(Verdict.ACCEPTED)),
        lambda: memory.forget("north"),
    ):
        change()
        seen.append(memory.version("north"))
    assert seen == sorted(set(seen))
    reviews.decide("north", HERE, BETTER)
    clock.now += timedelta(days=30)
    before = memory.version("north")
    assert memory.exact("north", [WANTED]).entries == {}
    reviews.expire()
    assert memory.version("north") > before
    assert memory.version("south") == 0


def test_what_is_decided_otherwise_is_withdrawn(reviews: Reviews) -> None:
    reviews.decide("north", HERE, BETTER, key_id="key_1")
    (entry,) = reviews.memory.exact("north", [WANTED]).entries.values()
    assert (entry.target_text, entry.key_id, entry.place) == ("Six.", "key_1", str(HERE))
    assert reviews.memory.exact("south", [WANTED]).entries == {}
    reviews.decide("north", HERE, Decision(Verdict.ESCALATED))
    assert reviews.memory.exact("north", [WANTED]).entries == {}


def test_of_many_texts_each_finds_its_own(database: Database, reviews: Reviews) -> None:
    with database.transaction() as connection:
        for number in range(3):
            reviews.memory.put(connection, "north", ("pt", "en"), (f"Texto {number}", f"Text {number}"))
    wanted = [("pt", "en", f"Texto {number}") for number in range(1_200)]
    found = reviews.memory.exact("north", wanted).entries
    assert {key[2]: each.target_text for key, each in found.items()} == {
        f"Texto {number}": f"Text {number}" for number in range(3)
    }
    assert reviews.memory.exact("north", [("en", "pt", "Texto 1")]).entries == {}


def test_erasing_is_in_the_audit_log(database: Database, reviews: Reviews, clock: Clock) -> None:
    reviews.decide("north", HERE, BETTER)
    reviews.memory.forget("north", job="job_1", key_id="key_2")
    assert reviews.forget("north", before=clock.now) == 0
    assert reviews.forget("south") == 0
    assert reviews.forget("north", job="job_1") == 1
    events = listed(database)
    assert [(each.action, each.tenant, each.subject) for each in events] == [
        ("verdicts.erased", "north", "job_1"),
        ("verdicts.erased", "south", None),
        ("verdicts.erased", "north", None),
        ("memory.erased", "north", "job_1"),
    ]
    assert events[-1].actor == "key:key_2"
    assert events[-1].details == {"entries": 1}
    assert [item.place for item in reviews.queue("north", limit=10).items] == [HERE]


def test_corrections_go_with_their_document(database: Database, reviews: Reviews, clock: Clock) -> None:
    reviews.decide("north", HERE, BETTER)
    store = JobStore(database, now=clock, retention=timedelta(hours=1), vault=Vault())
    assert store.corrections("north", "job_1")[HERE.spot].text == "Six."
    with pytest.raises(NotThere):
        store.corrections("south", "job_1")
    store.delete("north", "job_1")
    assert store.corrections("north", "job_1") == {}
    assert reviews.queue("north", limit=10).items == []
    with pytest.raises(NotThere):
        reviews.decide("north", HERE, BETTER)


def test_a_page_looks_through_so_many_chunks(
    database: Database, reviews: Reviews, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue, "SCANNED", 1)
    reviews.decide("north", HERE, BETTER)
    empty = reviews.queue("north", limit=10)
    assert empty.items == []
    assert empty.next is not None
    assert reviews.queue("north", limit=10, after=empty.next) == queue.Page([], None)


texts = st.text(min_size=1, max_size=30)


@given(texts, st.lists(texts, max_size=8))
def test_only_the_very_text_is_exact(text: str, known: list[str]) -> None:
    now = datetime.now(UTC)
    found = matches(text, [Entry("", "pt", "en", each, "", now) for each in known])
    assert all((match.score == 100) == (match.entry.source_text == text) for match in found)
    assert (text in known) == any(match.score == 100 for match in found)


@given(st.text(max_size=30), texts)
def test_whatever_was_written_is_well_formed(source: str, target: str) -> None:
    from xml.etree import ElementTree as ET  # noqa: PLC0415

    made = "".join(written([Entry('"<', "pt", "en", source, target, datetime.now(UTC))]))
    assert len(list(ET.fromstring(made.encode()).iter("seg"))) == 2  # noqa: S314  our own
