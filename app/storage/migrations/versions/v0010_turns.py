"""Which of a tenant's jobs go first, and which tenant's turn it is."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_NORMAL = "1"


def upgrade() -> None:
    op.add_column("job", sa.Column("priority", sa.Integer, nullable=False, server_default=_NORMAL))
    op.create_table(
        "job_turn",
        sa.Column("tenant", sa.Text, primary_key=True),
        sa.Column("taken_at", sa.BigInteger, nullable=False),
    )


def downgrade() -> None:
    op.drop_table("job_turn")
    op.drop_column("job", "priority")
