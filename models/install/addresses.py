"""Addresses of models: what of them is written down or shown, and what only the server is told."""

from hashlib import blake2b
from urllib.parse import unquote, urlsplit, urlunsplit

from models.contracts import InstallError


def bare(url: str) -> str:
    """Without what may be a secret: name and password, query (a signed address has its signature there), fragment."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return url.partition("?")[0].rpartition("@")[2]
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))


def apart(url: str) -> tuple[str, tuple[str, str] | None]:
    """The address without the name and password in it; and those. Raises InstallError for what is no address."""
    try:
        parts = urlsplit(url)
    except ValueError:
        raise InstallError(f"{bare(url)[:200]!a} is no address that anything can be fetched from.") from None
    user, at, host = parts.netloc.rpartition("@")
    if not at:
        return url, None
    name, _, password = user.partition(":")
    return urlunsplit(parts._replace(netloc=host)), (unquote(name), unquote(password))


def query_mark(url: str) -> str:
    """Tells addresses apart that differ in their query only, and does not tell the query; empty without one."""
    query = url.partition("?")[2]
    return f"-{blake2b(query.encode(), digest_size=8).hexdigest()}" if query else ""
