"""The table of the audit log as the queries see it; app/storage/migrations creates it (a test compares)."""

from sqlalchemy import BigInteger, Column, Index, MetaData, Table, Text

metadata = MetaData()

events = Table(
    "audit_event",
    metadata,
    Column("sequence", BigInteger, primary_key=True, autoincrement=False, doc="1, 2, 3 …"),
    Column("at", BigInteger, nullable=False, doc="Microseconds since 1970, UTC."),
    Column("actor", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("tenant", Text),
    Column("subject", Text, doc="Id of what it was done to."),
    Column(
        "details", Text, nullable=False, doc="JSON; never text that was sent, a secret or a person's name."
    ),
    Column("previous_hash", Text, nullable=False),
    Column("hash", Text, nullable=False),
    Index("ix_audit_event_tenant", "tenant", "sequence"),
)
