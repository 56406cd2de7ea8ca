"""A database for one example of Hypothesis."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from app.storage.engine import Database, open_database


@contextmanager
def scratch() -> Iterator[Database]:
    with TemporaryDirectory() as folder:
        database = open_database(Path(folder))
        try:
            yield database
        finally:
            database.close()
