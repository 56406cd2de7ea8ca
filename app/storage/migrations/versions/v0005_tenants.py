"""Tenants and their keys. The tenant of callers without a key is always there."""

import time

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    tenant = op.create_table(
        "tenant",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        *_rates(),
        sa.Column("monthly_characters", sa.BigInteger),
        sa.Column("monthly_price_nanos", sa.BigInteger),
        sa.Column("hard", sa.Boolean, nullable=False),
        sa.CheckConstraint("status IN ('active', 'suspended')", name="ck_tenant_status"),
    )
    op.create_table(
        "api_key",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("tenant", sa.Text, sa.ForeignKey("tenant.name"), nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("digest", sa.Text, nullable=False, unique=True),
        sa.Column("prefix", sa.Text, nullable=False),
        sa.Column("scopes", sa.Text, nullable=False),
        *_rates(),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("expires_at", sa.BigInteger),
        sa.Column("revoked_at", sa.BigInteger),
        sa.Column("last_used_at", sa.BigInteger),
    )
    op.create_index("ix_api_key_tenant", "api_key", ["tenant"])
    local = {"name": "local", "created_at": time.time_ns() // 1_000, "status": "active", "hard": True}
    op.bulk_insert(tenant, [local])


def downgrade() -> None:
    op.drop_table("api_key")
    op.drop_table("tenant")


def _rates() -> list[sa.Column[int]]:
    return [
        sa.Column("requests_per_minute", sa.BigInteger),
        sa.Column("characters_per_minute", sa.BigInteger),
    ]
