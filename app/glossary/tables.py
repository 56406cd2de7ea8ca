"""The tables of glossaries as the queries see them; app/storage/migrations creates them (a test compares)."""

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, LargeBinary, MetaData, Table, Text

metadata = MetaData()

glossaries = Table(
    "glossary",
    metadata,
    Column("id", Text, primary_key=True),
    Column("tenant", Text, nullable=False),
    Column("name", Text, nullable=False, doc="Of the newest version."),
    Column("version", Integer, nullable=False, doc="The newest."),
    Column("created_at", BigInteger, nullable=False, doc="Microseconds since 1970, UTC."),
    Index("ix_glossary_tenant_created_at", "tenant", "created_at"),
)

versions = Table(
    "glossary_version",
    metadata,
    Column("glossary", Text, ForeignKey("glossary.id"), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("name", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("key_id", Text, doc="Of the key that made it."),
    Column("size", Integer, nullable=False, doc="Terms, names and patterns."),
    Column("pairs", Text, nullable=False, doc="JSON, [[source, target, terms], …]."),
    Column("terms", LargeBinary, nullable=False, doc="JSON, compressed."),
)
