"""Glossaries as plain JSON values: what the API and `--json` on the command line print alike."""

from typing import Any

from app.glossary import store
from app.glossary.store import Summary
from app.glossary.terms import Edition


def summary(found: Summary) -> dict[str, Any]:
    return {
        "id": found.id,
        "name": found.name,
        "version": found.version,
        "created_at": found.created_at.isoformat(),
        "changed_at": found.changed_at.isoformat(),
        "size": found.size,
        "pairs": [
            {"source": source, "target": target, "terms": terms} for source, target, terms in found.pairs
        ],
    }


def glossary(found: Edition) -> dict[str, Any]:
    return {**summary(store.summary(found)), **found.terms.body()}
