"""Browsers that signed in with a key. The database knows a cookie by its hash and a key by its id; calls block."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import and_, delete, insert, select

from app.audit.log import Action, record
from app.ledger.rows import microseconds
from app.storage.engine import Database
from app.tenants.key import digest
from app.tenants.tables import keys, sessions


class Sessions:
    def __init__(self, database: Database, *, lasting: timedelta) -> None:
        self._database = database
        self._lasting = lasting

    def begin(self, cookie: str, key_id: str, *, tenant: str) -> None:
        """Also forgets those that are over."""
        now = datetime.now(UTC)
        row = {
            "digest": digest(cookie),
            "key_id": key_id,
            "expires_at": microseconds(now + self._lasting),
        }
        with self._database.transaction() as connection:
            connection.execute(delete(sessions).where(sessions.c.expires_at <= microseconds(now)))
            connection.execute(insert(sessions), [row])
            record(connection, Action.SESSION_BEGUN, tenant=tenant, key_id=key_id or None)

    def refused(self, code: str) -> None:
        """Somebody could not sign in; `code` says why."""
        self._database.attempt(
            lambda connection: record(connection, Action.SESSION_REFUSED, details={"error": code})
        )

    def key_digest(self, cookie: str) -> str | None:
        """Of the key that the browser signed in with; None: never, or its time is over."""
        alive = and_(
            sessions.c.digest == digest(cookie),
            sessions.c.expires_at > microseconds(datetime.now(UTC)),
        )
        query = select(keys.c.digest).join_from(sessions, keys, sessions.c.key_id == keys.c.id).where(alive)
        with self._database.read() as connection:
            found: str | None = connection.execute(query).scalar_one_or_none()
        return found

    def end(self, cookie: str) -> None:
        with self._database.transaction() as connection:
            connection.execute(delete(sessions).where(sessions.c.digest == digest(cookie)))
