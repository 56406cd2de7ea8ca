"""Who changed what: events in one chain that nothing in the database changes or deletes."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_FROZEN = "the audit log is append-only"
_ONCE = "the audit log has this event already"

# INSERT OR REPLACE deletes without firing the DELETE trigger: an existing row is defended by the last.
_SQLITE = (
    *(
        f"""CREATE TRIGGER audit_event_no_{verb} BEFORE {verb} ON audit_event
            BEGIN SELECT RAISE(ABORT, '{_FROZEN}'); END"""
        for verb in ("UPDATE", "DELETE")
    ),
    f"""CREATE TRIGGER audit_event_once BEFORE INSERT ON audit_event
        WHEN EXISTS (SELECT 1 FROM audit_event WHERE sequence = NEW.sequence)
        BEGIN SELECT RAISE(ABORT, '{_ONCE}'); END""",  # noqa: S608 - constants
)
_POSTGRESQL = (
    f"""CREATE FUNCTION audit_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN RAISE EXCEPTION '{_FROZEN}' USING ERRCODE = '23000'; END $$""",
    """CREATE TRIGGER audit_event_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_event
       FOR EACH STATEMENT EXECUTE FUNCTION audit_frozen()""",
)


def upgrade() -> None:
    op.create_table(
        "audit_event",
        sa.Column("sequence", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("action", sa.Text, nullable=False),
        sa.Column("tenant", sa.Text),
        sa.Column("subject", sa.Text),
        sa.Column("details", sa.Text, nullable=False),
        sa.Column("previous_hash", sa.Text, nullable=False),
        sa.Column("hash", sa.Text, nullable=False),
    )
    op.create_index("ix_audit_event_tenant", "audit_event", ["tenant", "sequence"])
    for statement in _POSTGRESQL if _is_postgresql() else _SQLITE:
        op.execute(statement)


def downgrade() -> None:
    op.drop_table("audit_event")
    if _is_postgresql():
        op.execute("DROP FUNCTION audit_frozen()")


def _is_postgresql() -> bool:
    return op.get_bind().dialect.name == "postgresql"
