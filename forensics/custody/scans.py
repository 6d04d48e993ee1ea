"""What a scanner types when it reads the label of a thing: its name and the ledger that it is in.

A scanner that stands for a keyboard types a line. The ledger's id in it tells a label of another
laboratory, and a scanner that is set to another keyboard, from a name.
"""

import re
from collections.abc import Container

from forensics.custody.fingerprints import Fingerprint
from forensics.errors import UsageError
from forensics.messages import _

__all__ = ["read_scan", "scan_text"]

_SCAN = re.compile(r"(?P<name>\S.*?) (?P<ledger>[0-9a-f]{32})(?: [1-9]\d*-[0-9a-f]{20,32})?")
_LIKE_A_SCAN = re.compile(r"\S.*? \S{32}(?: \S{22,})?")


def scan_text(name: str, ledger: str, fingerprint: Fingerprint | None = None) -> str:
    """Return the content of the code on a label: one line, without signs that keyboards have elsewhere.

    Parameters
    ----------
    name : str
        Of the thing.
    ledger : str
        Id of the ledger.
    fingerprint : Fingerprint, optional
        Head of the ledger when the label was made. There is no room for it on small labels.

    Examples
    --------
    >>> scan_text("2026-014/1", "0419d0afe266f38c5dd21c82e9b0e15c")
    '2026-014/1 0419d0afe266f38c5dd21c82e9b0e15c'
    """
    head = f" {fingerprint.size}-{fingerprint.digits}" if fingerprint else ""
    return f"{name} {ledger}{head}"


def read_scan(text: str, ledger: str, known: Container[str]) -> str:
    """Return the name of a thing that was typed, or scanned from a label.

    Parameters
    ----------
    text : str
        One line.
    ledger : str
        Id of the ledger, 32 hex digits.
    known : container of str
        Names of things in the ledger; one of these is taken as it is.

    Returns
    -------
    str
        What is neither a known name nor a scan comes back as it was typed: the rules refuse it.

    Raises
    ------
    UsageError
        If the label is of another ledger, or the scanner types other signs than the label has.
    """
    if text in known:
        return text
    scan = _SCAN.fullmatch(text)
    if scan is not None and scan["ledger"] == ledger:
        return scan["name"]
    if scan is not None:
        raise UsageError(
            _("{text}: this label is of another ledger, {other}; this is {ledger}.").format(
                text=scan["name"], other=scan["ledger"], ledger=ledger
            )
        )
    if _LIKE_A_SCAN.fullmatch(text):
        raise UsageError(
            _(
                "{text}: this seems to be a label, read by a scanner that is set to another keyboard; set "
                "it to the keyboard of this computer, or type the name."
            ).format(text=text)
        )
    return text
