"""The ledger held against its own seal: what was changed, taken out, put in or moved since it was written, and where.

Who can write to the database can also seal a forgery anew, from the forged entry to the head. Heads noted elsewhere
before (`Verdict.heads`) tell that too.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, RowMapping, func, select

from app.ledger import chain, volumes
from app.ledger.chain import Head, Row
from app.ledger.rollup import Key, RollUp, Sums
from app.ledger.tables import REQUESTED, ROLLED_BY, SUMMED, entries, heads, lines, rollups
from app.storage.engine import Database

PAGE = 500
"""Entries whose lines are fetched by one query."""


@dataclass(frozen=True, slots=True)
class Finding:
    tenant: str
    sequence: int | None
    """Place in the tenant's chain; None where it has none."""
    entry: str | None
    problem: str


@dataclass(frozen=True, slots=True)
class Verdict:
    heads: tuple[Head, ...]
    """Where the chains end, by the entries that are there."""
    findings: tuple[Finding, ...]


def verify(database: Database, *, tenant: str | None = None, noted: Sequence[Head] = ()) -> Verdict:
    """All of it, or one tenant's, at one moment. `noted` are heads of earlier verdicts.

    Reads every entry: 10 million take minutes.
    """
    with database.read() as connection:
        names = _tenants(connection, noted) if tenant is None else [tenant]
        walks = [_Walk(name, [head for head in noted if head.tenant == name]) for name in names]
        findings = [finding for walk in walks for finding in walk.through(connection)]
        if tenant is None:
            findings += _strays(connection)
    return Verdict(tuple(walk.head for walk in walks), tuple(findings))


class _Walk:
    """Along one tenant's chain."""

    def __init__(self, tenant: str, noted: Sequence[Head]) -> None:
        self.head = Head(tenant)
        self._noted = {head.sequence: head.hash for head in noted}
        self._summed = RollUp()
        self._volumes = volumes.Volumes()

    def through(self, connection: Connection) -> Iterator[Finding]:
        for entry, mine in _entries(connection, self.head.tenant):
            yield from self._step(entry, mine)
        yield from self._end(connection)
        yield from self._rolled_up(connection)
        yield from self._counted(connection)

    def _step(self, entry: Row, mine: Sequence[Row]) -> Iterator[Finding]:
        """SQLite keeps text or bytes in a column of numbers: what cannot be reckoned with is a finding too."""
        try:
            yield from self._checked(entry, mine)
        except (TypeError, ValueError, ArithmeticError):
            yield Finding(
                self.head.tenant, None, entry["id"], "It holds a value that no entry has: it was changed."
            )

    def _checked(self, entry: Row, mine: Sequence[Row]) -> Iterator[Finding]:
        """Goes on from what is there, so that one forgery is one finding."""
        sequence = entry["sequence"]
        if sequence > self.head.sequence + 1:
            yield self._missing(self.head.sequence + 1, sequence - 1)
        elif sequence <= self.head.sequence:
            yield self._finding(entry, "Another entry has this place in the chain: one was put in or moved.")
        elif entry["previous_hash"] != self.head.hash:
            yield self._finding(
                entry, "It does not follow the entry before it: one of the two was changed or moved."
            )
        if chain.digest(entry, mine) != entry["hash"]:
            yield self._finding(
                entry,
                "It is not what was sealed: the entry or a line of it was changed, taken out or put in.",
            )
        if self._noted.get(sequence, entry["hash"]) != entry["hash"]:
            yield self._finding(entry, "It is not the head that was noted: the chain was sealed anew.")
        self.head.sequence, self.head.hash = sequence, entry["hash"]
        self._summed.add(entry, mine)
        self._volumes.add(entry, mine)

    def _end(self, connection: Connection) -> Iterator[Finding]:
        said = connection.execute(select(heads).where(heads.c.tenant == self.head.tenant)).one_or_none()
        last = max([said.sequence if said else 0, *self._noted])
        if last > self.head.sequence:
            yield self._missing(self.head.sequence + 1, last)
        elif said is None and self.head.sequence:
            yield Finding(self.head.tenant, self.head.sequence, None, "The head of the chain was taken out.")
        elif said is not None and (said.sequence, said.hash) != (self.head.sequence, self.head.hash):
            problem = f"The chain's head names entry {said.sequence} and another hash: the end was put in or changed."
            yield Finding(self.head.tenant, self.head.sequence, None, problem)

    def _rolled_up(self, connection: Connection) -> Iterator[Finding]:
        kept = _kept(connection, self.head.tenant)
        for key in sorted(kept.keys() | self._summed.sums.keys(), key=str):
            is_, should = kept.get(key), self._summed.sums.get(key)
            if is_ != should:
                yield Finding(self.head.tenant, None, None, _difference(key, is_, should))

    def _counted(self, connection: Connection) -> Iterator[Finding]:
        for problem in self._volumes.differences(connection, self.head.tenant):
            yield Finding(self.head.tenant, None, None, problem)

    def _missing(self, first: int, last: int) -> Finding:
        which = f"Entry {first} is" if first == last else f"Entries {first} to {last} are"
        return Finding(self.head.tenant, first, None, f"{which} missing.")

    def _finding(self, entry: Row, problem: str) -> Finding:
        return Finding(self.head.tenant, entry["sequence"], entry["id"], problem)


def _tenants(connection: Connection, noted: Sequence[Head]) -> list[str]:
    there = {head.tenant for head in noted}
    for table in (heads, entries, rollups):
        there.update(connection.scalars(select(table.c.tenant).distinct()))
    return sorted(there)


def _entries(connection: Connection, tenant: str) -> Iterator[tuple[Row, list[Row]]]:
    """In order of the chain, each with its lines in order."""
    query = select(entries).where(entries.c.tenant == tenant).order_by(entries.c.sequence, entries.c.id)
    found = connection.execution_options(yield_per=PAGE).execute(query).mappings()
    for page in found.partitions():
        mine: dict[str, list[Row]] = {entry["id"]: [] for entry in page}
        query = select(lines).where(lines.c.entry_id.in_(mine)).order_by(lines.c.entry_id, lines.c.position)
        for line in connection.execute(query).mappings():
            mine[line["entry_id"]].append(_plain(line))
        yield from ((_plain(entry), mine[entry["id"]]) for entry in page)


def _plain(row: RowMapping) -> Row:
    """Some names of columns are SQLAlchemy's own kind of string, which orjson does not take for one."""
    return {str(name): value for name, value in row.items()}


def _kept(connection: Connection, tenant: str) -> dict[Key, Sums]:
    query = select(rollups).where(rollups.c.tenant == tenant)
    return {
        tuple(row[name] for name in ROLLED_BY): [row[name] for name in (*REQUESTED, *SUMMED)]
        for row in connection.execute(query).mappings()
    }


def _difference(key: Key, is_: Sums | None, should: Sums | None) -> str:
    named: Mapping[str, object] = dict(zip(ROLLED_BY, key, strict=True))
    where = ", ".join(f"{name} {value}" for name, value in named.items() if name != "tenant" and value != "")
    if is_ is None:
        return f"The roll-up of {where} was taken out."
    if should is None:
        return f"The roll-up of {where} was put in: no entries belong to it."
    names = zip((*REQUESTED, *SUMMED), is_, should, strict=True)
    wrong = ", ".join(f"{name} is {one}, its entries' {other}" for name, one, other in names if one != other)
    return f"The roll-up of {where} is not the sum of its entries: {wrong}."


def _strays(connection: Connection) -> Iterator[Finding]:
    """Lines without an entry."""
    query = (
        select(lines.c.entry_id, func.count().label("number"))
        .where(~select(entries.c.id).where(entries.c.id == lines.c.entry_id).exists())
        .group_by(lines.c.entry_id)
    )
    for row in connection.execute(query):
        yield Finding("", None, row.entry_id, f"{row.number} lines of it are there, but no entry.")
