"""The tables of jobs as the queries see them; app/storage/migrations creates them (a test compares)."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    false,
)

metadata = MetaData()

jobs = Table(
    "job",
    metadata,
    Column("id", Text, primary_key=True),
    Column("tenant", Text, nullable=False),
    Column("key_id", Text),
    Column("cost_centre", Text),
    Column("idempotency_key", Text),
    Column("digest", Text, nullable=False, doc="SHA-256 of file and options: tells equal uploads."),
    Column("state", Text, nullable=False),
    Column("name", Text, doc="Of the file; null once it is deleted."),
    Column("media_type", Text, nullable=False),
    Column("format", Text, nullable=False),
    Column("options", Text, nullable=False, doc="JSON."),
    Column("source", Text, doc="Language; null: detected."),
    Column("target", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False, doc="Microseconds since 1970, UTC; so are the others."),
    Column("started_at", BigInteger),
    Column("finished_at", BigInteger),
    Column("expires_at", BigInteger),
    Column("pending", Integer, nullable=False, doc="Chunks of text not yet done or given up."),
    Column("source_blob", Text),
    Column("result_blob", Text),
    Column("result_media_type", Text),
    Column("result_suffix", Text),
    Column("error_code", Text),
    Column("error_message", Text),
    Column("notes", Text, nullable=False, doc="JSON."),
    Column("priority", Integer, nullable=False, server_default="1", doc="app.jobs.job.Precedence."),
    Column("forecast", Text, doc="JSON, as POST /v1/estimate answers; null: none was made."),
    Column("glossary", Text, doc="JSON: id, name and version of the one it uses."),
    Column(
        "confidence", Integer, nullable=False, server_default="0", doc="1: each segment says how good it is."
    ),
    Column("memory", Boolean, nullable=False, server_default=false(), doc="The tenant's memory is applied."),
    UniqueConstraint("tenant", "idempotency_key", name="uq_job_tenant_key"),
    Index("ix_job_tenant_created_at", "tenant", "created_at"),
    Index("ix_job_expires_at", "expires_at"),
)

protections = Table(
    "job_protection",
    metadata,
    Column("job", Text, ForeignKey("job.id"), primary_key=True),
    Column("body", LargeBinary, nullable=False, doc="As app.jobs.enforced writes it."),
)

turns = Table(
    "job_turn",
    metadata,
    Column("tenant", Text, primary_key=True),
    Column("taken_at", BigInteger, nullable=False, doc="When a chunk of its was last leased."),
)

chunks = Table(
    "job_chunk",
    metadata,
    Column("job", Text, ForeignKey("job.id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("tenant", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("not_before", BigInteger, nullable=False),
    Column("lease_until", BigInteger, nullable=False),
    Column("token", BigInteger, nullable=False, doc="One more with every lease."),
    Column("units", LargeBinary, doc="JSON, compressed; null once it is deleted."),
    Column("result", LargeBinary, doc="The same."),
    Column("segments", Integer, nullable=False),
    Column("characters", BigInteger, nullable=False),
    Column("flags", Text, nullable=False, doc="JSON, number of segments by flag."),
    Column("entry_id", Text, doc="Of the ledger entry that charged it."),
    Column("billed_characters", BigInteger, nullable=False),
    Column("price_nanos", BigInteger, nullable=False),
    Column("cost_nanos", BigInteger, nullable=False),
    Column("compute_ns", BigInteger, nullable=False),
    Column("load_ns", BigInteger, nullable=False, server_default="0", doc="Waited for models to be loaded."),
    Column("error_code", Text),
    Column("error_message", Text),
    Index("ix_job_chunk_state", "state", "not_before"),
)

corrections = Table(
    "job_correction",
    metadata,
    Column("job", Text, ForeignKey("job.id"), primary_key=True),
    Column("chunk", Integer, primary_key=True),
    Column("unit", Integer, primary_key=True),
    Column("segment", Integer, primary_key=True),
    Column("text", Text, nullable=False, doc="What a person wrote in its place; goes with the document."),
    Column("reason", Text),
    Column("corrected_at", BigInteger, nullable=False),
    Column("key_id", Text),
)
