"""The address of a PostgreSQL database, read without ever repeating its password."""

from dataclasses import dataclass, field

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from app.errors import ConfigurationError

SCHEME = "postgresql://"

_DEFAULTS: dict[str, str | int] = {
    "application_name": "dragoman",
    "connect_timeout": 5,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 15_000,
}
"""libpq's parameters: a machine that has gone is noticed within seconds. The address may say otherwise."""


@dataclass(frozen=True, slots=True)
class Address:
    name: str
    """For messages: database and host, neither user nor password."""

    conninfo: str = field(repr=False)
    password: str = field(repr=False)


def parse(url: str) -> Address:
    """Raises ConfigurationError, which does not repeat `url`."""
    if not url.startswith(SCHEME):
        raise _refused(f"leave it empty for SQLite, or begin it with {SCHEME}")
    try:
        given = conninfo_to_dict(url)
    except psycopg.Error:
        # libpq's own message repeats parts of the address
        raise _refused(
            "write postgresql://USER:PASSWORD@HOST:PORT/DATABASE, special characters as %XX"
        ) from None
    conninfo = make_conninfo("", **{**_DEFAULTS, **given})
    return Address(_name(given), conninfo, str(given.get("password") or ""))


def _refused(advice: str) -> ConfigurationError:
    return ConfigurationError(f"DRAGOMAN_DATABASE_URL is not the address of a PostgreSQL database: {advice}.")


def _name(given: dict[str, str | int | None]) -> str:
    database = given.get("dbname") or given.get("user") or ""
    hosts = str(given.get("host") or given.get("hostaddr") or "localhost").split(",")
    ports = str(given.get("port") or 5432).split(",")
    places = [f"{host}:{ports[min(n, len(ports) - 1)] or 5432}" for n, host in enumerate(hosts)]
    return f"PostgreSQL database {database} at {', '.join(places)}"
