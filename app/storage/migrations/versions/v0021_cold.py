"""How long the parts of a document waited for models to be loaded."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("job_chunk", sa.Column("load_ns", sa.BigInteger, nullable=False, server_default="0"))


def downgrade() -> None:
    op.drop_column("job_chunk", "load_ns")
