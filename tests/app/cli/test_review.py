"""`dragoman review` on this machine's database."""

import json
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import insert

from app.ledger.rows import microseconds
from app.review.tables import verdicts
from app.storage.engine import open_database
from tests.app.cli.conftest import Call


def test_agreement_and_erase(dragoman: Call, tmp_path: Path) -> None:
    database = open_database(tmp_path / "data")
    now = microseconds(datetime.now(UTC))
    row = {"chunk": 0, "unit": 0, "tenant": "local", "source": "pt", "target": "en", "models": "one+two"}
    row |= {"decided_at": now, "expires_at": 2 * now}
    with database.transaction() as connection:
        for segment, verdict in enumerate(("accepted", "accepted", "corrected", "escalated")):
            job = f"job_{segment // 2}"
            connection.execute(
                insert(verdicts), [{**row, "job": job, "segment": segment, "verdict": verdict}]
            )
    database.close()
    (found,) = json.loads(dragoman("review", "agreement", "--json").out)["agreement"]
    assert (found["models"], found["accepted"], found["agreement"]) == (["one", "two"], 2, 0.6667)
    table = dragoman("review", "agreement").out
    assert "one + two" in table
    assert "66.7%" in table
    assert dragoman("review", "agreement", "--tenant", "nobody").code == 2
    assert dragoman("review", "erase", "--older-than", "1d").out == "0 verdicts deleted.\n"
    assert dragoman("review", "erase", "--job", "job_1").out == "2 verdicts deleted.\n"
    assert dragoman("review", "erase").out == "2 verdicts deleted.\n"
    assert "verdicts.erased" in dragoman("audit", "list").out
