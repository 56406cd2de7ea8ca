"""How long a tenant's texts are kept, where it is another time than the settings say."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "tenant_retention",
        sa.Column("tenant", sa.Text, sa.ForeignKey("tenant.name"), primary_key=True),
        sa.Column("kind", sa.Text, primary_key=True),
        sa.Column("seconds", sa.BigInteger, nullable=False),
    )


def downgrade() -> None:
    op.drop_table("tenant_retention")
