"""Who may log in: names, clearances and hashed passwords, a line each, ``name:clearance:salt:hash``; failed logins.

Who tries too often is locked out by address, and not the reader whose name was tried.
"""

import hashlib
import hmac
import ipaddress
import re
import secrets
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass

from forensics.errors import UsageError
from forensics.messages import _

CLEARANCES = ("public", "parties", "secretariat")
"""From the widest circle of readers to the narrowest; each sees what those before it see."""
MIN_PASSWORD = 12
_COST = {"n": 2**15, "r": 8, "p": 1, "maxmem": 2**26}  # RFC 7914; 32 MB, some 0.1 s
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,39}")


@dataclass(frozen=True)
class Account:
    """A reader who may log in."""

    name: str
    clearance: str
    salt: bytes
    digest: bytes


def new_line(name: str, clearance: str, password: str) -> str:
    """Return the line of an account.

    Raises
    ------
    UsageError
    """
    if not _NAME.fullmatch(name):
        raise UsageError(
            _(
                "{name!r} is not a name of an account: a-z, 0-9, full stop, - and _, at most 40."
            ).format(name=name[:60])
        )
    if clearance not in CLEARANCES[1:]:
        raise UsageError(_("{found!r} is not a clearance to log in with.").format(found=clearance))
    if len(password) < MIN_PASSWORD:
        raise UsageError(
            _("A password has at least {count} characters.").format(count=MIN_PASSWORD)
        )
    salt = secrets.token_bytes(16)
    return f"{name}:{clearance}:{salt.hex()}:{_digest(password, salt).hex()}"


def read_accounts(text: str) -> dict[str, Account]:
    """Return accounts by name.

    Raises
    ------
    UsageError
        Naming the line that is none. Its content is not repeated.
    """
    accounts: dict[str, Account] = {}
    for number, line in enumerate(text.split(), 1):
        parts = line.split(":")
        try:
            name, clearance, salt, digest = parts
            if not _NAME.fullmatch(name) or clearance not in CLEARANCES[1:] or name in accounts:
                raise ValueError
            accounts[name] = Account(name, clearance, bytes.fromhex(salt), bytes.fromhex(digest))
            if len(accounts[name].salt) < 16 or len(accounts[name].digest) != 32:
                raise ValueError
        except ValueError as error:
            raise UsageError(
                _(
                    "Accounts, line {number}: expected name:clearance:salt:hash as forensics trade "
                    "serve --account prints it, each name once."
                ).format(number=number)
            ) from error
    return accounts


def check(accounts: Mapping[str, Account], name: str, password: str) -> Account | None:
    """Return the account if the password is right; it takes as long where there is no such name."""
    account = accounts.get(name)
    salt, expected = (account.salt, account.digest) if account else (bytes(16), bytes(32))
    right = hmac.compare_digest(_digest(password[:1000], salt), expected)
    return account if right and account else None


def _digest(password: str, salt: bytes) -> bytes:
    return hashlib.scrypt(password.encode(), salt=salt, dklen=32, **_COST)


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
