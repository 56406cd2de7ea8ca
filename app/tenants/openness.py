"""Who may come in without a key: decided once, by where the service listens."""

import ipaddress
import socket

from app.errors import ConfigurationError
from app.settings import Settings
from app.storage.engine import Database
from app.tenants.directory import Directory


def is_open(settings: Settings) -> bool:
    """Whether callers without a key are let in, as the tenant `local`."""
    return settings.auth == "open" or (settings.auth == "auto" and is_loopback(settings.host))


def require_a_key(settings: Settings, database: Database) -> None:
    """Raises ConfigurationError while there is none: better said at start than by 401 to everyone."""
    if Directory(database).has_usable_key():
        return
    raise ConfigurationError(
        f"Refusing to listen on {settings.host}: anyone who reaches that address would need a key, and there is "
        f"none yet. Make one with `dragoman tenants create NAME` and `dragoman keys create --tenant NAME`, "
        f"listen on 127.0.0.1, or set DRAGOMAN_AUTH=open if a proxy that authenticates stands in front."
    )


def remark(settings: Settings, database: Database) -> str | None:
    """What an operator may not have meant, to be said at start."""
    keys = Directory(database).has_usable_key()
    if settings.auth == "auto" and is_open(settings) and keys:
        return (
            "There are keys, but callers on this machine need none: a proxy here would let everyone in as the "
            "tenant local. DRAGOMAN_AUTH=required asks everyone for a key."
        )
    if settings.auth == "required" and not keys:
        return "Nobody has a key yet, so everyone is refused. Make one with `dragoman keys create --tenant NAME`."
    return None


def is_loopback(host: str) -> bool:
    """A name counts by the address it stands for; one that stands for none is no loopback."""
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except OSError:
        return False
    return ipaddress.ip_address(str(found[0][4][0]).partition("%")[0]).is_loopback
