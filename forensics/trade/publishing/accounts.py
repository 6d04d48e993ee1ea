"""Names, clearances and hashed passwords: one line each, ``name:clearance:salt:hash``."""

import hashlib
import hmac
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass

from forensics.errors import UsageError
from forensics.messages import _

__all__ = ["CLEARANCES", "MIN_PASSWORD", "Account", "check", "new_line", "read_accounts"]

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
