"""Nucleotide sequences in the IUPAC alphabet, and what one must be before it is compared, query or reference.

They are plain upper-case text. Source of the codes: Nomenclature Committee of the IUB 1985,
doi:10.1093/nar/13.9.3021.
"""

from forensics import notices
from forensics.barcode.locus import LOCI
from forensics.core.notice import Notice
from forensics.messages import _

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


# An IUPAC code matches what it can stand for, so n % of them can hide n % of difference.
# The BARCODE standard asks for fewer than 1 % (Hanner 2009); above 5 % the sequence could
# hide the difference between most species (congeners at COI differ by 11.3 % on average,
# Hebert et al. 2003, doi:10.1098/rsbl.2003.0025).
FEW_AMBIGUOUS = 0.01
MAXIMUM_AMBIGUOUS = 0.05
# Plastid genomes, the longest things a barcode is cut from, stay under 250 kb.
MAXIMUM_LENGTH = 1_000_000
# The shortest minimum of any locus: below it nothing can be examined anywhere.
_MIN_LENGTH = min(locus.minimum_length for locus in LOCI)
# Under this a query is examined with a warning (doi:10.1186/1471-2164-9-214).
_SHORT_LENGTH = 250

_PROTEIN = frozenset("EFILPQZJO*")

# Codes of warnings that must be explained by a person before a report is made.
BLOCKING = ("SAME_HAPLOTYPE_AS", "SAME_HAPLOTYPE_IN_RUN", "MEMBER_DOUBTED")
# What decides about a result by itself, whatever the candidates are. It is reported first, and what
# to do about the result is what to do about it; of several, about the first here.
DECIDING = (
    "HUMAN", "ELIMINATION_MATCH", "READS_DISAGREE", "MIXED_CHROMATOGRAM", "MIXED_READS", "CHIMERA",
    "POSSIBLY_HUMAN", "ERROR_PRONE", "WEAK_CONSENSUS", "STOP_CODON", "FRAMESHIFT",
    "UNEXPECTED_TRANSLATION",
)  # fmt: skip


def check_sequence(sequence: str) -> Notice | None:
    """Return why a clean sequence cannot be examined, or None.

    Parameters
    ----------
    sequence : str
        As `forensics.barcode.sequence.clean` returns it.
    """
    if not sequence:
        return notices.unusable.EMPTY()
    codes = other_letters(sequence)
    foreign = set(codes) - IUPAC.keys()
    if foreign:
        position = min(sequence.index(letter) for letter in foreign)
        wrong_letter = sequence[position]
        if foreign & _PROTEIN and wrong_letter.isascii():
            advice = _("This looks like a protein; a nucleotide sequence is needed.")
        else:
            advice = _("Allowed are A, C, G, T, U, the IUPAC codes RYSWKMBDHVN and gaps.")
        return notices.unusable.NOT_NUCLEOTIDE(
            "alone", letter=wrong_letter, position=position + 1, advice=advice
        )
    if len(sequence) > MAXIMUM_LENGTH:
        return notices.unusable.TOO_LONG(limit=MAXIMUM_LENGTH)
    if len(sequence) < _MIN_LENGTH:
        return notices.unusable.TOO_SHORT("any", length=len(sequence), needed=_MIN_LENGTH)
    share = len(codes) / len(sequence)
    if share > MAXIMUM_AMBIGUOUS:
        return notices.unusable.TOO_AMBIGUOUS(share=share, limit=MAXIMUM_AMBIGUOUS)
    return None


def sequence_warnings(sequence: str) -> list[Notice]:
    """Return what should be known of a sequence that can be examined."""
    warnings = []
    share = ambiguous_count(sequence) / len(sequence)
    if share > FEW_AMBIGUOUS:
        warnings.append(notices.sequence.AMBIGUOUS_BASES(share=share))
    if len(sequence) < _SHORT_LENGTH:
        warnings.append(notices.sequence.SHORT_QUERY(length=len(sequence)))
    return warnings
