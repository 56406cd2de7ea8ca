"""Budgets in the database: what a month has used, what is under way, and room for more. Calls block.

Used is what the ledger's roll-ups say. Before work, its characters and the most they could cost are reserved; the
transaction that charges the work ends the reservation, so that at every moment used and reserved together are within
the budget, on every replica. A reservation whose process died stops counting when its time is over.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from math import ceil

from sqlalchemy import (
    ColumnElement,
    Connection,
    Executable,
    and_,
    case,
    delete,
    func,
    insert,
    select,
    true,
)

from app.errors import BudgetExceeded
from app.ledger.money import NANOS, format_nanos, price_nanos
from app.ledger.pricing import stored_lists
from app.ledger.rows import microseconds
from app.ledger.tables import entries, rollups
from app.storage.database import Database
from app.storage.locks import hold
from app.tenants.rows import tenant as tenant_of
from app.tenants.tables import reservations, tenants
from app.tenants.tenant import Budget

SKEW = 60 * 1_000_000
"""Microseconds by which the clocks of two replicas may differ: for so long a reservation counts that nobody may use."""

_EPOCH_DAY = date(1970, 1, 1).toordinal()


@dataclass(frozen=True, slots=True)
class Rate:
    """The price where no price list applies."""

    per_million: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class Claim:
    id: str
    tenant: str
    characters: int
    expires_at: int
    """Microseconds since 1970."""

    key: str | None = None
    """What it will be charged under; charged before, it is not charged again and needs no room."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Of one tenant's month."""

    budget: Budget
    characters: int = 0
    price_nanos: int = 0
    reserved_characters: int = 0
    reserved_nanos: int = 0

    def room_for(self, characters: int, nanos: int) -> bool:
        return _fits(
            self.characters + self.reserved_characters + characters, self.budget.characters
        ) and _fits(self.price_nanos + self.reserved_nanos + nanos, self.budget.price_nanos)

    def plus(self, characters: int, nanos: int) -> "Standing":
        return Standing(
            self.budget,
            self.characters,
            self.price_nanos,
            self.reserved_characters + characters,
            self.reserved_nanos + nanos,
        )

    @property
    def share(self) -> float:
        """Of the budget, of characters or money whichever is more, work under way included; 1.0 is all of it."""
        parts = (
            (self.characters + self.reserved_characters, self.budget.characters),
            (self.price_nanos + self.reserved_nanos, self.budget.price_nanos),
        )
        return max((used / most if most else 1.0 for used, most in parts if most is not None), default=0.0)

    @property
    def over(self) -> bool:
        """Whether it is more than there was; only a soft budget lets it."""
        return not self.room_for(0, 0)


def reserve(
    database: Database, claims: Sequence[Claim], *, rate: Rate, now: datetime
) -> tuple[list[BudgetExceeded | None], dict[str, Standing]]:
    """For each claim None once it is reserved, or why it is not; and where their tenants stand."""

    def work(connection: Connection) -> tuple[list[BudgetExceeded | None], dict[str, Standing]]:
        names = sorted({claim.tenant for claim in claims})
        hold(connection, *(_lock(name) for name in names))
        connection.execute(delete(reservations).where(reservations.c.expires_at < microseconds(now) - SKEW))
        standings = {name: standing(connection, name, currency=rate.currency, now=now) for name in names}
        outcomes: list[BudgetExceeded | None] = []
        rows: list[dict[str, object]] = []
        for claim in claims:
            stands = standings[claim.tenant]
            nanos = dearest(connection, claim, rate) if stands.budget.price_nanos is not None else 0
            if stands.budget.hard and not stands.room_for(claim.characters, nanos):
                if _charged(connection, claim):
                    outcomes.append(None)
                    continue
                outcomes.append(exceeded(claim.tenant, claim.characters, stands, rate.currency, now=now))
                continue
            standings[claim.tenant] = stands.plus(claim.characters, nanos)
            outcomes.append(None)
            rows.append(_row(claim, nanos))
        if rows:
            connection.execute(insert(reservations), rows)
        return outcomes, standings

    return database.attempt(work)


def admit(connection: Connection, claim: Claim, *, rate: Rate, now: datetime) -> None:
    """Raises BudgetExceeded for work that a hard budget has no room for now; nothing is reserved."""
    stands = standing(connection, claim.tenant, currency=rate.currency, now=now)
    nanos = dearest(connection, claim, rate) if stands.budget.price_nanos is not None else 0
    if stands.budget.hard and not stands.room_for(claim.characters, nanos):
        raise exceeded(claim.tenant, claim.characters, stands, rate.currency, now=now)


def settle(connection: Connection, claim: Claim, *, rate: Rate, now: datetime) -> None:
    """In the transaction that charges the work. Raises BudgetExceeded for a reservation that is over and whose room
    went to others: the work is then neither charged nor delivered.
    """
    mine = reservations.c.id == claim.id
    live = reservations.c.expires_at > microseconds(now)
    if connection.execute(delete(reservations).where(mine, live)).rowcount == 1:
        return
    hold(connection, _lock(claim.tenant))
    connection.execute(delete(reservations).where(mine))
    stands = standing(connection, claim.tenant, currency=rate.currency, now=now)
    if stands.budget.hard and not stands.room_for(0, 0):
        raise exceeded(claim.tenant, claim.characters, stands, rate.currency, now=now)


def release(database: Database, ids: Sequence[str]) -> None:
    def work(connection: Connection) -> None:
        connection.execute(delete(reservations).where(reservations.c.id.in_(ids)))

    database.attempt(work)


def standing(connection: Connection, name: str, *, currency: str, now: datetime) -> Standing:
    """In one statement: between two, a charge could move from one sum to the other unseen."""
    row = connection.execute(_standing(name, currency, now)).mappings().one()
    return Standing(budget_of(connection, name), **{key: int(value) for key, value in row.items()})


def budget_of(connection: Connection, name: str) -> Budget:
    found = connection.execute(select(tenants).where(tenants.c.name == name)).mappings().first()
    return Budget() if found is None else tenant_of(found).budget


def _charged(connection: Connection, claim: Claim) -> bool:
    mine = (entries.c.tenant == claim.tenant, entries.c.idempotency_key == claim.key)
    return claim.key is not None and connection.execute(select(entries.c.id).where(*mine)).first() is not None


def dearest(connection: Connection, claim: Claim, rate: Rate) -> int:
    """The most that the claim's characters could cost, in nano-units: what language they are in is not known yet."""
    lists = [each for each in stored_lists(connection, [claim.tenant]) if each.currency == rate.currency]
    if not lists:
        return price_nanos(claim.characters, price_per_million=rate.per_million)
    most = max(tier.per_million for each in lists for tier in each.tiers)
    dearer = max(Fraction(most), Fraction(rate.per_million))
    # One more for each list: an entry pays each the difference of two rounded sums, and one rounding without a list.
    return ceil(claim.characters * dearer * NANOS / 1_000_000) + len(lists) + 1


def exceeded(name: str, characters: int, stands: Standing, currency: str, *, now: datetime) -> BudgetExceeded:
    parts = []
    if stands.budget.characters is not None:
        parts.append(f"{stands.characters:,} of {stands.budget.characters:,} characters")
    if stands.budget.price_nanos is not None:
        parts.append(
            f"{format_nanos(stands.price_nanos)} of {format_nanos(stands.budget.price_nanos)} {currency}"
        )
    under_way = (
        f", {stands.reserved_characters:,} characters are under way" if stands.reserved_characters else ""
    )
    return BudgetExceeded(
        f"{characters:,} characters more would exceed the month's budget of the tenant {name}: "
        f"{' and '.join(parts)} are used{under_way}. It begins anew on {_next_month(now).isoformat()} (UTC)."
    )


def month_days(now: datetime) -> tuple[int, int]:
    """First day of the month and of the next, since 1970."""
    first = now.astimezone(UTC).date().replace(day=1)
    return first.toordinal() - _EPOCH_DAY, _next_month(now).toordinal() - _EPOCH_DAY


def _next_month(now: datetime) -> date:
    today = now.astimezone(UTC).date()
    return date(today.year + today.month // 12, today.month % 12 + 1, 1)


def _standing(name: str, currency: str, now: datetime) -> Executable:
    first, end = month_days(now)
    mine = and_(rollups.c.tenant == name, rollups.c.day >= first, rollups.c.day < end)
    alive = and_(reservations.c.tenant == name, reservations.c.expires_at >= microseconds(now) - SKEW)
    in_currency = case((rollups.c.currency == currency, rollups.c.price_nanos), else_=0)
    used = select(
        _sum(rollups.c.billed_characters).label("characters"), _sum(in_currency).label("price_nanos")
    ).where(mine)
    under_way = select(
        _sum(reservations.c.characters).label("reserved_characters"),
        _sum(reservations.c.price_nanos).label("reserved_nanos"),
    ).where(alive)
    both = used.subquery().join(under_way.subquery(), true())
    return select(both)


def _sum(column: ColumnElement[int]) -> ColumnElement[int]:
    return func.coalesce(func.sum(column), 0)


def _row(claim: Claim, nanos: int) -> dict[str, object]:
    return {
        "id": claim.id,
        "tenant": claim.tenant,
        "characters": claim.characters,
        "price_nanos": nanos,
        "expires_at": claim.expires_at,
    }


def _lock(name: str) -> str:
    return f"budget {name}"


def _fits(amount: int, most: int | None) -> bool:
    return most is None or amount <= most
