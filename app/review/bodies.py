"""Items, memories and agreement as plain JSON values."""

from typing import Any

from app.review.likeness import Match
from app.review.memory import Entry
from app.review.queue import Item
from app.review.reviews import Agreement


def item(found: Item) -> dict[str, Any]:
    return {
        "id": str(found.place),
        "job": found.place.job,
        "document": found.document,
        "where": found.where,
        "source_language": found.source,
        "target_language": found.target,
        "source": found.source_text,
        "text": found.text,
        "flags": list(found.flags),
        "models": list(found.models),
        "matches": [match(each) for each in found.matches],
    }


def match(found: Match) -> dict[str, Any]:
    return {
        "source": found.entry.source_text,
        "text": found.entry.target_text,
        "score": found.score,
        "exact": found.score == 100,
        "origin": "memory",
    }


def entry(found: Entry) -> dict[str, Any]:
    return {
        "id": found.id,
        "source_language": found.source,
        "target_language": found.target,
        "source": found.source_text,
        "text": found.target_text,
        "changed_at": found.changed_at.isoformat(),
        "key_id": found.key_id,
        "segment": found.place,
    }


def agreement(found: Agreement) -> dict[str, Any]:
    return {
        "source_language": found.source,
        "target_language": found.target,
        "models": found.models.split("+") if found.models else [],
        "accepted": found.accepted,
        "corrected": found.corrected,
        "escalated": found.escalated,
        "agreement": None if found.share is None else round(found.share, 4),
    }
