"""How many connections each address has (of IPv6 each network of a customer): one alone must not take all there are."""

import logging
import time
from collections import Counter
from ipaddress import IPv4Network, IPv6Network, ip_network

from app.tenants.attempts import origin

log = logging.getLogger("dragoman")

QUIET = 60.0
"""Seconds between two lines in the log about it."""


class Crowd:
    """Lives on the event loop."""

    def __init__(self, most: int, *, trusted: tuple[IPv4Network | IPv6Network, ...] = ()) -> None:
        """`most` of one address, 0 for any number; `trusted`: proxies, whose connections are many callers'."""
        self._most = most
        self._trusted = trusted
        self._here: Counter[str] = Counter()
        self._said = float("-inf")

    def enter(self, address: str) -> bool:
        """Whether there is room for another; whoever was let in has to leave."""
        one = origin(address)
        if self._most and self._here[one] >= self._most and not self._is_trusted(one):
            self._say()
            return False
        self._here[one] += 1
        return True

    def leave(self, address: str) -> None:
        one = origin(address)
        self._here[one] -= 1
        if not self._here[one]:
            del self._here[one]

    def _is_trusted(self, one: str) -> bool:
        try:
            found = ip_network(one)
        except ValueError:
            return False
        return any(found.version == each.version and found.subnet_of(each) for each in self._trusted)  # type: ignore[arg-type]

    def _say(self) -> None:
        now = time.monotonic()
        if now - self._said >= QUIET:
            self._said = now
            log.warning(
                "One address has %d connections: more of it are refused. Name a proxy in DRAGOMAN_TRUSTED_PROXIES, or "
                "raise DRAGOMAN_CONNECTIONS_PER_ADDRESS.",
                self._most,
            )
