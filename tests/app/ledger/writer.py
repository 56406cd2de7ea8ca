"""A process that appends three-line entries to the ledger of its first two arguments (data folder,
address), named by number.

It waits for a line, writes as many as its third argument says, and tells each once it is recorded.
"""

import sys
from pathlib import Path

from app.ledger.store import Ledger
from app.storage.engine import open_database
from tests.app.ledger.examples import entry, line

if __name__ == "__main__":
    database = open_database(Path(sys.argv[1]), sys.argv[2])
    ledger = Ledger(database)
    print("ready", flush=True)  # noqa: T201
    sys.stdin.readline()
    for n in range(int(sys.argv[3])):
        lines = (line(), line("en", "pt", characters=5), line("und", "en", models=()))
        recorded = ledger.append(entry(f"key-{n}", *lines))
        print("duplicate" if recorded.duplicate else "charged", flush=True)  # noqa: T201
    database.close()
