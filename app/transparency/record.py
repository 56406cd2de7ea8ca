"""The whole record as it is written to transparency.json, and as its page shows it."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from pydantic import SecretStr

from app import __version__
from app.flags import FLAGS
from app.ledger.report import UsageRow
from app.settings import Settings
from app.transparency.facts import Facts
from app.transparency.holdings import holdings, undescribed
from app.transparency.measured import cards, limits, pairs
from app.transparency.standard import Field, Source, fields

FORM = "dragoman-transparency/1"


def body(facts: Facts, answers: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Raises ConfigurationError for an answer to no field."""
    asked = fields(facts, answers or {})
    return {
        "form": FORM,
        "version": __version__,
        "made_at": facts.made.isoformat(timespec="seconds"),
        "fields": [_field(each) for each in asked],
        "open_fields": [each.key for each in asked if each.source is Source.MISSING],
        "models": cards(facts),
        "pairs": pairs(facts),
        "limits": limits(facts),
        "flags": dict(FLAGS),
        "doubts": {"segments": facts.doubts.segments, "flagged": dict(facts.doubts.flagged)},
        "stored": [asdict(each) for each in holdings(facts)],
        "tables": dict(facts.rows),
        "undescribed_tables": undescribed(facts),
        "use": _use(facts),
        "database": asdict(facts.database),
        "keys": {scope.value: count for scope, count in facts.keys.items()},
        "settings": settings_body(facts.settings),
    }


def settings_body(settings: Settings) -> list[dict[str, Any]]:
    """Of secrets only whether they are set."""
    return [
        {
            "name": f"DRAGOMAN_{name.upper()}",
            "value": _plain(getattr(settings, name)),
            "set": name in settings.model_fields_set,
        }
        for name in type(settings).model_fields
    ]


def _plain(value: object) -> object:
    if isinstance(value, SecretStr):
        return "(secret, set)" if value.get_secret_value() else ""
    return value if isinstance(value, bool | int | float) else str(value)


def _field(field: Field) -> dict[str, str]:
    return {
        "key": field.key,
        "section": field.section,
        "title": field.title,
        "answer": field.answer,
        "source": field.source.value,
    }


def _use(facts: Facts) -> dict[str, Any]:
    return {
        "since": None if facts.used.since is None else facts.used.since.isoformat(),
        "totals": _figures(facts.used.totals),
        **{
            f"by_{section.group_by}": {row.key: _figures(row) for row in section.rows}
            for section in facts.used.sections
        },
        "other_currencies": list(facts.used.other_currencies),
    }


def _figures(row: UsageRow) -> dict[str, int]:
    return {
        "requests": row.requests,
        "segments": row.segments,
        "characters": row.characters,
        "failed_characters": row.failed_characters,
    }
