"""Entries for the tests: one by name, or any at all from Hypothesis."""

from datetime import UTC, date, datetime

from hypothesis import strategies as st

from app.ledger.counting import Counts, count
from app.ledger.entry import LedgerEntry, LedgerLine
from app.ledger.store import Posting

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def line(
    source: str = "pt",
    target: str = "en",
    *,
    models: tuple[str, ...] = ("starter-pt-en",),
    characters: int = 9,
    billed: int | None = None,
    compute_ns: int = 1_000,
) -> LedgerLine:
    return LedgerLine(
        source=source,
        target=target,
        route=(source, target) if models else (),
        models=models,
        segments=1,
        cached_segments=0,
        counts=count("x" * characters),
        billed_characters=characters if billed is None else billed,
        unchanged_characters=0 if models else characters,
        cached_characters=0,
        failed_characters=0,
        source_tokens=3,
        target_tokens=4,
        compute_ns=compute_ns,
    )


def entry(
    key: str = "key",
    *lines: LedgerLine,
    tenant: str = "tenant",
    digest: str = "d" * 64,
    created_at: datetime = NOON,
    currency: str = "GBP",
    price_nanos: int = 90,
    cost_nanos: int = 7,
) -> LedgerEntry:
    return LedgerEntry(
        id=f"{tenant}/{key}",
        created_at=created_at,
        tenant=tenant,
        kind="request",
        idempotency_key=key,
        digest=digest,
        lines=lines or (line(),),
        currency=currency,
        price_nanos=price_nanos,
        cost_nanos=cost_nanos,
        queue_ns=5,
    )


def postings(*entries: LedgerEntry) -> list[Posting]:
    return [Posting(entry) for entry in entries]


numbers = st.integers(min_value=0, max_value=10**12)
languages = st.sampled_from(["pt", "en", "de", "und"])
any_counts = st.builds(Counts, numbers, numbers, numbers, numbers)
any_lines = st.builds(
    LedgerLine,
    source=languages,
    target=languages,
    route=st.lists(languages, max_size=3).map(tuple),
    models=st.lists(st.sampled_from(["a", "b", "c+d"]), max_size=2).map(tuple),
    segments=numbers,
    cached_segments=numbers,
    counts=any_counts,
    billed_characters=numbers,
    unchanged_characters=numbers,
    cached_characters=numbers,
    failed_characters=numbers,
    source_tokens=numbers,
    target_tokens=numbers,
    compute_ns=numbers,
    fingerprints=st.lists(st.sampled_from(["", "0123456789abcdef"]), max_size=2).map(tuple),
)
days = st.dates(min_value=date(2026, 2, 27), max_value=date(2026, 3, 3))
any_moments = st.datetimes(
    min_value=datetime(2026, 2, 27),  # noqa: DTZ001 - Hypothesis adds the zone
    max_value=datetime(2026, 3, 3, 23, 59, 59, 999_999),  # noqa: DTZ001
    timezones=st.just(UTC),
)
any_entries = st.lists(
    st.builds(
        LedgerEntry,
        id=st.uuids().map(lambda uuid: uuid.hex),
        created_at=any_moments,
        tenant=st.sampled_from(["a", "b"]),
        kind=st.sampled_from(["request", "chunk"]),
        idempotency_key=st.text(
            st.characters(codec="utf-8", exclude_characters="\0"), max_size=8
        ),  # PostgreSQL keeps none
        digest=st.just("d" * 64),
        lines=st.lists(any_lines, min_size=1, max_size=4).map(tuple),
        currency=st.sampled_from(["GBP", "EUR"]),
        price_nanos=numbers,
        cost_nanos=numbers,
        queue_ns=numbers,
        key_id=st.sampled_from([None, "k1"]),
        cost_centre=st.sampled_from([None, "A&E", "ops"]),
        job=st.sampled_from([None, "job"]),
        chunk=st.none() | numbers,
        glossary=st.sampled_from([None, "g1"]),
        glossary_version=st.none() | numbers,
    ),
    max_size=8,
    unique_by=(lambda entry: (entry.tenant, entry.idempotency_key), lambda entry: entry.id),
)
