"""Text in tables that are opened with spreadsheet programs.

A cell that begins with ``=``, ``+``, ``-`` or ``@`` is a formula to them, and names of queries and
records are a stranger's: ``=HYPERLINK("http://…")`` may stand in a FASTA header. Such text is written
with an apostrophe before it, which those programs take as "this is text".

References
----------
CSV injection, OWASP Foundation; CWE-1236.
"""

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import TextIO

__all__ = [
    "RowWriter", "decoded", "defused", "fold", "plain", "printable",
]  # fmt: skip

_APOSTROPHE = "'"
# A tabulator or line end may hide the sign from whoever looks only at the first letter.
_SIGNS = ("=", "+", "-", "@", "\t", "\r", "\n")


def defused(row: Mapping[str, object]) -> dict[str, object]:
    """Return a row whose texts no spreadsheet program takes for formulas.

    Numbers stay as they are, and so does a sign that stands alone (a strand).

    Examples
    --------
    >>> defused({"query": "=1+1", "strand": "-", "change": -0.5})
    {'query': "'=1+1", 'strand': '-', 'change': -0.5}
    """
    return {
        key: _APOSTROPHE + value if isinstance(value, str) and _dangerous(value) else value
        for key, value in row.items()
    }


class RowWriter:
    """Writes rows under a fixed head, defused, as CSV or TSV; the head is written at once, if it is not there.

    Parameters
    ----------
    stream : text file
    columns : sequence of str
        The head; a row with another key is a mistake of the program.
    line_end : str
        Spreadsheet programs want ``\\r\\n`` in files that people open with them.
    has_head : bool
        Whether the head stands in the file already.
    """

    def __init__(
        self,
        stream: TextIO,
        columns: Sequence[str],
        *,
        delimiter: str = ",",
        line_end: str = "\n",
        has_head: bool = False,
    ) -> None:
        import csv  # not for who writes no rows

        self._writer = csv.DictWriter(
            stream, columns, restval="", delimiter=delimiter, lineterminator=line_end
        )
        if not has_head:
            self._writer.writeheader()

    def write(self, rows: Iterable[Mapping[str, object]]) -> None:
        """Write rows; what a row lacks is empty."""
        for row in rows:
            self._writer.writerow(defused(row))


def plain(text: str) -> str:
    """Return the text of a cell as it was before `defused`.

    Examples
    --------
    >>> plain("'=1+1"), plain("'s Gravenhage")
    ('=1+1', "'s Gravenhage")
    """
    return text[1:] if text.startswith(_APOSTROPHE) and _dangerous(text[1:]) else text


def decoded(data: bytes) -> str:
    """Return the text of a table: UTF-8 with or without its mark, else Windows-1252, as old programs write.

    Examples
    --------
    >>> decoded("Éléphant".encode("utf-8-sig")), decoded("Éléphant".encode("cp1252"))
    ('Éléphant', 'Éléphant')
    """
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")


def fold(text: str) -> str:
    """Return text as it is compared: without case, accents and surplus blanks.

    Examples
    --------
    >>> fold("  Côte  d’Ivoire ")
    "cote d'ivoire"
    """
    if text.isascii():  # as most are
        return " ".join(text.casefold().split())
    folded = unicodedata.normalize("NFKD", text.replace("’", "'")).casefold()
    folded = "".join(sign for sign in folded if not unicodedata.combining(sign))
    return " ".join(folded.replace("œ", "oe").split())


def printable(text: object, *, most: int = 60) -> str:
    """Return a text of a stranger as a message shows it: no control characters, not too long.

    Examples
    --------
    >>> printable("N\\x1b[31m7")
    'N?[31m7'
    """
    shown = "".join(sign if sign.isprintable() else "?" for sign in str(text))
    return shown if len(shown) <= most else shown[: most - 1] + "…"


def _dangerous(text: str) -> bool:
    return len(text) > 1 and text.startswith(_SIGNS)
