"""The ledger sealed: a hash chain for each tenant, roll-ups, corrections, price lists, machine time.

Entries and lines are copied into new tables, because SQLite cannot change a table's checks; what is in the ledger
already is chained in the order of its time.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

SUMMED = (
    "characters", "characters_without_markup", "utf16_units", "utf8_bytes", "segments", "cached_segments",
    "billed_characters", "unchanged_characters", "cached_characters", "failed_characters", "source_tokens",
    "target_tokens", "compute_ns", "price_nanos", "cost_nanos",
)  # fmt: skip
ROLLED_BY = ("currency", "kind", "source", "target", "models", "key_id", "cost_centre", "job")
REQUESTED = ("requests", "pair_requests", "model_requests")
GENESIS = "0" * 64
_NEW_TABLES = ("ledger_head", "ledger_rollup", "price_list", "price_volume", "machine_hour")
_SEAL = {
    "corrects": sa.Text,
    "reason": sa.Text,
    "sequence": sa.BigInteger,
    "previous_hash": sa.Text,
    "hash": sa.Text,
}
_OLD_KINDS = "'request', 'chunk'"
_KINDS = f"{_OLD_KINDS}, 'correction'"
_NULLABLE = ("corrects", "reason")

_SUMS = ", ".join(f"coalesce(sum({name}), 0)" for name in SUMMED)
_TOTALS = ", ".join(f"NEW.{name}" for name in SUMMED)
_FROZEN = "the ledger is append-only"
_ONCE = "the ledger has this entry already"
_SEALED_ONCE = "OR EXISTS (SELECT 1 FROM ledger_entry WHERE tenant = NEW.tenant AND sequence = NEW.sequence)"


def _sqlite(*, sealed: bool) -> list[str]:
    frozen = ("ledger_entry", "ledger_line", "price_list") if sealed else ("ledger_entry", "ledger_line")
    return [
        *(
            f"CREATE TRIGGER {table}_no_{verb} BEFORE {verb} ON {table} BEGIN SELECT RAISE(ABORT, '{_FROZEN}'); END"
            for table in frozen
            for verb in ("UPDATE", "DELETE")
        ),
        f"""CREATE TRIGGER ledger_entry_once BEFORE INSERT ON ledger_entry
            WHEN EXISTS (SELECT 1 FROM ledger_entry WHERE id = NEW.id)
              OR EXISTS (SELECT 1 FROM ledger_entry
                         WHERE tenant = NEW.tenant AND idempotency_key = NEW.idempotency_key)
              {_SEALED_ONCE if sealed else ""}
            BEGIN SELECT RAISE(ABORT, '{_ONCE}'); END""",  # noqa: S608 - constants, as below
        f"""CREATE TRIGGER ledger_line_once BEFORE INSERT ON ledger_line
            WHEN EXISTS (SELECT 1 FROM ledger_entry WHERE id = NEW.entry_id)
              OR EXISTS (SELECT 1 FROM ledger_line WHERE entry_id = NEW.entry_id AND position = NEW.position)
            BEGIN SELECT RAISE(ABORT, '{_ONCE}'); END""",  # noqa: S608
        f"""CREATE TRIGGER ledger_entry_reconciles BEFORE INSERT ON ledger_entry
            WHEN (SELECT {_SUMS} FROM ledger_line WHERE entry_id = NEW.id) IS NOT ({_TOTALS})
            BEGIN SELECT RAISE(ABORT, 'the entry is not the sum of its lines'); END""",  # noqa: S608
    ]


def _postgresql(*, sealed: bool) -> list[str]:
    """Their functions are there since 0001."""
    frozen = ("ledger_entry", "ledger_line", "price_list") if sealed else ("ledger_entry", "ledger_line")
    return [
        *(
            f"""CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}
                FOR EACH STATEMENT EXECUTE FUNCTION ledger_frozen()"""
            for table in frozen
        ),
        """CREATE TRIGGER ledger_line_once BEFORE INSERT ON ledger_line
           FOR EACH ROW EXECUTE FUNCTION ledger_line_once()""",
        """CREATE TRIGGER ledger_entry_reconciles BEFORE INSERT ON ledger_entry
           FOR EACH ROW EXECUTE FUNCTION ledger_entry_reconciles()""",
    ]


_ROLL_UP = f"""
INSERT INTO ledger_rollup (tenant, day, {", ".join((*ROLLED_BY, *REQUESTED, *SUMMED))})
SELECT e.tenant, e.created_at / 86400000000 AS day, e.currency, e.kind, coalesce(l.source, ''),
       coalesce(l.target, ''), coalesce(l.models, '[]'), coalesce(e.key_id, ''), coalesce(e.cost_centre, ''),
       coalesce(e.job, ''), sum(CASE WHEN coalesce(l.position, 0) = 0 THEN 1 ELSE 0 END),
       sum(CASE WHEN l.entry_id IS NOT NULL AND NOT EXISTS (
           SELECT 1 FROM ledger_line f WHERE f.entry_id = l.entry_id AND f.position < l.position
           AND f.source = l.source AND f.target = l.target) THEN 1 ELSE 0 END),
       sum(CASE WHEN l.entry_id IS NOT NULL AND NOT EXISTS (
           SELECT 1 FROM ledger_line f WHERE f.entry_id = l.entry_id AND f.position < l.position
           AND f.models = l.models) THEN 1 ELSE 0 END),
       {", ".join(f"coalesce(sum(l.{name}), 0)" for name in SUMMED)}
FROM ledger_entry e LEFT JOIN ledger_line l ON l.entry_id = e.id
GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10
"""  # noqa: S608 - the names are the constants above


def upgrade() -> None:
    _create_new_tables()
    _copy_out()
    entry, line = _create_ledger(_SEAL)
    _copy_back(entry, line)
    op.execute(_ROLL_UP)
    _defend(sealed=True)


def downgrade() -> None:
    """Corrections, prices by list and the chain are lost."""
    _copy_out()
    entry, line = _create_ledger({})
    kept = "SELECT {} FROM moved_ledger_{} WHERE {}"
    of_requests = "SELECT id FROM moved_ledger_entry WHERE kind <> 'correction'"
    for table, name, which in (
        (line, "line", f"entry_id IN ({of_requests})"),
        (entry, "entry", "kind <> 'correction'"),
    ):
        columns = ", ".join(column.name for column in table.columns if column.name != "price_list")
        op.execute(f"INSERT INTO {table.name} ({columns}) {kept.format(columns, name, which)}")
    _settle()
    op.drop_column("ledger_line", "price_list")
    for moved in ("moved_ledger_line", "moved_ledger_entry", *_NEW_TABLES):
        op.drop_table(moved)
    _defend(sealed=False)


def _settle() -> None:
    """PostgreSQL changes no table while foreign keys wait to be checked."""
    if _on_postgresql():
        op.execute("SET CONSTRAINTS ALL IMMEDIATE")
        op.execute("SET CONSTRAINTS ALL DEFERRED")


def _defend(*, sealed: bool) -> None:
    _settle()
    for statement in (_postgresql if _on_postgresql() else _sqlite)(sealed=sealed):
        op.execute(statement)


def _create_new_tables() -> None:
    op.create_table(
        "ledger_head",
        sa.Column("tenant", sa.Text, primary_key=True),
        sa.Column("sequence", sa.BigInteger, nullable=False),
        sa.Column("hash", sa.Text, nullable=False),
    )
    op.create_table(
        "ledger_rollup",
        sa.Column("tenant", sa.Text, primary_key=True),
        sa.Column("day", sa.Integer, primary_key=True),
        *[sa.Column(name, sa.Text, primary_key=True) for name in ROLLED_BY],
        *[sa.Column(name, sa.BigInteger, nullable=False) for name in (*REQUESTED, *SUMMED)],
        sqlite_with_rowid=False,
    )
    op.create_table(
        "price_list",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("tenant", sa.Text),
        sa.Column("source", sa.Text),
        sa.Column("target", sa.Text),
        sa.Column("currency", sa.Text, nullable=False),
        sa.Column("valid_from", sa.BigInteger, nullable=False),
        sa.Column("valid_until", sa.BigInteger),
        sa.Column("tiers", sa.Text, nullable=False),
    )
    op.create_table(
        "price_volume",
        sa.Column("tenant", sa.Text, primary_key=True),
        sa.Column("price_list", sa.Text, primary_key=True),
        sa.Column("month", sa.Integer, primary_key=True),
        sa.Column("characters", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "machine_hour",
        sa.Column("process", sa.Text, primary_key=True),
        sa.Column("hour", sa.Integer, primary_key=True),
        sa.Column("machine", sa.Text, nullable=False),
        sa.Column("threads", sa.Integer, nullable=False),
        sa.Column("rate_per_hour", sa.Text, nullable=False),
        sa.Column("currency", sa.Text, nullable=False),
        sa.Column("up_ns", sa.BigInteger, nullable=False),
        sa.Column("busy_ns", sa.BigInteger, nullable=False),
    )


def _copy_out() -> None:
    for table in ("ledger_line", "ledger_entry"):
        op.execute(f"CREATE TABLE moved_{table} AS SELECT * FROM {table}")  # noqa: S608
        op.drop_table(table)


def _create_ledger(seal: Mapping[str, type[sa.types.TypeEngine[Any]]]) -> tuple[sa.Table, sa.Table]:
    entry = op.create_table(
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
        sa.Column("key_id", sa.Text),
        sa.Column("cost_centre", sa.Text),
        sa.Column("job", sa.Text),
        sa.Column("chunk", sa.BigInteger),
        *[sa.Column(name, kind, nullable=name in _NULLABLE) for name, kind in seal.items()],
        sa.CheckConstraint(f"kind IN ({_KINDS if seal else _OLD_KINDS})", name="ck_ledger_entry_kind"),
        sa.UniqueConstraint("tenant", "idempotency_key", name="uq_ledger_entry_tenant_key"),
        *[
            sa.UniqueConstraint("tenant", name, name=f"uq_ledger_entry_tenant_{name}")
            for name in seal
            if name == "sequence"
        ],
    )
    op.create_index("ix_ledger_entry_tenant_created_at", "ledger_entry", ["tenant", "created_at"])
    line = op.create_table(
        "ledger_line",
        sa.Column("entry_id", sa.Text, _entry(), primary_key=True),
        sa.Column("position", sa.Integer, primary_key=True),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("target", sa.Text, nullable=False),
        sa.Column("route", sa.Text, nullable=False),
        sa.Column("models", sa.Text, nullable=False),
        *_summed(),
        sa.Column("fingerprints", sa.Text, nullable=False, server_default="[]"),
        sa.Column("price_list", sa.Text),
    )
    return entry, line


def _copy_back(entry: sa.Table, line: sa.Table) -> None:
    connection = op.get_bind()
    heads: dict[str, tuple[int, str]] = {}
    query = "SELECT * FROM moved_ledger_entry ORDER BY tenant, created_at, id"
    for found in connection.execute(sa.text(query)).mappings().all():
        mine = _lines(connection, found["id"])
        sequence, previous = heads.get(found["tenant"], (0, GENESIS))
        row = {**found, "sequence": sequence + 1, "previous_hash": previous}
        row["hash"] = _digest(row, mine)
        heads[found["tenant"]] = (row["sequence"], row["hash"])
        if mine:
            connection.execute(sa.insert(line), mine)
        connection.execute(sa.insert(entry), row)
    head = sa.table("ledger_head", sa.column("tenant"), sa.column("sequence"), sa.column("hash"))
    rows = [{"tenant": name, "sequence": number, "hash": seal} for name, (number, seal) in heads.items()]
    op.bulk_insert(head, rows)
    op.execute("DROP TABLE moved_ledger_line")
    op.execute("DROP TABLE moved_ledger_entry")


def _lines(connection: sa.Connection, entry: str) -> list[dict[str, Any]]:
    query = "SELECT * FROM moved_ledger_line WHERE entry_id = :entry ORDER BY position"
    return [dict(row) for row in connection.execute(sa.text(query), {"entry": entry}).mappings()]


def _digest(row: dict[str, Any], lines: list[dict[str, Any]]) -> str:
    """As app.ledger.chain has it."""
    body: dict[str, Any] = {name: value for name, value in row.items() if value is not None}
    body["lines"] = [
        {name: value for name, value in line.items() if value is not None and name != "entry_id"}
        for line in lines
    ]
    text = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _on_postgresql() -> bool:
    return op.get_context().dialect.name == "postgresql"


def _summed() -> list[sa.Column[int]]:
    return [sa.Column(name, sa.BigInteger, nullable=False) for name in SUMMED]


def _entry() -> sa.ForeignKey:
    return sa.ForeignKey("ledger_entry.id", deferrable=True, initially="DEFERRED")
