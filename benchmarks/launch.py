"""Serves the API in a process of its own, as `dragoman serve` does, with the ledger on or off.

    python -m benchmarks.launch --port 8080 [--forgetful]
"""

import argparse
from collections.abc import Sequence

import uvicorn

import app.runtime
from app.errors import KeyReused
from app.ledger.entry import LedgerEntry
from app.ledger.store import Ledger, Recorded
from app.main import create_app
from app.settings import load_settings


class ForgetfulLedger(Ledger):
    """Takes every entry and writes none."""

    def append(self, entry: LedgerEntry) -> Recorded:
        return Recorded(entry, duplicate=False)

    def append_many(self, batch: Sequence[LedgerEntry]) -> list[Recorded | KeyReused]:
        return [Recorded(entry, duplicate=False) for entry in batch]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--forgetful", action="store_true")
    given = parser.parse_args()
    if given.forgetful:
        app.runtime.Ledger = ForgetfulLedger  # type: ignore[misc]
    settings = load_settings(port=given.port)
    uvicorn.run(
        create_app(settings), host=settings.host, port=settings.port, log_level="warning", access_log=False
    )


if __name__ == "__main__":
    main()
