"""The head of a ledger as it stands on paper, and is typed from it."""

import re
from dataclasses import dataclass

from forensics.errors import InputError
from forensics.messages import _

__all__ = ["FINGERPRINT_DIGITS", "Fingerprint"]

FINGERPRINT_DIGITS = 32
"""Of the root: 128 bits. To make a second history for a fingerprint that is on paper already takes some
2^128 hashes. Whoever prepares two histories before the paper is printed, the laboratory itself, looks
for a collision and needs some 2^64 (the birthday bound), far beyond what a laboratory can do. A signed
head, with the whole root, asks for 2^128 there too."""

_EXAMPLE = "1234 · 9f3c 02ab 77de 41c0 8812 5b6e d03a 94f7"


@dataclass(frozen=True)
class Fingerprint:
    """A head as it stands on paper.

    Attributes
    ----------
    size : int
        Number of events.
    digits : str
        First `FINGERPRINT_DIGITS` hex digits of the root.

    Examples
    --------
    >>> print(Fingerprint(1234, "9f3c02ab77de41c088125b6ed03a94f7"))
    1234 · 9f3c 02ab 77de 41c0 8812 5b6e d03a 94f7
    >>> Fingerprint.parse("1234 - 9F3C 02AB 77DE 41C0 8812 5B6E D03A 94F7").digits
    '9f3c02ab77de41c088125b6ed03a94f7'
    """

    size: int
    digits: str

    def __str__(self) -> str:
        groups = (self.digits[start : start + 4] for start in range(0, len(self.digits), 4))
        return f"{self.size} · {' '.join(groups)}"

    @classmethod
    def of(cls, size: int, root: bytes) -> "Fingerprint":
        """Return the fingerprint of a ledger of `size` events whose root is `root`."""
        return cls(size, root.hex()[:FINGERPRINT_DIGITS])

    @classmethod
    def parse(cls, text: str) -> "Fingerprint":
        """Return the fingerprint that somebody typed; spaces, dots, dashes and capitals are free.

        A space alone after the size will do, since no keyboard has the sign ``·``.

        Raises
        ------
        InputError
            If it is not a size and `FINGERPRINT_DIGITS` hex digits.
        """
        match = re.fullmatch(
            r"\s*([1-9]\d{0,15})(?:\s*[·.:/-]\s*|\s+)([0-9a-f\s.-]+)", text.lower(), re.ASCII
        )
        digits = re.sub(r"[\s.-]", "", match[2]) if match else ""
        if match is None or len(digits) != FINGERPRINT_DIGITS:
            raise InputError(
                _(
                    "{text!r} is not a fingerprint; expected a size and {digits} hex digits, as in {example}."
                ).format(text=text[:100], digits=FINGERPRINT_DIGITS, example=_EXAMPLE)
            )
        return cls(int(match[1]), digits)

    def matches(self, root: bytes) -> bool:
        """Return whether a ledger whose root at this size is `root` is the one on paper."""
        return root.hex().startswith(self.digits)
