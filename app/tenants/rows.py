"""Tenants and keys to and from rows."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import RowMapping

from app.ledger.rows import microseconds
from app.tenants.key import ApiKey
from app.tenants.tenant import Budget, Rates, Recall, Scope, Status, Tenant

_SCOPES = frozenset(Scope)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def tenant_row(tenant: Tenant) -> dict[str, Any]:
    return {
        "name": tenant.name,
        "created_at": microseconds(tenant.created_at),
        "status": tenant.status.value,
        **_rates_row(tenant.rates),
        "monthly_characters": tenant.budget.characters,
        "monthly_price_nanos": tenant.budget.price_nanos,
        "hard": tenant.budget.hard,
        "memory": tenant.memory,
    }


def tenant(row: RowMapping) -> Tenant:
    return Tenant(
        name=row["name"],
        created_at=moment(row["created_at"]),
        status=Status(row["status"]),
        rates=_rates(row),
        budget=Budget(row["monthly_characters"], row["monthly_price_nanos"], hard=row["hard"]),
        memory=None if row["memory"] is None else Recall(row["memory"]),
    )


def key_row(key: ApiKey, *, digest: str) -> dict[str, Any]:
    return {
        "id": key.id,
        "tenant": key.tenant,
        "name": key.name,
        "digest": digest,
        "prefix": key.prefix,
        "scopes": " ".join(sorted(key.scopes)),
        **_rates_row(key.rates),
        "created_at": microseconds(key.created_at),
        "expires_at": None if key.expires_at is None else microseconds(key.expires_at),
        "revoked_at": None if key.revoked_at is None else microseconds(key.revoked_at),
        "last_used_at": None,
    }


def api_key(row: RowMapping) -> ApiKey:
    return ApiKey(
        id=row["id"],
        tenant=row["tenant"],
        name=row["name"],
        prefix=row["prefix"],
        created_at=moment(row["created_at"]),
        # What a later release lets a key do is nothing here, and no reason to refuse the key.
        scopes=frozenset(Scope(each) for each in row["scopes"].split() if each in _SCOPES),
        rates=_rates(row),
        expires_at=_perhaps(row["expires_at"]),
        revoked_at=_perhaps(row["revoked_at"]),
        last_used_at=_perhaps(row["last_used_at"]),
    )


def moment(microseconds: int) -> datetime:
    return _EPOCH + timedelta(microseconds=microseconds)


def _perhaps(microseconds: int | None) -> datetime | None:
    return None if microseconds is None else moment(microseconds)


def _rates_row(rates: Rates) -> dict[str, int | None]:
    return {"requests_per_minute": rates.requests, "characters_per_minute": rates.characters}


def _rates(row: RowMapping) -> Rates:
    return Rates(row["requests_per_minute"], row["characters_per_minute"])
