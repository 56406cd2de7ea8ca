"""What each key used, by kind of work and day, summed by the database from the ledger's roll-ups."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import case, func, select

from app.ledger.tables import rollups
from app.storage.engine import Database

_EPOCH_DAY = date(1970, 1, 1).toordinal()


@dataclass(frozen=True, slots=True)
class KeyDay:
    """Billed characters of one key on one UTC day."""

    key_id: str
    """Empty for what came without a key."""
    day: date
    texts: int
    documents: int


def key_days(database: Database, tenant: str, *, since: date, until: date) -> Sequence[KeyDay]:
    """Both days are included; the earliest first."""
    billed = rollups.c.billed_characters
    of_jobs = func.sum(case((rollups.c.job != "", billed), else_=0)).label("documents")
    columns = (rollups.c.day, rollups.c.key_id)
    query = (
        select(*columns, func.sum(billed).label("billed"), of_jobs)
        .where(
            rollups.c.tenant == tenant,
            rollups.c.day.between(since.toordinal() - _EPOCH_DAY, until.toordinal() - _EPOCH_DAY),
        )
        .group_by(*columns)
        .order_by(*columns)
    )
    with database.read() as connection:
        return [
            KeyDay(
                row["key_id"],
                date.fromordinal(_EPOCH_DAY + row["day"]),
                int(row["billed"]) - int(row["documents"]),
                int(row["documents"]),
            )
            for row in connection.execute(query).mappings()
        ]
