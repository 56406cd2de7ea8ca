"""Memories that are applied, corrections that stay with their documents, and a scope for those who decide."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

_WITH = """
UPDATE api_key SET scopes = scopes || ' review'
WHERE (' ' || scopes || ' ') LIKE '% documents %' AND (' ' || scopes || ' ') NOT LIKE '% review %'
"""
"""Who could decide until now may go on."""
_WITHOUT = """
UPDATE api_key SET scopes = trim(replace(' ' || scopes || ' ', ' review ', ' '))
WHERE (' ' || scopes || ' ') LIKE '% review %'
"""
"""A scope that the release before does not know would shut its keys out."""


def upgrade() -> None:
    op.add_column("tenant", sa.Column("memory", sa.Text))
    op.add_column("memory_entry", sa.Column("key_id", sa.Text))
    op.add_column("memory_entry", sa.Column("place", sa.Text))
    op.create_table(
        "memory_version",
        sa.Column("tenant", sa.Text, primary_key=True),
        sa.Column("version", sa.BigInteger, nullable=False),
    )
    op.add_column("job", sa.Column("memory", sa.Boolean, nullable=False, server_default=sa.false()))
    op.create_table(
        "job_correction",
        sa.Column("job", sa.Text, sa.ForeignKey("job.id"), primary_key=True),
        sa.Column("chunk", sa.Integer, primary_key=True),
        sa.Column("unit", sa.Integer, primary_key=True),
        sa.Column("segment", sa.Integer, primary_key=True),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("reason", sa.Text),
        sa.Column("corrected_at", sa.BigInteger, nullable=False),
        sa.Column("key_id", sa.Text),
    )
    op.execute(_WITH)


def downgrade() -> None:
    op.execute(_WITHOUT)
    op.drop_table("job_correction")
    op.drop_column("job", "memory")
    op.drop_table("memory_version")
    op.drop_column("memory_entry", "place")
    op.drop_column("memory_entry", "key_id")
    op.drop_column("tenant", "memory")
