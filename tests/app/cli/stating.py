"""A statement for the tests: of one sentence, by whatever made it."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from app.provenance import Origin, Signer
from app.settings import Settings

TEXT = "O homem deixou a carrinha no armazém."


def write(folder: Path, signer: Signer, translation: str) -> str:
    made = {**asdict(Origin.of(Settings())), "models": {}, "glossary": None, "enforced": False}
    segment = {"start": 0, "end": len(TEXT), "text": translation}
    chunk = {"number": 0, "made": made, "units": [{"text": TEXT, "segments": [segment]}]}
    statement: dict[str, Any] = {"source": "pt", "target": "en", "options": {}, "chunks": [chunk]}
    file = folder / "statement.json"
    file.write_text(json.dumps(signer.signed(statement)), encoding="utf-8")
    return str(file)
