"""SHA-256 of small contents without OpenSSL, which takes three milliseconds to load.

Python's own module ``random`` does the same for the same reason. Large contents go through
``hashlib``, which is faster once it is there.
"""

from typing import IO

__all__ = ["sha256", "sha256_of"]

try:
    from _sha2 import sha256 as _lean  # Python 3.12 and later
except ImportError:
    try:
        from _sha256 import sha256 as _lean
    except ImportError:  # another interpreter
        from hashlib import sha256 as _lean

# Bytes from which OpenSSL makes good what it takes to load.
_LARGE = 1 << 20


def sha256(content: bytes) -> str:
    """Return the SHA-256 as 64 hexadecimal digits.

    Examples
    --------
    >>> sha256(b"Manis")[:8]
    '1bba1224'
    """
    if len(content) < _LARGE:
        return _lean(content).hexdigest()
    import hashlib

    return hashlib.sha256(content).hexdigest()


def sha256_of(handle: IO[bytes]) -> str:
    """Return the SHA-256 of what is left of an open file, read in pieces."""
    start, piece = handle.read(_LARGE), handle.read(_LARGE)
    if not piece:
        return sha256(start)
    import hashlib

    found = hashlib.sha256(start)
    while piece:
        found.update(piece)
        piece = handle.read(_LARGE)
    return found.hexdigest()
