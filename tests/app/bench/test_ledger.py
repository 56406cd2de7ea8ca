"""The benchmark's ledger is one that the reports and the writers take for real."""

from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text

from app.bench.ledger import _recorded, fill
from app.ledger.report import usage
from app.storage.engine import open_database

pytestmark = pytest.mark.sqlite


def test_the_filled_ledger_is_consistent(tmp_path: Path) -> None:
    open_database(tmp_path).close()
    fill(tmp_path / "dragoman.db", 5_000)
    with closing(open_database(tmp_path)) as database:
        found = usage(database, tenant=None, currency="GBP", groups=("tenant", "job", "month"))
        assert found.totals.requests == 5_000
        by_tenant = {row.key: row.requests for row in found.sections[0].rows}
        assert len(by_tenant) == 20
        assert 2_400 < by_tenant["tenant-0"] < 2_600
        with database.read() as connection:
            sums = "SELECT sum(characters), sum(price_nanos) FROM ledger_"
            lines, entries, rolled = (
                connection.execute(text(sums + table)).one() for table in ("line", "entry", "rollup")
            )
        assert lines == entries == rolled
        assert _recorded(database) > 0
