from collections.abc import Iterator
from pathlib import Path

import pytest

from app.storage.engine import Database, open_database


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = open_database(tmp_path / "data")
    yield opened
    opened.close()
