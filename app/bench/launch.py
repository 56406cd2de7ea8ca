"""Serves the API as `dragoman serve` does, but can keep the ledger unwritten: `python -m app.bench.launch PORT`."""

import sys
from collections.abc import Sequence

import app.runtime
from app.errors import KeyReused
from app.ledger.store import Ledger, Posting, Recorded
from app.server import bind, serve_on
from app.settings import load_settings

FORGETFUL = "--forgetful"


class ForgetfulLedger(Ledger):
    """Takes every entry and writes none."""

    def append_many(self, postings: Sequence[Posting]) -> list[Recorded | KeyReused]:
        return [Recorded(posting.entry, duplicate=False) for posting in postings]


def main() -> None:
    if FORGETFUL in sys.argv:
        vars(app.runtime)["Ledger"] = ForgetfulLedger
    settings = load_settings(port=int(sys.argv[1]), log_level="warning")
    serve_on(bind(settings), settings, ready=lambda: None)


if __name__ == "__main__":
    main()
