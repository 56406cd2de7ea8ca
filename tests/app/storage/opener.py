"""A process that waits for a line, opens the database of its arguments (data folder, address) and says so."""

import sys
from pathlib import Path

from app.storage.engine import open_database

if __name__ == "__main__":
    print("ready", flush=True)  # noqa: T201
    sys.stdin.readline()
    open_database(Path(sys.argv[1]), sys.argv[2]).close()
    print("opened", flush=True)  # noqa: T201
