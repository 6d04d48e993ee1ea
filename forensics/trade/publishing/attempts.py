"""Failed logins: who tries too often is locked out, and not the reader whose name was tried."""

import ipaddress
from collections import OrderedDict

__all__ = ["MAX_ADDRESSES", "MAX_FAILURES", "WINDOW_SECONDS", "Attempts"]

MAX_FAILURES, WINDOW_SECONDS = 5, 900
"""Wrong passwords of an address within a time after which it must wait."""
MAX_ADDRESSES = 10_000
"""Addresses that are remembered; the oldest are forgotten first."""
_HOST_BITS = 64
"""Of an IPv6 address, which one reader may change as they like (RFC 4291, section 2.5.1)."""


class Attempts:
    """Times of failed logins by address."""

    def __init__(self) -> None:
        self._times: OrderedDict[str, list[float]] = OrderedDict()

    def begin(self, address: str, now: float) -> bool:
        """Return whether an address may try; the attempt counts as failed until `succeed` takes it back.

        So attempts that are made at once are all counted before any of their passwords is looked at.
        """
        key = network_of(address)
        recent = [time for time in self._times.get(key, []) if now - time < WINDOW_SECONDS]
        if len(recent) >= MAX_FAILURES:
            self._times[key] = recent
            return False
        self._times[key] = [*recent, now]
        self._times.move_to_end(key)
        while len(self._times) > MAX_ADDRESSES:
            self._times.popitem(last=False)
        return True

    def succeed(self, address: str, now: float) -> None:
        """Take back the attempt that began at `now`; the failures before it stay counted."""
        times = self._times.get(network_of(address), [])
        if now in times:
            times.remove(now)


def network_of(address: str) -> str:
    """Return what of an address its reader cannot change at will.

    Examples
    --------
    >>> network_of("192.0.2.7"), network_of("2001:db8::1:2"), network_of("2001:db8::ffff:9")
    ('192.0.2.7', '2001:db8::', '2001:db8::')
    """
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address[:100]
    if isinstance(parsed, ipaddress.IPv4Address):
        return str(parsed)
    if parsed.ipv4_mapped:
        return str(parsed.ipv4_mapped)
    return str(ipaddress.IPv6Address(int(parsed) >> _HOST_BITS << _HOST_BITS))
