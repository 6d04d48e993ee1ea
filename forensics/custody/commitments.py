"""Commitments: a field can be shown later, or never, and cannot be changed meanwhile.

An event is signed over commitments of its fields, not over the fields. Each has a random salt
of its own, so a withheld name cannot be found by trying names, and one field can be
opened while the others stay closed. Erasing name, value and salt leaves the signature valid.
"""

import hashlib
import hmac
import secrets
from dataclasses import dataclass, field
from typing import Any

from forensics.custody.canonical import canonical
from forensics.errors import InputError
from forensics.messages import _

__all__ = ["SALT_BYTES", "Opening", "commit", "matches", "new_salt"]

SALT_BYTES = 32
"""As long as the hash: a withheld field is as hard to guess as the hash is to invert."""

_DOMAIN = b"forensics-field-1\x00"


def new_salt() -> bytes:
    """Return `SALT_BYTES` random bytes of the operating system."""
    return secrets.token_bytes(SALT_BYTES)


def commit(name: str, value: object, salt: bytes) -> str:
    """Return the commitment of a field: 64 hex digits.

    Parameters
    ----------
    name : str
        Name of the field.
    value : object
        Anything that `canonical` takes.
    salt : bytes
        `SALT_BYTES` bytes, from `new_salt`, for this field only.

    Raises
    ------
    InputError
        If the value has no canonical form or the salt another length.
    """
    if len(salt) != SALT_BYTES:
        raise InputError(
            _("The salt of field {name!r} has {found} bytes, expected {expected}.").format(
                name=name, found=len(salt), expected=SALT_BYTES
            )
        )
    return hashlib.sha256(_DOMAIN + salt + canonical([name, value])).hexdigest()


@dataclass(frozen=True)
class Opening:
    """What opens one commitment.

    Attributes
    ----------
    name : str
    value : object
    salt : bytes
        Left out, a new one is drawn: ``Opening("seal", "WCO 004417")`` is a new field.
    """

    name: str
    value: object
    salt: bytes = field(default_factory=new_salt)

    @property
    def commitment(self) -> str:
        """The commitment that this opens, 64 hex digits."""
        return commit(self.name, self.value, self.salt)

    def to_dict(self) -> dict[str, Any]:
        """Return ``{"name", "salt", "value"}`` with the salt in hex."""
        return {"name": self.name, "salt": self.salt.hex(), "value": self.value}

    @classmethod
    def from_dict(cls, stored: object) -> "Opening":
        """Return the opening that `to_dict` wrote.

        Raises
        ------
        InputError
            If it has other members or is malformed.
        """
        if not isinstance(stored, dict) or sorted(stored) != ["name", "salt", "value"]:
            raise InputError(_("An opening has name, salt and value and nothing else."))
        name, salt = stored["name"], stored["salt"]
        if not isinstance(name, str) or not isinstance(salt, str):
            raise InputError(_("Name and salt of an opening are text."))
        if len(salt) != 2 * SALT_BYTES or set(salt) - set("0123456789abcdef"):
            raise InputError(
                _("The salt of field {name!r} is not {expected} lower-case hex digits.").format(
                    name=name, expected=2 * SALT_BYTES
                )
            )
        return cls(name, stored["value"], bytes.fromhex(salt))


def matches(opening: Opening, commitment: str) -> bool:
    """Return whether `opening` is what `commitment` (hex) was made of."""
    return hmac.compare_digest(opening.commitment.encode(), commitment.encode())
