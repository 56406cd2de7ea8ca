"""Which glossary, at which version, an entry's translations were made with.

Null in what is there already, so its seal holds. Going back takes what newer entries are sealed with.
"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("ledger_entry", sa.Column("glossary", sa.Text, nullable=True))
    op.add_column("ledger_entry", sa.Column("glossary_version", sa.BigInteger, nullable=True))


def downgrade() -> None:
    op.drop_column("ledger_entry", "glossary_version")
    op.drop_column("ledger_entry", "glossary")
