"""Text in tables that are opened with spreadsheet programs.

A cell that begins with ``=``, ``+``, ``-`` or ``@`` is a formula to them, and names of queries and
records are a stranger's: ``=HYPERLINK("http://…")`` may stand in a FASTA header. Such text is written
with an apostrophe before it, which those programs take as "this is text".

References
----------
CSV injection, OWASP Foundation; CWE-1236.
"""

from collections.abc import Mapping

__all__ = ["defused", "plain"]

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


def plain(text: str) -> str:
    """Return the text of a cell as it was before `defused`.

    Examples
    --------
    >>> plain("'=1+1"), plain("'s Gravenhage")
    ('=1+1', "'s Gravenhage")
    """
    return text[1:] if text.startswith(_APOSTROPHE) and _dangerous(text[1:]) else text


def _dangerous(text: str) -> bool:
    return len(text) > 1 and text.startswith(_SIGNS)
