"""What was granted of each limit in the current minute, shared by every replica. Calls block."""

from dataclasses import dataclass

from sqlalchemy import and_, select, update

from app.storage.database import Database
from app.storage.dialects import insert_for
from app.tenants.tables import windows


@dataclass(frozen=True, slots=True)
class Lease:
    minute: int
    """Since 1970; a later one than asked for, where another machine's clock is ahead."""
    granted: int
    left: int
    """That nobody has been granted yet."""


def lease(
    database: Database, subject: str, unit: str, *, minute: int, limit: int, need: int, want: int
) -> Lease:
    """Up to `want` of what is left of the minute, or nothing if that is under `need`; at most `limit` in all."""
    place = and_(windows.c.subject == subject, windows.c.unit == unit)
    with database.transaction() as connection:
        fresh = {"subject": subject, "unit": unit, "minute": minute, "granted": 0}
        connection.execute(insert_for(connection.dialect.name, windows).on_conflict_do_nothing(), fresh)
        row = connection.execute(select(windows).where(place).with_for_update()).one()
        before = row.granted if row.minute >= minute else 0
        room = max(0, limit - before)
        granted = min(want, room) if room >= need else 0
        now = max(minute, row.minute)
        connection.execute(update(windows).where(place).values(minute=now, granted=before + granted))
    return Lease(now, granted, room - granted)
