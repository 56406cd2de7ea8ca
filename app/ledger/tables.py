"""The ledger's tables as the queries see them; app/storage/migrations creates them (a test compares).

docs/ledger.md explains them for whoever queries the database.
"""

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
"""Columns of entries, lines and roll-ups: an entry's is the sum of its lines', which the database itself checks."""

ROLLED_BY = (
    "tenant", "day", "currency", "kind", "source", "target", "models", "key_id", "cost_centre", "job",
)  # fmt: skip
"""Key of a roll-up. What an entry does not have is "" here; `day` counts UTC days since 1970."""

REQUESTED = ("requests", "pair_requests", "model_requests")
"""Counters of a roll-up. An entry counts once in each, however many lines it has: in `requests` at its first line, in
`pair_requests` at the first of a source and target, in `model_requests` at the first of a list of models. So the first
sums to entries by day, key, cost centre or job, the second by pair, the third by model. A correction is no request."""


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
    *_summed(),
    Column("key_id", Text),
    Column("cost_centre", Text),
    Column("job", Text),
    Column("chunk", BigInteger, doc="Number within the job."),
    Column("corrects", Text, doc="Of a correction: id of the entry."),
    Column("reason", Text, doc="Of a correction."),
    Column("glossary", Text, doc="Whose terms were enforced: docs/ledger.md."),
    Column("glossary_version", BigInteger),
    Column("sequence", BigInteger, nullable=False, doc="1, 2, 3 … within the tenant."),
    Column("previous_hash", Text, nullable=False),
    Column("hash", Text, nullable=False, doc="app.ledger.chain says of what."),
    CheckConstraint("kind IN ('request', 'chunk', 'correction')", name="ck_ledger_entry_kind"),
    UniqueConstraint("tenant", "idempotency_key", name="uq_ledger_entry_tenant_key"),
    UniqueConstraint("tenant", "sequence", name="uq_ledger_entry_tenant_sequence"),
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
    *_summed(),
    Column("fingerprints", Text, nullable=False, server_default="[]", doc="A JSON array, one a model."),
    Column("price_list", Text, doc="Id in price_list; null: the setting's price."),
)

heads = Table(
    "ledger_head",
    metadata,
    Column("tenant", Text, primary_key=True),
    Column("sequence", BigInteger, nullable=False, doc="Of the tenant's last entry."),
    Column("hash", Text, nullable=False),
)

rollups = Table(
    "ledger_rollup",
    metadata,
    Column("tenant", Text, primary_key=True),
    Column("day", Integer, primary_key=True),
    *[Column(name, Text, primary_key=True) for name in ROLLED_BY[2:]],
    *[Column(name, BigInteger, nullable=False) for name in REQUESTED],
    *_summed(),
    sqlite_with_rowid=False,
)

price_lists = Table(
    "price_list",
    metadata,
    Column("id", Text, primary_key=True),
    Column("created_at", BigInteger, nullable=False),
    Column("tenant", Text, doc="Null: everyone's."),
    Column("source", Text, doc="With `target`, one pair; both null: every pair."),
    Column("target", Text),
    Column("currency", Text, nullable=False),
    Column("valid_from", BigInteger, nullable=False, doc="Microseconds since 1970, UTC."),
    Column("valid_until", BigInteger, doc="The first moment after it; null: open."),
    Column("tiers", Text, nullable=False, doc='JSON, [[above, "price per million"], …], the first above 0.'),
)

price_volumes = Table(
    "price_volume",
    metadata,
    Column("tenant", Text, primary_key=True),
    Column("price_list", Text, primary_key=True),
    Column("month", Integer, primary_key=True, doc="Months since January 1970, UTC."),
    Column("characters", BigInteger, nullable=False, doc="Billed by the list in the month so far."),
)

machine_hours = Table(
    "machine_hour",
    metadata,
    Column("process", Text, primary_key=True),
    Column("hour", Integer, primary_key=True, doc="Hours since 1970, UTC."),
    Column("machine", Text, nullable=False),
    Column("threads", Integer, nullable=False),
    Column("rate_per_hour", Text, nullable=False, doc="Decimal."),
    Column("currency", Text, nullable=False),
    Column("up_ns", BigInteger, nullable=False, doc="Of the process within the hour."),
    Column("busy_ns", BigInteger, nullable=False, doc="Of its engine threads, summed."),
)
