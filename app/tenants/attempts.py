"""Wrong keys by address: after too many in a minute, no more are looked up from there. Pure: no clock."""

import ipaddress
from collections import OrderedDict
from dataclasses import dataclass

MOST = 20
"""Wrong keys a minute from one address."""

WINDOW = 60.0
"""Seconds, from the first wrong key."""

ADDRESSES = 10_000
"""Remembered at most; the one that began first is forgotten first."""

_IPV6_NETWORK = 64
"""Bits: one customer has the whole network and could come from another address each time."""


@dataclass(slots=True)
class _Window:
    began: float
    failures: int = 0


class Attempts:
    def __init__(self, *, addresses: int = ADDRESSES) -> None:
        self._addresses = addresses
        self._windows: OrderedDict[str, _Window] = OrderedDict()

    def wait(self, address: str, now: float) -> float:
        """Seconds until a key from `address` is looked up again; 0 = now."""
        window = self._windows.get(origin(address))
        if window is None or window.failures < MOST:
            return 0.0
        return max(0.0, window.began + WINDOW - now)

    def failed(self, address: str, now: float) -> None:
        place = origin(address)
        window = self._windows.get(place)
        if window is None or now >= window.began + WINDOW:
            self._windows.pop(place, None)
            window = self._windows[place] = _Window(now)
            if len(self._windows) > self._addresses:
                self._windows.popitem(last=False)
        window.failures += 1


def origin(address: str) -> str:
    """The address, or the network of an IPv6 one."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv4Address):
        return address
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(ipaddress.ip_network((parsed, _IPV6_NETWORK), strict=False))
