"""The schema's history: which version a database has, and the way to the newest.

The scripts are inside this package, and are run without Alembic's command line: nothing printed, no logging
configured, the caller's transaction used, so that a migration cut short leaves nothing behind.
"""

import threading

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from app.errors import StorageError

_ALEMBIC = threading.Lock()  # alembic's `context` and `op` are module globals


def current(connection: Connection) -> str | None:
    """The database's schema version; None for an empty one."""
    return MigrationContext.configure(connection).get_current_revision()


def newest() -> str | None:
    """The schema version of this release."""
    return ScriptDirectory.from_config(_config()).get_current_head()


def is_current(connection: Connection, name: str) -> bool:
    """Raises StorageError for a version this release does not know."""
    scripts = ScriptDirectory.from_config(_config())
    version, head = current(connection), scripts.get_current_head()
    known = {script.revision for script in scripts.walk_revisions()}
    if version is not None and version not in known:
        raise StorageError(
            f"{name} was written by a newer Dragoman (schema {version}; this one knows up to {head}). "
            "Upgrade Dragoman, or give it another database (DRAGOMAN_DATA_DIR, DRAGOMAN_DATABASE_URL)."
        )
    return version == head


def history() -> tuple[str, ...]:
    """Every version there was up to this release's, the oldest first."""
    scripts = ScriptDirectory.from_config(_config()).walk_revisions()
    return tuple(reversed([script.revision for script in scripts]))


def knows(version: str) -> bool:
    """Whether this release has such a schema, of now or of old."""
    return version in history()


def upgrade(connection: Connection, to: str = "head") -> None:
    with _ALEMBIC:
        command.upgrade(_config(connection), to)


def downgrade(connection: Connection, to: str) -> None:
    with _ALEMBIC:
        command.downgrade(_config(connection), to)


def _config(connection: Connection | None = None) -> Config:
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", "app.storage:migrations")
    config.set_main_option("path_separator", "os")
    return config
