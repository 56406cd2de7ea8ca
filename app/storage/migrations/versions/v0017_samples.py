"""Samples of segments for people to rate."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "review_sample",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("tenant", sa.Text, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("seed", sa.Text, nullable=False),
        sa.Column("size", sa.Integer, nullable=False),
        sa.Column("drawn", sa.Integer, nullable=False),
        sa.Column("population", sa.BigInteger, nullable=False),
        sa.Column("source", sa.Text),
        sa.Column("target", sa.Text),
        sa.Column("key_id", sa.Text),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
    )
    op.create_index("ix_review_sample_tenant", "review_sample", ["tenant", "created_at"])
    op.create_index("ix_review_sample_expires_at", "review_sample", ["expires_at"])
    op.create_table(
        "review_sampled",
        sa.Column("sample", sa.Text, sa.ForeignKey("review_sample.id"), primary_key=True),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("job", sa.Text, primary_key=True),
        sa.Column("chunk", sa.Integer, primary_key=True),
        sa.Column("unit", sa.Integer, primary_key=True),
        sa.Column("segment", sa.Integer, primary_key=True),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("target", sa.Text, nullable=False),
        sa.Column("models", sa.Text, nullable=False),
        sa.Column("flagged", sa.Integer, nullable=False),
        sa.Column("rating", sa.Text),
        sa.Column("rated_at", sa.BigInteger),
        sa.Column("key_id", sa.Text),
    )


def downgrade() -> None:
    op.drop_table("review_sampled")
    op.drop_table("review_sample")
