"""Proofs of what a ledger holds: the Merkle tree of RFC 9162, and commitments to fields.

The tree gives short proofs that an event is there and that nothing was lost. `Frontier` is what an append needs
(at most 64 hashes), `Tree` what proofs need (all leaves). The verifier of a bundle
(`forensics.custody.verify_bundle`) checks them without either.

An event is signed over commitments of its fields, not over the fields, so that a field can be shown later, or
never, and cannot be changed meanwhile. Each has a random salt of its own: a withheld name cannot be found by
trying names, and one field can be opened while the others stay closed. Erasing name, value and salt leaves the
signature valid.

References
----------
B. Laurie, E. Messeri, R. Stradling (2021) Certificate Transparency Version 2.0. RFC 9162,
section 2.1. doi:10.17487/RFC9162
"""

import hmac
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from hashlib import sha256
from typing import Any

from forensics.custody.canonical import canonical
from forensics.errors import InputError
from forensics.messages import _

HASH_BYTES = 32
EMPTY_ROOT = sha256().digest()
"""Root of the tree without leaves."""


def leaf_hash(data: bytes) -> bytes:
    """Return the hash of a leaf that holds `data`."""
    return sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of the node over two others."""
    return sha256(b"\x01" + left + right).digest()


class Frontier:
    """The whole subtrees at the right edge of a tree: enough to append and to know the root.

    Parameters
    ----------
    hashes : iterable of bytes
        Hashes of leaves to begin with.

    Attributes
    ----------
    size : int
        Leaves so far.
    """

    def __init__(self, hashes: Iterable[bytes] = ()) -> None:
        self.size = 0
        self._subtrees: list[bytes] = []  # largest first: one for each bit set in size
        for leaf in hashes:
            self.append(leaf)

    def append(self, leaf: bytes) -> None:
        """Add the hash of a leaf: O(log n), on average two hashes."""
        self.size += 1
        full = self.size
        while not full & 1:
            leaf = node_hash(self._subtrees.pop(), leaf)
            full >>= 1
        self._subtrees.append(leaf)

    @classmethod
    def of(cls, size: int, subtrees: Iterable[bytes]) -> "Frontier":
        """Return the frontier of a tree of `size` leaves with these roots of whole subtrees.

        Raises
        ------
        ValueError
            If a tree of that size has not so many.
        """
        other = cls()
        other.size, other._subtrees = size, [*subtrees]
        if size.bit_count() != len(other._subtrees):
            raise ValueError(f"{size} leaves have not {len(other._subtrees)} whole subtrees")
        return other

    @property
    def subtrees(self) -> list[bytes]:
        """Roots of the whole subtrees, the largest first."""
        return [*self._subtrees]

    @property
    def root(self) -> bytes:
        """Root of the tree so far: O(log n)."""
        return _fold(self._subtrees)

    def copy(self) -> "Frontier":
        """Return one that grows by itself."""
        return self.of(self.size, self._subtrees)


class Tree:
    """All leaves, and the whole subtrees over them: any root and any proof in O(log^2 n).

    Takes 64 bytes a leaf.

    Parameters
    ----------
    hashes : iterable of bytes
        Hashes of the leaves, in order; more can be appended.
    """

    def __init__(self, hashes: Iterable[bytes] = ()) -> None:
        leaves = bytearray().join(hashes)
        if len(leaves) % HASH_BYTES:
            raise ValueError("a leaf hash has 32 bytes")
        self._levels = [leaves]  # level k: whole subtrees of 2^k leaves
        while len(below := self._levels[-1]) >= 2 * HASH_BYTES:
            whole = len(below) // (2 * HASH_BYTES) * (2 * HASH_BYTES)
            pairs = bytes(below)
            self._levels.append(
                bytearray().join(
                    [
                        sha256(b"\x01" + pairs[start : start + 64]).digest()
                        for start in range(0, whole, 64)
                    ]
                )
            )

    def __len__(self) -> int:
        return len(self._levels[0]) // HASH_BYTES

    def append(self, leaf: bytes) -> None:
        """Add the hash of a leaf."""
        if len(leaf) != HASH_BYTES:
            raise ValueError("a leaf hash has 32 bytes")
        index = len(self)
        self._levels[0] += leaf
        level = 0
        while index & 1:
            leaf = node_hash(self._whole(level, index - 1), leaf)
            index, level = index >> 1, level + 1
            if level == len(self._levels):
                self._levels.append(bytearray())
            self._levels[level] += leaf

    def root(self, size: int | None = None) -> bytes:
        """Return the root of the first `size` leaves (all)."""
        return self._root(0, self._size(size))

    def inclusion_proof(self, index: int, size: int | None = None) -> list[bytes]:
        """Return the proof that leaf `index` (from 0) is among the first `size` leaves.

        Raises
        ------
        ValueError
            If there is no such leaf.
        """
        size = self._size(size)
        if not 0 <= index < size:
            raise ValueError(f"no leaf {index} among {size}")
        proof, start, end = [], 0, size
        while end - start > 1:
            middle = start + _half(end - start)
            if index < middle:
                proof.append(self._root(middle, end))
                end = middle
            else:
                proof.append(self._root(start, middle))
                start = middle
        return proof[::-1]

    def consistency_proof(self, first: int, second: int | None = None) -> list[bytes]:
        """Return the proof that the tree of `first` leaves is the beginning of that of `second`.

        Raises
        ------
        ValueError
            If not 0 < first <= second <= leaves.
        """
        second = self._size(second)
        if not 0 < first <= second:
            raise ValueError(f"no proof from {first} leaves to {second}")
        proof, start, end, known = [], 0, second, True
        while first != end:
            middle = start + _half(end - start)
            if first <= middle:
                proof.append(self._root(middle, end))
                end = middle
            else:
                proof.append(self._root(start, middle))
                start, known = middle, False
        if not known:
            proof.append(self._root(start, end))
        return proof[::-1]

    def _size(self, size: int | None) -> int:
        if size is None:
            return len(self)
        if not 0 <= size <= len(self):
            raise ValueError(f"the tree has {len(self)} leaves, not {size}")
        return size

    def _whole(self, level: int, index: int) -> bytes:
        return bytes(self._levels[level][index * HASH_BYTES : (index + 1) * HASH_BYTES])

    def _root(self, start: int, end: int) -> bytes:
        """Return the root over leaves `start` to `end`, where start is a multiple of a power of 2."""
        subtrees = []
        while start < end:
            level = (end - start).bit_length() - 1
            subtrees.append(self._whole(level, start >> level))
            start += 1 << level
        return _fold(subtrees)


def _half(size: int) -> int:
    """Return the largest power of two below `size`."""
    return 1 << ((size - 1).bit_length() - 1)


def _fold(subtrees: Sequence[bytes]) -> bytes:
    if not subtrees:
        return EMPTY_ROOT
    root = subtrees[-1]
    for left in reversed(subtrees[:-1]):
        root = node_hash(left, root)
    return root


def verify_consistency(
    first: int, second: int, first_root: bytes, second_root: bytes, proof: Sequence[bytes]
) -> bool:
    """Return whether the tree of `first` leaves is shown to be the beginning of that of `second`.

    RFC 9162, section 2.1.4.2.
    """
    if not 0 < first <= second or any(len(part) != HASH_BYTES for part in proof):
        return False
    if first == second:
        return not proof and first_root == second_root
    path = list(proof)
    if first & (first - 1) == 0:
        path.insert(0, first_root)
    if not path:
        return False
    place, last = first - 1, second - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    old = new = path[0]
    for part in path[1:]:
        if last == 0:
            return False
        if place & 1 or place == last:
            old, new = node_hash(part, old), node_hash(part, new)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            new = node_hash(new, part)
        place, last = place >> 1, last >> 1
    return last == 0 and old == first_root and new == second_root


SALT_BYTES = 32
"""As long as the hash: a withheld field is as hard to guess as the hash is to invert."""

_DOMAIN = b"forensics-field-1\x00"
_name = lru_cache(1024)(canonical)  # names of fields come again in every event


def new_salt() -> bytes:
    """Return `SALT_BYTES` random bytes of the operating system."""
    return secrets.token_bytes(SALT_BYTES)


def commit(name: str, value: bytes, salt: bytes) -> str:
    """Return the commitment of a field: 64 hex digits.

    Parameters
    ----------
    name : str
        Name of the field.
    value : bytes
        In canonical form.
    salt : bytes
        `SALT_BYTES` bytes, from `new_salt`, for this field only.

    Raises
    ------
    InputError
        If the salt has another length, or the name no canonical form.
    """
    if len(salt) != SALT_BYTES:
        raise InputError(
            _("The salt of field {name!r} has {found} bytes, expected {expected}.").format(
                name=name, found=len(salt), expected=SALT_BYTES
            )
        )
    return sha256(b"%b%b[%b,%b]" % (_DOMAIN, salt, _name(name), value)).hexdigest()


@dataclass(frozen=True)
class Opening:
    """What opens one commitment.

    Attributes
    ----------
    salt : bytes
        Left out, a new one is drawn: ``Opening("seal", "WCO 004417")`` is a new field.
    """

    name: str
    value: object
    salt: bytes = field(default_factory=new_salt)

    @cached_property
    def encoded(self) -> bytes:
        """The value in canonical form; raises InputError if it has none."""
        return canonical(self.value)

    @property
    def commitment(self) -> str:
        """The commitment that this opens, 64 hex digits."""
        return commit(self.name, self.encoded, self.salt)

    def to_dict(self) -> dict[str, Any]:
        """Return ``{"name", "salt", "value"}`` with the salt in hex."""
        return {"name": self.name, "salt": self.salt.hex(), "value": self.value}


def matches(opening: Opening, commitment: str) -> bool:
    """Return whether `opening` is what `commitment` (hex) was made of."""
    return hmac.compare_digest(opening.commitment.encode(), commitment.encode())
