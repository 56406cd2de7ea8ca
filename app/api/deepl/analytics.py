"""DeepL's analytics: what each of the tenant's keys used."""

import asyncio
from collections.abc import Callable, Hashable, Mapping, Sequence
from datetime import date, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response

from app.api.access import UsageReader
from app.api.deepl import schemas
from app.api.deepl.answers import DeepLRoute
from app.api.deps import Running, reply
from app.errors import InvalidRequest
from app.ledger.byservice import KeyDay, key_days
from app.tenants.directory import Directory
from app.tenants.key import ApiKey

router = APIRouter(prefix="/v2/admin", route_class=DeepLRoute, tags=["DeepL"])

LONGEST = timedelta(days=366)
_GROUPS = ("key", "key_and_day")
_Date = Annotated[str | None, Query(description="UTC day, YYYY-MM-DD, included; needed.")]


@router.get(
    "/analytics",
    response_model=schemas.DeepLAnalytics,
    summary="What each key used, as DeepL tells it",
    name="deepl_analytics",
)
async def analytics(
    running: Running,
    caller: UsageReader,
    start_date: _Date = None,
    end_date: _Date = None,
    group_by: Annotated[str | None, Query(description="`key` or `key_and_day`.")] = None,
) -> Response:
    """Characters billed to the tenant, today's included; an organisation there is a tenant here."""
    since, until = _day(start_date, "start_date"), _day(end_date, "end_date")
    if until < since or until - since > LONGEST:
        raise InvalidRequest("Value for 'end_date' not supported: up to 366 days after 'start_date'.")
    if group_by is not None and group_by not in _GROUPS:
        raise InvalidRequest("Invalid value for 'group_by'.")
    tenant = caller.tenant.name
    found = await asyncio.to_thread(key_days, running.database, tenant, since=since, until=until)
    keys = {
        key.id: key for key in await asyncio.to_thread(Directory(running.database).keys, tenant) if group_by
    }
    report = {"total_usage": _sum(found), "start_date": _moment(since), "end_date": _moment(until)}
    return reply({"usage_report": {**report, **_grouped(group_by, found, keys)}})


def _grouped(group_by: str | None, found: Sequence[KeyDay], keys: Mapping[str, ApiKey]) -> dict[str, Any]:
    if group_by is None:
        return {}
    if group_by == "key":
        usages = [
            {**_named(rows[0].key_id, keys), "usage": _sum(rows)}
            for rows in _by(found, lambda each: each.key_id)
        ]
        return {"group_by": group_by, "key_usages": usages}
    usages = [
        {**_named(rows[0].key_id, keys), "usage_date": _moment(rows[0].day), "usage": _sum(rows)}
        for rows in _by(found, lambda each: (each.key_id, each.day))
    ]
    return {"group_by": group_by, "key_and_day_usages": usages}


def _by(found: Sequence[KeyDay], what: Callable[[KeyDay], Hashable]) -> list[list[KeyDay]]:
    groups: dict[Hashable, list[KeyDay]] = {}
    for each in found:
        groups.setdefault(what(each), []).append(each)
    return list(groups.values())


def _named(key_id: str, keys: Mapping[str, ApiKey]) -> dict[str, str]:
    key = keys.get(key_id)
    if key is None:
        return {"api_key": key_id or "none", "api_key_label": ""}
    return {"api_key": f"{key.prefix}****", "api_key_label": key.name}


def _sum(found: Sequence[KeyDay]) -> dict[str, int]:
    texts, documents = sum(each.texts for each in found), sum(each.documents for each in found)
    return {
        "total_characters": texts + documents,
        "text_translation_characters": texts,
        "document_translation_characters": documents,
        "text_improvement_characters": 0,
    }


def _day(given: str | None, name: str) -> date:
    """A date, or a moment, of which the day counts."""
    if not given:
        raise InvalidRequest(f"Parameter '{name}' not specified.")
    try:
        return date.fromisoformat(given[:10])
    except ValueError:
        raise InvalidRequest(f"Invalid value for '{name}'.") from None


def _moment(day: date) -> str:
    return f"{day.isoformat()}T00:00:00Z"
