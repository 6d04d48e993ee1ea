"""Nucleotide sequences in the IUPAC alphabet, and what one must be before it is compared, query or reference.

They are plain upper-case text. Source of the codes: Nomenclature Committee of the IUB 1985,
doi:10.1093/nar/13.9.3021.

`trim_primers` cuts primers off a sequence, on either strand. A primer is the laboratory's, not the animal's: its bases are in every copy whatever the animal
has there, so they must not be compared. A primer is cut only where it stands as one that made
the copy: at the start, or its reverse complement at the end, both of one locus and in one
direction. The middle of a sequence is never touched.
"""

from dataclasses import dataclass
from functools import cache

from forensics import notices
from forensics.barcode.locus import LOCI, Primer, find_locus
from forensics.barcode.matching.kernel import match_any, prefix_ends, semiglobal_placements
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


# Errors over primer bases, as cutadapt has it by default: Martin 2011, doi:10.14806/ej.17.1.200.
MAX_ERROR_SHARE = 0.1
# Bases of unknown origin that may stand between the end of the sequence, or a known tail, and a
# primer. The site of a primer further in is as likely the animal's own: with 40 bases, 85 of 486
# deposited 12S sequences lost the end of the gene, where no primer had been (benchmarks/loci.md).
MAX_GAP = 3
# Where a sequence begins inside a primer, the part of the primer that must be there. Most of
# what is shorter was the animal's own: primers that lie inside a barcode begin like it.
MIN_SHARE = 0.75
# Tails that laboratories put before primers, by name.
TAILS = {
    # Messing 1993, Methods Mol. Biol. 23:9; before primers of barcodes: Ivanova et al. 2007.
    "M13F(-21)": "TGTAAAACGACGGCCAGT",
    "M13R(-27)": "CAGGAAACAGCTATGAC",
    # Illumina, adapter sequences (document 1000000002694).
    "Nextera read 1": "TCGTCGGCAGCGTCAGATGTGTATAAGAGACAG",
    "Nextera read 2": "GTCTCGTGGGCTCGGAGATGTGTATAAGAGACAG",
    "TruSeq read 1": "ACACTCTTTCCCTACACGACGCTCTTCCGATCT",
    "TruSeq read 2": "GTGACTGGAGTTCAGACGTGTGCTCTTCCGATCT",
}
# Errors over the bases of a tail; nothing is read from it, and it stands where bases are worst.
MAX_TAIL_ERRORS = 0.2
# Nothing longer is an amplicon of these primers (trnL c-f and the whole control region reach
# 1.5 kb); the ends of a genome lie where it was opened.
MAX_AMPLICON = 3000

# A primer is first looked for by the end that is extended, which must fit nearly everywhere.
_CORE = 15
_CORE_ERRORS = 2
_MASK = dict.fromkeys(map(ord, AMBIGUOUS), "?")
_MAX_TAIL = max(map(len, TAILS.values())) + 2 * MAX_GAP


@dataclass(frozen=True, slots=True)
class Trimmed:
    """What is left of a sequence without primers: ``sequence[start:end]``.

    Attributes
    ----------
    start, end : int
        The part kept, counted from 0.
    forward : Primer or None
        The one at the start of the sequence as given, whatever its strand.
    reverse : Primer or None
        The one whose reverse complement is at the end.
    """

    start: int
    end: int
    forward: Primer | None = None
    reverse: Primer | None = None

    @property
    def primers(self) -> tuple[Primer, ...]:
        """Those that were found, at most two."""
        return tuple(primer for primer in (self.forward, self.reverse) if primer)

    def note(self, total: int) -> Notice:
        """Return what should be known of the trimming of a sequence of `total` bases."""
        return notices.sequence.PRIMERS_TRIMMED(
            "sequence",
            primers=", ".join(primer.name for primer in self.primers),
            first=self.start,
            last=total - self.end,
            total=total,
        )


@dataclass(frozen=True, slots=True)
class _Site:
    """A primer at the start of a sequence: where it ends, and what speaks for it."""

    primer: Primer
    end: int
    score: int
    missing: int

    @property
    def key(self) -> tuple[int, int, int]:
        """Lower where more speaks for it."""
        return -self.score, self.missing, -self.end


def trim_primers(sequence: str, *, locus: str | None = None) -> Trimmed:
    """Find the primers at the ends of a sequence.

    Parameters
    ----------
    sequence : str
        A clean sequence (`forensics.barcode.sequence.clean`) on either strand.
    locus : str, optional
        Look for the primers of this locus alone; else for those of all.

    Returns
    -------
    Trimmed
        All of the sequence where no primer is found, and where it is longer than
        `MAX_AMPLICON`. Nothing (``start == end``) where primers are all there is. N beside
        a primer is cut off with it.

    Raises
    ------
    UsageError
        If there is no such locus.

    Examples
    --------
    >>> amplicon = "GGTCAACAAATCATAAAGATATTGG" + 20 * "ACATTATACT" + "TGATTTTTTGGTCACCCTGAAGTTTA"
    >>> found = trim_primers(amplicon)
    >>> found.start, found.end, found.forward.name, found.reverse.name
    (25, 225, 'LCO1490', 'HCO2198')
    """
    primers, cores, reach = _looked_for(locus)
    whole = Trimmed(0, len(sequence))
    if len(sequence) > MAX_AMPLICON:
        return whole
    at_start = _sites(masked(sequence[:reach]), primers, cores)
    at_end = _sites(masked(reverse_complement(sequence[-reach:])), primers, cores)
    if not at_start and not at_end:
        return whole
    best, best_key = whole, None
    for locus_name in dict.fromkeys(locus_name for locus_name, _primer in primers):
        for strand, other in ("+-", "-+"):
            forward, reverse = at_start.get((locus_name, strand)), at_end.get((locus_name, other))
            sites = [site for site in (forward, reverse) if site]
            key = (-len(sites), -sum(site.score for site in sites))
            if sites and (best_key is None or key < best_key):
                first = forward.end if forward else 0
                last = len(sequence) - (reverse.end if reverse else 0)
                if forward:
                    first += leading_n(sequence[first:last])
                if reverse:
                    last -= leading_n(sequence[first:last][::-1])
                best_key = key
                best = Trimmed(
                    first,
                    max(first, last),
                    forward.primer if forward else None,
                    reverse.primer if reverse else None,
                )
    return best


def leading_n(sequence: str) -> int:
    """Return how many N a sequence begins with."""
    return len(sequence) - len(sequence.lstrip("N"))


@cache
def _looked_for(locus: str | None) -> tuple[tuple[tuple[str, Primer], ...], tuple[bytes, ...], int]:
    """Return the primers with their loci, their cores, and how far from an end they are looked for."""
    loci = LOCI if locus is None else (find_locus(locus),)
    primers = tuple((place.name, primer) for place in loci for primer in place.primers)
    cores = tuple(primer.sequence[-_CORE:].encode() for _locus, primer in primers)
    longest = max((len(primer.sequence) for _locus, primer in primers), default=0)
    return primers, cores, _MAX_TAIL + longest


def _sites(
    window: str, primers: tuple[tuple[str, Primer], ...], cores: tuple[bytes, ...]
) -> dict[tuple[str, str], _Site]:
    """Return the best primer of each locus and strand at the start of `window`."""
    sites: dict[tuple[str, str], _Site] = {}
    letters = window.encode("ascii", "replace")  # what is not a base fits no primer
    # Nearly none fits, which is found out faster than where one lies.
    for place in match_any(cores, letters, _CORE_ERRORS) if letters else ():
        locus, primer = primers[place]
        _errors, cores_at = semiglobal_placements(primer.sequence[-_CORE:], letters, _CORE_ERRORS)
        for _start, end in cores_at:
            site = _site(primer, letters[:end].decode("ascii"))
            known = sites.get((locus, primer.strand))
            if site and (known is None or site.key < known.key):
                sites[locus, primer.strand] = site
    return sites


def _site(primer: Primer, before: str) -> _Site | None:
    """Return the site of a primer that ends where `before` does, if it fits there."""
    # Read backwards, the end that is extended comes first and is fixed in its place.
    overlap = min(len(primer.sequence), len(before))
    if overlap < MIN_SHARE * len(primer.sequence):
        return None
    errors, ends = prefix_ends(
        primer.sequence[::-1][:overlap], before[::-1], int(MAX_ERROR_SHARE * overlap)
    )
    if errors is None:
        return None
    # Of equally good places the one without insertions and deletions.
    used = min(ends, key=lambda end: abs(end - overlap))
    gap = _unexplained(before[: len(before) - used])
    if gap > MAX_GAP:
        return None
    # Each base that fits counts 1, each error -2, as in a search for near sequences. A primer of
    # which a part was lost is not worse than one a few bases further in that fits less well.
    score = overlap - 3 * errors - gap
    return _Site(primer, len(before), score, len(primer.sequence) - overlap)


def _unexplained(outer: str) -> int:
    """Return how many of the bases before a primer belong to no known tail."""
    least = len(outer)
    for tail in TAILS.values() if least > MAX_GAP else ():
        part = tail[-len(outer) :]
        _errors, places = semiglobal_placements(part, outer, int(MAX_TAIL_ERRORS * len(part)))
        for first, end in places:
            # What stands before the tail was cut off with it, if it is no more than a spacer.
            least = min(least, max(first, len(outer) - end))
    return least


def masked(sequence: str) -> str:
    """Return a sequence in which IUPAC codes fit no primer: a run of N would be every one."""
    return sequence.translate(_MASK)


@dataclass(frozen=True, slots=True)
class Cut:
    """Where a piece lies in the record that it was cut from.

    Attributes
    ----------
    part : str
        What the piece is: the locus.
    first, last : int
        Bases of the record, counted from 1 on the strand that was given. A last base before the first:
        the piece lies across the ends of a circle.
    strand : str
        ``+`` or ``-``: the strand of the record that the piece reads like.
    total : int
        Bases of the record.
    """

    part: str
    first: int
    last: int
    strand: str
    total: int

    def place(self, position: int) -> int:
        """Return where a base of the piece stands in the record; both count from 1."""
        if self.strand == "+":
            return (self.first + position - 2) % self.total + 1
        return (self.last - position) % self.total + 1
