"""Data keys of tenants, wrapped by a master key."""

import sqlalchemy as sa
from alembic import op

from app.errors import StorageError

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "data_key",
        sa.Column("tenant", sa.Text, primary_key=True),
        sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("id", sa.Text, nullable=False, unique=True),
        sa.Column("master", sa.Text, nullable=False),
        sa.Column("wrapped", sa.LargeBinary),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("destroyed_at", sa.BigInteger),
    )


def downgrade() -> None:
    live = sa.text("SELECT count(*) FROM data_key WHERE wrapped IS NOT NULL")
    if op.get_bind().execute(live).scalar_one():
        raise StorageError("Texts are encrypted under keys that the older schema has no place for.")
    op.drop_table("data_key")
