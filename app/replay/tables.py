"""The table of sealed answers as the queries see it; app/storage/migrations creates it (a test compares)."""

from sqlalchemy import BigInteger, Column, Index, LargeBinary, MetaData, Table, Text

metadata = MetaData()

replies = Table(
    "reply",
    metadata,
    Column("entry_id", Text, primary_key=True, doc="The ledger entry whose answer this is."),
    Column("expires_at", BigInteger, nullable=False, doc="Microseconds since 1970, UTC."),
    Column("sealed", LargeBinary, nullable=False),
    Index("ix_reply_expires_at", "expires_at"),
)
