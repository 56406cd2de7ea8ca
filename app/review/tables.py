"""The tables of review as the queries see them; app/storage/migrations creates them (a test compares)."""

from sqlalchemy import BigInteger, Column, Index, Integer, MetaData, Table, Text, UniqueConstraint

metadata = MetaData()

verdicts = Table(
    "review_verdict",
    metadata,
    Column("job", Text, primary_key=True, doc="No foreign key: agreement outlives the job."),
    Column("chunk", Integer, primary_key=True),
    Column("unit", Integer, primary_key=True, doc="Within the chunk."),
    Column("segment", Integer, primary_key=True, doc="Within the unit."),
    Column("tenant", Text, nullable=False),
    Column("source", Text, nullable=False, doc="Language."),
    Column("target", Text, nullable=False),
    Column("models", Text, nullable=False, doc="Ids, joined by +."),
    Column("verdict", Text, nullable=False),
    Column("reason", Text, doc="One of app.review.verdict.Reason; never free text."),
    Column("decided_at", BigInteger, nullable=False, doc="Microseconds since 1970, UTC."),
    Column("key_id", Text),
    Column("expires_at", BigInteger, nullable=False),
    Index("ix_review_verdict_tenant", "tenant"),
    Index("ix_review_verdict_expires_at", "expires_at"),
)

memories = Table(
    "memory_entry",
    metadata,
    Column("id", Text, primary_key=True),
    Column("tenant", Text, nullable=False),
    Column("source", Text, nullable=False, doc="Language."),
    Column("target", Text, nullable=False),
    Column(
        "digest",
        Text,
        nullable=False,
        doc="Of the source text: SHA-256, or HMAC-SHA-256 where it is encrypted.",
    ),
    Column("source_text", Text, nullable=False),
    Column("target_text", Text, nullable=False),
    Column("changed_at", BigInteger, nullable=False, doc="Microseconds since 1970, UTC."),
    Column("expires_at", BigInteger, nullable=False),
    Column("key_id", Text, doc="Of whoever corrected it."),
    Column("place", Text, doc="The segment that was corrected, as app.review.verdict.Place writes it."),
    UniqueConstraint("tenant", "source", "target", "digest", name="uq_memory_entry_text"),
    Index("ix_memory_entry_expires_at", "expires_at"),
)

versions = Table(
    "memory_version",
    metadata,
    Column("tenant", Text, primary_key=True),
    Column("version", BigInteger, nullable=False, doc="One more with every change of the tenant's entries."),
)
