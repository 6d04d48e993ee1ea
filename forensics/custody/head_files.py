"""Head files: what leaves the house, and what a witness checks before it countersigns.

A witness (another laboratory, a court) keeps the heads it has seen in a file of its own, and signs
a new one only where a proof shows that it continues the last.
"""

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from forensics.custody.canonical import canonical, parse_json
from forensics.custody.heads import Head, SignedHead, countersign, hex_digits
from forensics.custody.keys import PublicKey, SigningKey
from forensics.custody.merkle import verify_consistency
from forensics.errors import InputError, VerificationError
from forensics.io.files import replace_file
from forensics.io.inputs import read_limited
from forensics.messages import _

__all__ = [
    "MAX_FILE",
    "SEEN_FORMAT",
    "HeadFile",
    "check_members",
    "read_head",
    "read_seen",
    "witness_head",
    "write_head",
    "write_seen",
]

FILE_FORMAT = "forensics-head-file-1"
MAX_FILE = 16 * 2**20


@dataclass(frozen=True)
class HeadFile:
    """What leaves the house: a signed head, its signer's public key, and proofs from older heads.

    Attributes
    ----------
    signed : SignedHead
    public_key : PublicKey
        Of the keeper. A witness that sees it for the first time compares its id by other means.
    consistency : dict
        Size of an older head to the proof (sequence of 32 bytes each) that this one continues it.
    """

    signed: SignedHead
    public_key: PublicKey
    consistency: Mapping[int, Sequence[bytes]]


def write_head(path: str | os.PathLike[str], head_file: HeadFile) -> None:
    """Write a head to a file, whole or not at all."""
    content = {
        "format": FILE_FORMAT,
        "signed": head_file.signed.to_dict(),
        "public_key": head_file.public_key.text,
        "consistency": {
            str(size): [part.hex() for part in proof]
            for size, proof in head_file.consistency.items()
        },
    }
    replace_file(path, canonical(content) + b"\n")


def read_head(path: str | os.PathLike[str]) -> HeadFile:
    """Read a head that `write_head` wrote, and check its signatures.

    Raises
    ------
    InputError
        If this is no such file.
    VerificationError
        If a signature in it is not by the key in it.
    """
    source = str(Path(path))
    document = parse_json(read_limited(path, MAX_FILE), max_bytes=MAX_FILE, source=source)
    try:
        check_members(document, {"format", "signed", "public_key", "consistency"}, FILE_FORMAT)
        result = HeadFile(
            SignedHead.from_dict(document["signed"]),
            PublicKey.from_text(document["public_key"]),
            _proofs(document["consistency"]),
        )
    except InputError as error:
        raise InputError(error.message, source=source) from None
    if not result.signed.verify(result.public_key):
        raise VerificationError(
            _("{path}: the head is not signed by the key that the file gives.").format(path=path)
        )
    return result


def _proofs(stored: object) -> dict[int, list[bytes]]:
    if not isinstance(stored, dict):
        raise InputError(_("Proofs of consistency are an object of lists."))
    proofs = {}
    for size, proof in stored.items():
        if not re.fullmatch(r"[1-9][0-9]{0,15}", size) or not isinstance(proof, list):
            raise InputError(_("A proof of consistency is a list under a size."))
        proofs[int(size)] = [bytes.fromhex(hex_digits(part, 64, "proof")) for part in proof]
    return proofs


def witness_head(
    head_file: HeadFile, seen: Sequence[SignedHead], key: SigningKey, *, name: str
) -> SignedHead:
    """Return the head countersigned, if it continues what this witness has seen of the ledger.

    Parameters
    ----------
    head_file : HeadFile
        From `read_head`.
    seen : sequence of SignedHead
        From `read_seen`; other ledgers may be among them.
    key : SigningKey
        The witness's.
    name : str
        The witness's.

    Returns
    -------
    SignedHead
        To be returned to the keeper, and kept: ``write_seen(path, (*seen, result))``.

    Raises
    ------
    VerificationError
        If the ledger is smaller than it was (events were dropped) or tells another history (a
        fork), or its signature is wrong.
    InputError
        If the file gives no proof from the last head that was seen.
    """
    head = head_file.signed.head
    if not head_file.signed.verify(head_file.public_key):
        raise VerificationError(_("The head is not signed by the key that it names."))
    earlier_heads = [signed.head for signed in seen if signed.head.ledger == head.ledger]
    last = max(earlier_heads, key=lambda head: head.size, default=None)
    if last is not None:
        _check_growth(last, head, head_file.consistency)
    return countersign(head_file.signed, key, name=name, seen=last.size if last else 0)


def _check_growth(last: Head, head: Head, consistency: Mapping[int, Sequence[bytes]]) -> None:
    both = {"old": last.fingerprint, "new": head.fingerprint}
    if head.size < last.size:
        raise VerificationError(
            _(
                "Rollback: the head {new} has fewer events than {old}, which was seen before. "
                "Keep both files; events were dropped, or this is an old head."
            ).format(**both)
        )
    if head.size > last.size and last.size not in consistency:
        raise InputError(
            _(
                "No proof that the head {new} continues {old}, which was seen last. "
                "Ask the keeper for a head with a proof from {size} events."
            ).format(**both, size=last.size)
        )
    proof = consistency.get(last.size, ()) if head.size > last.size else ()
    if not verify_consistency(last.size, head.size, last.root, head.root, proof):
        raise VerificationError(
            _(
                "Fork: the head {new} does not continue {old}, which was seen before. "
                "Keep both files: together they prove that the ledger was rewritten."
            ).format(**both)
        )


def check_members(
    content: object, names: set[str], form: str, source: str | None = None
) -> dict[str, object]:
    """Return the content of a file when it has these members and is of this format.

    Raises
    ------
    InputError
    """
    if not isinstance(content, dict) or set(content) != names or content["format"] != form:
        raise InputError(_("This is not a file of format {form}.").format(form=form), source=source)
    return content


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
