"""A model directory whose model answers with its source: everything but the engine can be measured with it."""

import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

CARD = {"id": "starter-en-pt", "pairs": [{"source": "en", "target": "pt"}], "architecture": "identity"}
"""Takes the starter model's place by its id."""


@contextmanager
def weightless() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        model = Path(folder) / "identity"
        model.mkdir()
        (model / "card.json").write_text(json.dumps(CARD), encoding="utf-8")
        yield Path(folder)
