"""Locks by name, for work that must not run twice at once whatever rows it touches."""

import hashlib

from sqlalchemy import Connection, text

_HOLD = text("SELECT pg_advisory_xact_lock(key) FROM unnest(CAST(:keys AS bigint[])) AS key")

_TAKE = text("SELECT pg_try_advisory_xact_lock(:key)")


def hold(connection: Connection, *names: str) -> None:
    """Until this write transaction ends nobody else holds any of `names`; who comes later sees what it committed.

    Taken in one order, so that two who hold several do not wait for each other. On SQLite a write transaction is
    alone as it is.
    """
    if connection.dialect.name == "postgresql" and names:
        connection.execute(_HOLD, {"keys": sorted({_key(name) for name in names})})


def take(connection: Connection, name: str) -> bool:
    """As `hold` does, but waits for nobody: whether it is held now."""
    if connection.dialect.name != "postgresql":
        return True
    return bool(connection.execute(_TAKE, {"key": _key(name)}).scalar_one())


def _key(name: str) -> int:
    """Two names with the same key (one in 2^64) merely wait for each other."""
    digest = hashlib.blake2b(name.encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)
