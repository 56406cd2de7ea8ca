"""Tenants and their keys as the queries see them; app/storage/migrations creates the tables (a test compares)."""

from sqlalchemy import BigInteger, Boolean, CheckConstraint, Column, ForeignKey, Index, MetaData, Table, Text

metadata = MetaData()

tenants = Table(
    "tenant",
    metadata,
    Column("name", Text, primary_key=True),
    Column("created_at", BigInteger, nullable=False, doc="Microseconds since 1970, UTC."),
    Column("status", Text, nullable=False),
    Column("requests_per_minute", BigInteger),
    Column("characters_per_minute", BigInteger),
    Column("monthly_characters", BigInteger),
    Column("monthly_price_nanos", BigInteger),
    Column("hard", Boolean, nullable=False),
    Column("memory", Text, doc="app.tenants.tenant.Recall; null: as DRAGOMAN_MEMORY says."),
    CheckConstraint("status IN ('active', 'suspended')", name="ck_tenant_status"),
)

retentions = Table(
    "tenant_retention",
    metadata,
    Column("tenant", Text, ForeignKey("tenant.name"), primary_key=True),
    Column("kind", Text, primary_key=True, doc="One of app.privacy.retention.Kind."),
    Column("seconds", BigInteger, nullable=False),
)

keys = Table(
    "api_key",
    metadata,
    Column("id", Text, primary_key=True),
    Column("tenant", Text, ForeignKey("tenant.name"), nullable=False),
    Column("name", Text, nullable=False),
    Column("digest", Text, nullable=False, unique=True, doc="SHA-256 of the key, in hex."),
    Column("prefix", Text, nullable=False),
    Column("scopes", Text, nullable=False, doc="Separated by spaces."),
    Column("requests_per_minute", BigInteger),
    Column("characters_per_minute", BigInteger),
    Column("created_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger),
    Column("revoked_at", BigInteger),
    Column("last_used_at", BigInteger),
    Index("ix_api_key_tenant", "tenant"),
)

windows = Table(
    "rate_window",
    metadata,
    Column("subject", Text, primary_key=True, doc="`key:` and an id, or `tenant:` and a name."),
    Column("unit", Text, primary_key=True, doc="requests or characters."),
    Column("minute", BigInteger, nullable=False, doc="Since 1970."),
    Column("granted", BigInteger, nullable=False, doc="Of the limit, in that minute, to all replicas."),
)

reservations = Table(
    "reservation",
    metadata,
    Column("id", Text, primary_key=True),
    Column("tenant", Text, nullable=False),
    Column("characters", BigInteger, nullable=False),
    Column("price_nanos", BigInteger, nullable=False, doc="The most that they could cost."),
    Column("expires_at", BigInteger, nullable=False),
    Index("ix_reservation_tenant", "tenant"),
)

sessions = Table(
    "web_session",
    metadata,
    Column("digest", Text, primary_key=True, doc="SHA-256 of the browser's cookie, in hex."),
    Column("key_id", Text, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Index("ix_web_session_expires_at", "expires_at"),
)
