"""`dragoman memory` on this machine's database."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from app.review.reviews import Reviews
from app.storage.engine import open_database
from app.vault.vault import Vault
from tests.app.cli.conftest import Call


def test_export_and_erase(dragoman: Call, tmp_path: Path) -> None:
    database = open_database(tmp_path / "data")
    memory = Reviews(
        database, now=lambda: datetime.now(UTC), retention=timedelta(days=1), vault=Vault()
    ).memory
    with database.transaction() as connection:
        memory.put(connection, "local", ("pt", "en"), ("Seis & sete.", "Six & seven."))
    database.close()
    done = dragoman("memory", "export")
    assert done.code == 0
    assert '<tuv xml:lang="en"><seg>Six &amp; seven.</seg></tuv>' in done.out
    assert dragoman("memory", "export", "--tenant", "nobody").code == 2
    assert dragoman("memory", "erase").out == "Entries deleted: 1.\n"
    assert "<seg>" not in dragoman("memory", "export").out
