"""Names of files as results, ledgers and tables have them."""

import os

__all__ = ["shown_name"]


def shown_name(file: str | os.PathLike) -> str:
    """Return the name of a file as text that can be stored and printed anywhere.

    Names on old sticks and disks are not always UTF-8. Python gives the bytes that are none as lone
    surrogates, which no file, terminal or ledger takes; here they are written as in a URL.

    Examples
    --------
    >>> shown_name("pi\\udce8ce.fasta")
    'pi%E8ce.fasta'
    """
    name = os.fspath(file)
    try:
        name.encode()
    except UnicodeEncodeError:
        return "".join(map(_shown_letter, name))
    return name


def _shown_letter(letter: str) -> str:
    code = ord(letter)
    if not 0xD800 <= code <= 0xDFFF:
        return letter
    # Of a byte its number; half a character, which Windows takes in a name, as such.
    return f"%{code - 0xDC00:02X}" if 0xDC80 <= code <= 0xDCFF else f"%u{code:04X}"
