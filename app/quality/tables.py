"""The tables of quality as the queries see them; app/storage/migrations creates them (a test compares)."""

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, MetaData, Table, Text

metadata = MetaData()

KEY = ("tenant", "day", "source", "target", "models", "fingerprints", "what")

counts = Table(
    "quality_count",
    metadata,
    Column("tenant", Text, primary_key=True),
    Column("day", Integer, primary_key=True, doc="Days since 1970, UTC."),
    Column("source", Text, primary_key=True, doc="Language."),
    Column("target", Text, primary_key=True),
    Column("models", Text, primary_key=True, doc="JSON, ids in the order of hops."),
    Column("fingerprints", Text, primary_key=True, doc="JSON, one a model."),
    Column("what", Text, primary_key=True, doc="As app.quality.tally names it."),
    Column("count", BigInteger, nullable=False),
    Index("ix_quality_count_day", "day"),
    sqlite_with_rowid=False,
)

samples = Table(
    "review_sample",
    metadata,
    Column("id", Text, primary_key=True),
    Column("tenant", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False, doc="Microseconds since 1970, UTC; so are the others."),
    Column("seed", Text, nullable=False),
    Column("size", Integer, nullable=False, doc="Asked for."),
    Column("drawn", Integer, nullable=False),
    Column("population", BigInteger, nullable=False, doc="Segments it was drawn from."),
    Column("source", Text, doc="Language; with target, the one pair it is of."),
    Column("target", Text),
    Column("key_id", Text),
    Column("expires_at", BigInteger, nullable=False),
    Index("ix_review_sample_tenant", "tenant", "created_at"),
    Index("ix_review_sample_expires_at", "expires_at"),
)

sampled = Table(
    "review_sampled",
    metadata,
    Column("sample", Text, ForeignKey("review_sample.id"), primary_key=True),
    Column("number", Integer, nullable=False, doc="In the order of the draw."),
    Column("job", Text, primary_key=True, doc="No foreign key: ratings outlive the job."),
    Column("chunk", Integer, primary_key=True),
    Column("unit", Integer, primary_key=True),
    Column("segment", Integer, primary_key=True),
    Column("source", Text, nullable=False, doc="Language."),
    Column("target", Text, nullable=False),
    Column("models", Text, nullable=False, doc="Ids, joined by +."),
    Column("flagged", Integer, nullable=False, doc="1 where it carried a doubt."),
    Column("rating", Text, doc="One of app.quality.rating.Rating; null: not rated."),
    Column("rated_at", BigInteger),
    Column("key_id", Text, doc="Of whoever rated it."),
)
