"""The ledger: entries and their lines, append-only, which triggers of the database itself see to.

Lines are written before their entry: the foreign key is checked at commit, the entry's trigger checks that
its totals are the sums of its lines, and once an entry is there no line can join it.
"""

# ruff: noqa: S608 - the names put into statements are the constants below

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

SUMMED = (
    "segments", "cached_segments", "characters", "characters_without_markup", "utf16_units", "utf8_bytes",
    "billed_characters", "unchanged_characters", "cached_characters", "failed_characters",
    "source_tokens", "target_tokens", "compute_ns", "price_nanos", "cost_nanos",
)  # fmt: skip

_FROZEN = "the ledger is append-only"
_ONCE = "the ledger has this entry already"
_RECONCILES = "the entry is not the sum of its lines"
_SUMS = ", ".join(f"coalesce(sum({name}), 0)" for name in SUMMED)
_TOTALS = ", ".join(f"NEW.{name}" for name in SUMMED)

# INSERT OR REPLACE deletes without firing the DELETE trigger: an existing row is defended here.
_SQLITE = (
    *(
        f"""CREATE TRIGGER {table}_no_{verb} BEFORE {verb} ON {table}
            BEGIN SELECT RAISE(ABORT, '{_FROZEN}'); END"""
        for table in ("ledger_entry", "ledger_line")
        for verb in ("UPDATE", "DELETE")
    ),
    f"""CREATE TRIGGER ledger_entry_once BEFORE INSERT ON ledger_entry
        WHEN EXISTS (SELECT 1 FROM ledger_entry WHERE id = NEW.id)
          OR EXISTS (SELECT 1 FROM ledger_entry
                     WHERE tenant = NEW.tenant AND idempotency_key = NEW.idempotency_key)
        BEGIN SELECT RAISE(ABORT, '{_ONCE}'); END""",
    f"""CREATE TRIGGER ledger_line_once BEFORE INSERT ON ledger_line
        WHEN EXISTS (SELECT 1 FROM ledger_entry WHERE id = NEW.entry_id)
          OR EXISTS (SELECT 1 FROM ledger_line WHERE entry_id = NEW.entry_id AND position = NEW.position)
        BEGIN SELECT RAISE(ABORT, '{_ONCE}'); END""",
    f"""CREATE TRIGGER ledger_entry_reconciles BEFORE INSERT ON ledger_entry
        WHEN (SELECT {_SUMS} FROM ledger_line WHERE entry_id = NEW.id) IS NOT ({_TOTALS})
        BEGIN SELECT RAISE(ABORT, '{_RECONCILES}'); END""",
)

# 23000 makes them IntegrityErrors, as on SQLite. TRUNCATE fires no row's trigger. That an entry is there once is
# seen to by its keys: PostgreSQL has no INSERT OR REPLACE.
_POSTGRESQL = (
    f"""CREATE FUNCTION ledger_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN RAISE EXCEPTION '{_FROZEN}' USING ERRCODE = '23000'; END $$""",
    *(
        f"""CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}
            FOR EACH STATEMENT EXECUTE FUNCTION ledger_frozen()"""
        for table in ("ledger_entry", "ledger_line")
    ),
    f"""CREATE FUNCTION ledger_line_once() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          IF EXISTS (SELECT 1 FROM ledger_entry WHERE id = NEW.entry_id) THEN
            RAISE EXCEPTION '{_ONCE}' USING ERRCODE = '23000';
          END IF;
          RETURN NEW;
        END $$""",
    """CREATE TRIGGER ledger_line_once BEFORE INSERT ON ledger_line
       FOR EACH ROW EXECUTE FUNCTION ledger_line_once()""",
    f"""CREATE FUNCTION ledger_entry_reconciles() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          IF NOT EXISTS (SELECT 1 FROM ledger_line WHERE entry_id = NEW.id HAVING ({_SUMS}) = ({_TOTALS})) THEN
            RAISE EXCEPTION '{_RECONCILES}' USING ERRCODE = '23000';
          END IF;
          RETURN NEW;
        END $$""",
    """CREATE TRIGGER ledger_entry_reconciles BEFORE INSERT ON ledger_entry
       FOR EACH ROW EXECUTE FUNCTION ledger_entry_reconciles()""",
)
_FUNCTIONS = ("ledger_frozen", "ledger_line_once", "ledger_entry_reconciles")


def upgrade() -> None:
    op.create_table(
        "ledger_entry",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("tenant", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("idempotency_key", sa.Text, nullable=False),
        sa.Column("digest", sa.Text, nullable=False),
        sa.Column("currency", sa.Text, nullable=False),
        sa.Column("queue_ns", sa.BigInteger, nullable=False),
        *_summed(),
        sa.CheckConstraint("kind IN ('request', 'chunk')", name="ck_ledger_entry_kind"),
        sa.UniqueConstraint("tenant", "idempotency_key", name="uq_ledger_entry_tenant_key"),
    )
    op.create_index("ix_ledger_entry_tenant_created_at", "ledger_entry", ["tenant", "created_at"])
    op.create_table(
        "ledger_line",
        sa.Column("entry_id", sa.Text, _entry(), primary_key=True),
        sa.Column("position", sa.Integer, primary_key=True),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("target", sa.Text, nullable=False),
        sa.Column("route", sa.Text, nullable=False),
        sa.Column("models", sa.Text, nullable=False),
        *_summed(),
    )
    for statement in _POSTGRESQL if _on_postgresql() else _SQLITE:
        op.execute(statement)


def downgrade() -> None:
    op.drop_table("ledger_line")
    op.drop_table("ledger_entry")
    if _on_postgresql():
        for name in _FUNCTIONS:
            op.execute(f"DROP FUNCTION {name}")


def _on_postgresql() -> bool:
    return op.get_context().dialect.name == "postgresql"


def _summed() -> list[sa.Column[int]]:
    return [sa.Column(name, sa.BigInteger, nullable=False) for name in SUMMED]


def _entry() -> sa.ForeignKey:
    return sa.ForeignKey("ledger_entry.id", deferrable=True, initially="DEFERRED")
