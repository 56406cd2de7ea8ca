"""Serves the API as `dragoman serve` does, but can keep the ledger unwritten: `python -m benchmarks.launch PORT`."""

import sys
from collections.abc import Sequence

import app.runtime
from app.errors import KeyReused
from app.ledger.entry import LedgerEntry
from app.ledger.store import Ledger, Recorded
from app.server import bind, serve_on
from app.settings import load_settings

FORGETFUL = "--forgetful"


class ForgetfulLedger(Ledger):
    """Takes every entry and writes none."""

    def append(self, entry: LedgerEntry) -> Recorded:
        return Recorded(entry, duplicate=False)

    def append_many(self, batch: Sequence[LedgerEntry]) -> list[Recorded | KeyReused]:
        return [Recorded(entry, duplicate=False) for entry in batch]


def main() -> None:
    if FORGETFUL in sys.argv:
        vars(app.runtime)["Ledger"] = ForgetfulLedger
    settings = load_settings(port=int(sys.argv[1]), log_level="warning")
    serve_on(bind(settings), settings, ready=lambda: None)


if __name__ == "__main__":
    main()
