"""Jobs and their chunks, which are leased."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_FAULT = ("error_code", "error_message")
_TIMES = ("started_at", "finished_at", "expires_at")
_RESULT = ("source_blob", "result_blob", "result_media_type", "result_suffix")
_FIGURES = ("billed_characters", "price_nanos", "cost_nanos", "compute_ns")


def upgrade() -> None:
    op.create_table(
        "job",
        sa.Column("id", sa.Text, primary_key=True),
        _needed("tenant", sa.Text),
        *(sa.Column(name, sa.Text) for name in ("key_id", "cost_centre", "idempotency_key")),
        _needed("digest", sa.Text),
        _needed("state", sa.Text),
        sa.Column("name", sa.Text),
        *(_needed(name, sa.Text) for name in ("media_type", "format", "options")),
        sa.Column("source", sa.Text),
        _needed("target", sa.Text),
        _needed("created_at", sa.BigInteger),
        *(sa.Column(name, sa.BigInteger) for name in _TIMES),
        _needed("pending", sa.Integer),
        *(sa.Column(name, sa.Text) for name in (*_RESULT, *_FAULT)),
        _needed("notes", sa.Text),
        sa.UniqueConstraint("tenant", "idempotency_key", name="uq_job_tenant_key"),
    )
    op.create_index("ix_job_tenant_created_at", "job", ["tenant", "created_at"])
    op.create_index("ix_job_expires_at", "job", ["expires_at"])
    op.create_table(
        "job_chunk",
        sa.Column("job", sa.Text, sa.ForeignKey("job.id"), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True),
        *(_needed(name, sa.Text) for name in ("tenant", "kind", "state")),
        _needed("attempts", sa.Integer),
        *(_needed(name, sa.BigInteger) for name in ("not_before", "lease_until", "token")),
        sa.Column("units", sa.LargeBinary),
        sa.Column("result", sa.LargeBinary),
        _needed("segments", sa.Integer),
        _needed("characters", sa.BigInteger),
        _needed("flags", sa.Text),
        sa.Column("entry_id", sa.Text),
        *(_needed(name, sa.BigInteger) for name in _FIGURES),
        *(sa.Column(name, sa.Text) for name in _FAULT),
    )
    op.create_index("ix_job_chunk_state", "job_chunk", ["state", "not_before"])


def downgrade() -> None:
    op.drop_table("job_chunk")
    op.drop_table("job")


def _needed(name: str, kind: type[Any]) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=False)
