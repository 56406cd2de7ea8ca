"""Whose charge an entry is, within its tenant, and the weights that did the work."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_OF_AN_ENTRY = {"key_id": sa.Text, "cost_centre": sa.Text, "job": sa.Text, "chunk": sa.BigInteger}


def upgrade() -> None:
    for name, kind in _OF_AN_ENTRY.items():
        op.add_column("ledger_entry", sa.Column(name, kind, nullable=True))
    op.add_column("ledger_line", sa.Column("fingerprints", sa.Text, nullable=False, server_default="[]"))


def downgrade() -> None:
    op.drop_column("ledger_line", "fingerprints")
    for name in reversed(_OF_AN_ENTRY):
        op.drop_column("ledger_entry", name)
