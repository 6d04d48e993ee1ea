"""What an authorisation approves: the decisive fields of the act, committed to one by one.

Whoever approves commits to each decisive field with a salt, as events do. The act that uses the
authorisation takes the same salts, so its own commitments are those that were approved, or it is
refused. Commitments say nothing about a value that is withheld or erased, and they can still be
compared then.
"""

import re
from collections.abc import Mapping
from typing import Any

from forensics.custody.commitments import SALT_BYTES, Opening
from forensics.custody.fields import Kind
from forensics.messages import N_

__all__ = ["APPROVED", "CONTENT", "DECISIVE", "approving", "opened", "salts"]

DECISIVE = {
    "policy": ("policy", "reason"),
    "reenrol": ("public_key", "key_expires"),
    "consume": ("quantity", "unit", "used_for", "run"),
    "split": ("samples", "loss", "method"),
    "dispose": ("method", "order"),
    "deviation": ("reason",),
    "deposit": ("name",),
    "correct": ("field", "old", "new", "reason"),
    "erase": ("erased", "erased_files", "left", "order", "reason"),
}
"""Type of act to the fields that are approved, beside the things, the case and the subject."""

_HEX = re.compile(rf"[0-9a-f]{{{2 * SALT_BYTES}}}")


def _is_content(value: object) -> bool:
    return (
        type(value) is dict
        and len(value) > 0
        and all(
            type(part) is dict
            and set(part) == {"salt", "value"}
            and type(part["salt"]) is str
            and _HEX.fullmatch(part["salt"]) is not None
            for part in value.values()
        )
    )


def _is_approved(value: object) -> bool:
    return (
        type(value) is dict
        and len(value) > 0
        and all(
            type(commitment) is str and _HEX.fullmatch(commitment) is not None
            for commitment in value.values()
        )
    )


CONTENT = Kind(
    "NAME=VALUE",
    N_("names, each with a salt and a value"),
    _is_content,
    annotation="dict[str, Any]",
)
APPROVED = Kind("COMMITMENTS", N_("names, each with 64 lower-case hex digits"), _is_approved)


def approving(content: Mapping[str, object]) -> dict[str, Any]:
    """Return the fields of an authorisation that approves `content`.

    Parameters
    ----------
    content : mapping
        Decisive field of the act to the value that is approved.

    Returns
    -------
    dict
        ``content`` with new salts, and ``approved`` with the commitments.
    """
    openings = [Opening(name, value) for name, value in content.items()]
    return {
        "content": {
            opening.name: {"salt": opening.salt.hex(), "value": opening.value}
            for opening in openings
        },
        "approved": {opening.name: opening.commitment for opening in openings},
    }


def opened(content: Mapping[str, Mapping[str, Any]]) -> dict[str, Opening]:
    """Return the openings in the content of an authorisation, by name."""
    return {
        name: Opening(name, part["value"], bytes.fromhex(part["salt"]))
        for name, part in content.items()
    }


def salts(authorisation: Mapping[str, object] | None) -> dict[str, bytes]:
    """Return the salts that an act takes over from its authorisation (fields of that event)."""
    content: Any = (authorisation or {}).get("content")
    if not _is_content(content):
        return {}  # no authorisation, or erased: the rule says so
    return {name: bytes.fromhex(part["salt"]) for name, part in content.items()}
