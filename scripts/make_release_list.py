"""Turn the list of OPUS-MT releases (facts, JSON) into models/opus-mt.tsv.

    python scripts/make_release_list.py ../shared/data/opus-mt-catalogue.json models/opus-mt.tsv

The best chrF of a release's published test sets is kept, on a scale of 0 to 100.
"""

import json
import sys
from pathlib import Path
from typing import Any

COLUMNS = ("name", "source", "target", "date", "architecture", "tokenizer", "chrf", "zip")


def main(catalogue: Path, output: Path) -> None:
    data = json.loads(catalogue.read_text(encoding="utf-8"))
    head = [f"# Origin: {data['origin']}", f"# Licence: {data['licence']}", "\t".join(COLUMNS)]
    rows = ["\t".join(_row(model)) for model in data["models"]]
    output.write_text("\n".join([*head, *rows]) + "\n", encoding="utf-8")


def _row(model: dict[str, Any]) -> tuple[str, ...]:
    release = model["release"]
    scores = [score["chrf"] for score in release["scores"] if score.get("chrf") is not None]
    return (
        model["pair"],
        " ".join(model["source"]),
        " ".join(model["target"]),
        release["date"],
        release["architecture"],
        release["tokenizer"],
        f"{100 * max(scores):.1f}" if scores else "",
        release["zip"],
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
