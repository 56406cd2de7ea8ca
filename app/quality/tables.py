"""The tables of quality as the queries see them; app/storage/migrations creates them (a test compares)."""

from sqlalchemy import BigInteger, Column, Index, Integer, MetaData, Table, Text

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
