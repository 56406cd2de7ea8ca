"""Glossaries in versions, and what a job is to enforce."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "glossary",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("tenant", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
    )
    op.create_index("ix_glossary_tenant_created_at", "glossary", ["tenant", "created_at"])
    op.create_table(
        "glossary_version",
        sa.Column("glossary", sa.Text, sa.ForeignKey("glossary.id"), primary_key=True),
        sa.Column("version", sa.Integer, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("key_id", sa.Text),
        sa.Column("size", sa.Integer, nullable=False),
        sa.Column("pairs", sa.Text, nullable=False),
        sa.Column("terms", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "job_protection",
        sa.Column("job", sa.Text, sa.ForeignKey("job.id"), primary_key=True),
        sa.Column("body", sa.LargeBinary, nullable=False),
    )
    op.add_column("job", sa.Column("glossary", sa.Text))


def downgrade() -> None:
    op.drop_column("job", "glossary")
    op.drop_table("job_protection")
    op.drop_table("glossary_version")
    op.drop_table("glossary")
