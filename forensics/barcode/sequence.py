"""Nucleotide sequences as plain upper-case text in the IUPAC alphabet.

Source of the codes: Nomenclature Committee of the IUB 1985, doi:10.1093/nar/13.9.3021.
"""

__all__ = [
    "AMBIGUOUS",
    "EQUALITIES",
    "IUPAC",
    "ambiguous_count",
    "clean",
    "other_letters",
    "reverse_complement",
]

# What each code stands for.
IUPAC = {
    "A": "A", "C": "C", "G": "G", "T": "T",
    "R": "AG", "Y": "CT", "S": "CG", "W": "AT", "K": "GT", "M": "AC",
    "B": "CGT", "D": "AGT", "H": "ACT", "V": "ACG", "N": "ACGT",
}  # fmt: skip
AMBIGUOUS = frozenset(IUPAC) - frozenset("ACGT")

# Two codes match when some base satisfies both: R matches A, G, R, N, K …, but not Y.
EQUALITIES = [
    (code, second)
    for code in IUPAC
    for second in IUPAC
    if code < second and set(IUPAC[code]) & set(IUPAC[second])
]

_COMPLEMENT = str.maketrans("ACGTRYSWKMBDHVN", "TGCAYRSWMKVHDBN")
_NOT_AMBIGUOUS = str.maketrans("", "", "ACGT")
# Not str.upper(), which makes S, a code, of letters that are none (ß, ſ).
_NORMAL = str.maketrans("abcdefghijklmnopqrstuvwxyzU", "ABCDEFGHIJKLMNOPQRSTTVWXYZT", "-. \t\r\n")


def clean(text: str) -> str:
    """Return a sequence in upper case, U as T, without gaps, blanks and outer N.

    Letters outside the alphabet stay as they are: judging them is the reader's work.

    Examples
    --------
    >>> clean("nn--acgu.rn-")
    'ACGTR'
    """
    return text.translate(_NORMAL).strip("N")


def reverse_complement(sequence: str) -> str:
    """Return the other strand, IUPAC codes included.

    Examples
    --------
    >>> reverse_complement("AACGR")
    'YCGTT'
    """
    return sequence.translate(_COMPLEMENT)[::-1]


def ambiguous_count(sequence: str) -> int:
    """Return how many letters of a clean sequence are IUPAC codes other than A, C, G, T."""
    return len(other_letters(sequence))


def other_letters(sequence: str) -> str:
    """Return the letters of a sequence that are not A, C, G or T, in their order.

    Examples
    --------
    >>> other_letters("ACRGTNA")
    'RN'
    """
    return sequence.translate(_NOT_AMBIGUOUS)
