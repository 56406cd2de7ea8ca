"""Keep of Babel's locales what Dragoman reads, the names of languages: 27 of 30 MB are dates, numbers and units.

    python scripts/slim_locales.py FOLDER          # the image's build: site-packages/babel/locale-data

It reads pickles, so give it Babel's own files alone. Prints the bytes before and after.
"""

import pickle
import sys
from pathlib import Path

KEPT = "languages"


def slim(folder: Path) -> tuple[int, int]:
    """The bytes before and after. Raises SystemExit where the folder is not what it is taken for."""
    files = sorted(folder.glob("*.dat"))
    before = sum(file.stat().st_size for file in files)
    if not any(file.name == "root.dat" for file in files):
        raise SystemExit(f"{folder} does not hold Babel's locales.")
    for file in files:
        data = pickle.loads(file.read_bytes())  # noqa: S301  as Babel itself does
        kept = {KEPT: data[KEPT]} if KEPT in data else {}
        file.write_bytes(pickle.dumps(kept, pickle.HIGHEST_PROTOCOL))
    return before, sum(file.stat().st_size for file in files)


if __name__ == "__main__":
    print("{:,} -> {:,} bytes of locales".format(*slim(Path(sys.argv[1]))))
