"""The file in which a witness keeps the heads that it has seen."""

import os
from collections.abc import Sequence
from pathlib import Path

from forensics.custody.canonical import canonical, parse_json
from forensics.custody.head_files import MAX_FILE, check_members
from forensics.custody.heads import SignedHead
from forensics.errors import InputError, VerificationError
from forensics.io.files import replace_file
from forensics.io.inputs import read_limited
from forensics.messages import _

__all__ = ["SEEN_FORMAT", "read_seen", "write_seen"]

SEEN_FORMAT = "forensics-seen-1"


def write_seen(path: str | os.PathLike[str], seen: Sequence[SignedHead]) -> None:
    """Write the heads that a witness keeps, whole or not at all."""
    content = {"format": SEEN_FORMAT, "heads": [signed.to_dict() for signed in seen]}
    replace_file(path, canonical(content) + b"\n")


def read_seen(path: str | os.PathLike[str]) -> tuple[SignedHead, ...]:
    """Read the heads that a witness keeps; no file means none yet.

    Raises
    ------
    InputError
        If this is no such file.
    VerificationError
        If the witness's signature under one of them is missing or wrong: the file was changed.
    """
    if not Path(path).exists():
        return ()
    source = str(Path(path))
    content = parse_json(read_limited(path, MAX_FILE), max_bytes=MAX_FILE, source=source)
    listed = check_members(content, {"format", "heads"}, SEEN_FORMAT, source)["heads"]
    if not isinstance(listed, list):
        raise InputError(_("The heads are a list."), source=source)
    heads = []
    for number, entry in enumerate(listed, 1):
        try:
            signed = SignedHead.from_dict(entry)
        except InputError as error:
            raise InputError(error.message, source=source, record=number) from None
        if signed.witness is None or not signed.witness.verify(signed.head):
            raise VerificationError(
                _("{path}, record {number}: not what the witness signed; was it changed?").format(
                    path=path, number=number
                )
            )
        heads.append(signed)
    return tuple(heads)
