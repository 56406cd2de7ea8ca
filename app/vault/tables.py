"""The table of data keys as the queries see it; app/storage/migrations creates it (a test compares)."""

from sqlalchemy import BigInteger, Column, Integer, LargeBinary, MetaData, Table, Text

metadata = MetaData()

data_keys = Table(
    "data_key",
    metadata,
    Column("tenant", Text, primary_key=True),
    Column(
        "version",
        Integer,
        primary_key=True,
        autoincrement=False,
        doc="1, 2, 3 …; the highest is what is written with.",
    ),
    Column("id", Text, nullable=False, unique=True, doc="16 hexadecimal digits, at random."),
    Column("master", Text, nullable=False, doc="Which master key wrapped it."),
    Column("wrapped", LargeBinary, doc="Null once it is destroyed: what it encrypted is gone for good."),
    Column("created_at", BigInteger, nullable=False, doc="Microseconds since 1970, UTC."),
    Column("destroyed_at", BigInteger),
)
