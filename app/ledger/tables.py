"""The ledger's tables as the queries see them; app/storage/migrations creates them (a test compares)."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
)

COUNTED = ("characters", "characters_without_markup", "utf16_units", "utf8_bytes")

MEASURED = (
    "segments", "cached_segments", "billed_characters", "unchanged_characters", "cached_characters",
    "failed_characters", "source_tokens", "target_tokens", "compute_ns",
)  # fmt: skip

SUMMED = (*COUNTED, *MEASURED, "price_nanos", "cost_nanos")
"""Columns of both tables: an entry's is the sum of its lines', which the database itself checks."""


def _summed() -> list[Column[int]]:
    return [Column(name, BigInteger, nullable=False) for name in SUMMED]


metadata = MetaData()

entries = Table(
    "ledger_entry",
    metadata,
    Column("id", Text, primary_key=True),
    Column("created_at", BigInteger, nullable=False, doc="Microseconds since 1970, UTC."),
    Column("tenant", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("idempotency_key", Text, nullable=False),
    Column("digest", Text, nullable=False),
    Column("currency", Text, nullable=False),
    Column("queue_ns", BigInteger, nullable=False),
    Column("key_id", Text),
    Column("cost_centre", Text),
    Column("job", Text),
    Column("chunk", BigInteger, doc="Number within the job."),
    *_summed(),
    CheckConstraint("kind IN ('request', 'chunk')", name="ck_ledger_entry_kind"),
    UniqueConstraint("tenant", "idempotency_key", name="uq_ledger_entry_tenant_key"),
    Index("ix_ledger_entry_tenant_created_at", "tenant", "created_at"),
)

lines = Table(
    "ledger_line",
    metadata,
    Column(
        "entry_id",
        Text,
        ForeignKey("ledger_entry.id", deferrable=True, initially="DEFERRED"),
        primary_key=True,
    ),
    Column("position", Integer, primary_key=True),
    Column("source", Text, nullable=False),
    Column("target", Text, nullable=False),
    Column("route", Text, nullable=False, doc="A JSON array of language codes."),
    Column("models", Text, nullable=False, doc="A JSON array of model ids."),
    Column("fingerprints", Text, nullable=False, server_default="[]", doc="A JSON array, one a model."),
    *_summed(),
)
