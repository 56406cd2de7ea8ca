import pytest

from app.storage.engine import Database
from app.tenants.directory import Directory


@pytest.fixture
def directory(database: Database) -> Directory:
    return Directory(database)
