"""What a job was expected to come to when it was handed in."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("job", sa.Column("forecast", sa.Text))


def downgrade() -> None:
    op.drop_column("job", "forecast")
