"""What one cell of a genotype table says: alleles, nothing, or something else.

Numbers lose what only a program added: ``138.0`` and ``0138`` are the allele ``138``. Bases are
written in capitals. ``102.3`` is a microvariant and stays; ``138.27`` is a raw length, which must
be binned by the laboratory before it is compared with anything.
"""

import re
from functools import lru_cache

from forensics.io.numbers import decimal_text
from forensics.messages import N_

__all__ = [
    "MAX_FRAGMENT",
    "MISSING_CELLS",
    "SEPARATORS",
    "allele",
    "broken",
    "glued",
    "is_missing",
    "number_of",
    "parted",
]

# The longest size standard sold for capillary sequencers ends at 1,200 nucleotides (GeneScan 1200
# LIZ): no fragment beyond it can have been measured.
MAX_FRAGMENT = 1200

# Compared without case and blanks. -999 is SCAT's, -9 STRUCTURE's and PLINK's, 0 GENEPOP's (that
# one is not here: it depends on the locus).
MISSING_CELLS = frozenset(
    ["", "na", "n/a", "nan", "none", "null", "nd", ".", "?", "??", "-", "--", "-9", "-99", "-999"]
    + ["nn", "n", "./.", ".|.", "-9.0", "-999.0"]
)

SEPARATORS = "/:|-,"

_NUMBER = re.compile(r"\d{1,9}(?:[.,]\d{1,6})?")
_BASES = frozenset("ACGT")
_SHEET_ERRORS = frozenset(
    ["#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!", "#N/A", "#SPILL!", "#CALC!"]
)
_DATE = re.compile(
    r"\d{1,2}[-/ ](?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*(?:[-/ ]\d+)?"
    r"|(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*[-/ ]\d+"
    r"|\d{4}-\d\d-\d\d(?:[ T]00:00:00)?",
    re.IGNORECASE,
)


@lru_cache(maxsize=1 << 13)
def is_missing(text: str) -> bool:
    """Whether a cell or a half of it is one of `MISSING_CELLS`."""
    return text.strip().casefold() in MISSING_CELLS


@lru_cache(maxsize=1 << 13)
def number_of(text: str) -> str | None:
    """Return a number as its allele label, or None where it is not a number.

    Examples
    --------
    >>> number_of("138.0"), number_of("098"), number_of("9,3"), number_of("A")
    ('138', '98', '9.3', None)
    """
    text = text.strip()
    if not _NUMBER.fullmatch(text):
        return None
    whole, _point, rest = decimal_text(text).partition(".")
    if "," in whole:  # "138,140" is not a microvariant: two alleles, or thousands
        return None
    rest = rest.rstrip("0")
    whole = whole.lstrip("0") or "0"
    return f"{whole}.{rest}" if rest else whole


@lru_cache(maxsize=1 << 13)
def allele(text: str) -> str | None:
    """Return the label of a number or a base, or None where it is neither."""
    number = number_of(text)
    if number is not None:
        return number
    base = text.strip().upper()
    return base if base in _BASES else None


@lru_cache(maxsize=1 << 13)
def parted(text: str, mark: str) -> tuple[str, str] | None:
    """Return the two halves of a cell around `mark`, or None where there are not two.

    Examples
    --------
    >>> parted("138/140", "/"), parted("138/140/142", "/")
    (('138', '140'), None)
    """
    if text.count(mark) != 1:
        return None
    first, _mark, second = text.partition(mark)
    first, second = first.strip(), second.strip()
    # "-5" is a number with a sign, "138/" a genotype of which one copy was not written.
    return (first, second) if (first and second) or (mark != "-" and (first or second)) else None


@lru_cache(maxsize=1 << 13)
def glued(text: str) -> tuple[str, str] | None:
    """Return the halves of ``138140`` or ``AG``, or None where a cell is neither."""
    text = text.strip()
    if len(text) == 6 and text.isascii() and text.isdigit():
        return text[:3], text[3:]
    if len(text) == 2 and set(text.upper()) <= _BASES:
        return text[0], text[1]
    return None


def broken(text: str) -> str | None:
    """Return what a spreadsheet did to a cell, in words, or None where it looks whole."""
    text = text.strip()
    if text.upper() in _SHEET_ERRORS:
        return N_("a formula of the spreadsheet failed there; mend it, or leave the cell empty")
    if _DATE.fullmatch(text):
        return N_(
            "the spreadsheet program has made a date of it; format the column as text and type "
            "the genotype again"
        )
    return None
