"""Documents whose segments say how good they are."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("job", sa.Column("confidence", sa.Integer, nullable=False, server_default="0"))


def downgrade() -> None:
    op.drop_column("job", "confidence")
