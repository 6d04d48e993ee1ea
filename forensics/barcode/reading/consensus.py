"""Merges the reads of one sample into a consensus, by base quality.

Each base that a read calls is evidence for it: with the error probability p of its quality,
1 - p for the base and p/3 for each other one. Reads are independent, so what they say is
multiplied; for two reads this is the rule of Edgar & Flyvbjerg 2015. Agreeing bases gain
quality. In a conflict the better base is taken where it is clearly better (`CLEARLY`);
otherwise the IUPAC code of both is written. Where a base stands under another (a double peak),
the read is evidence for both alike.

References
----------
Edgar & Flyvbjerg 2015, doi:10.1093/bioinformatics/btv401. Ewing & Green 1998,
doi:10.1101/gr.8.3.186.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache

from forensics.barcode.reading.peaks import DoublePeak, code_of
from forensics.barcode.sequence import IUPAC, reverse_complement

__all__ = [
    "CLEARLY",
    "GAP",
    "MAX_DISAGREEING",
    "MIN_OVERLAP",
    "Merged",
    "ReadsDisagree",
    "Seen",
    "merge",
]

GAP = "-"

# How many times likelier one base must be than another to be written alone: 20 units of Phred
# quality apart in a conflict. Below it the consensus would have an error of 1 % and more there,
# above what an acceptable base has (Q20).
CLEARLY = 100.0
# Fewer bases in common may fit by chance, or be a primer that both reads share.
MIN_OVERLAP = 50
# Share of the bases that both reads call at Q20 and better (1 % error) which may differ. Errors
# alone come to under 2 %; reads of two species differ more, but most of those of one do not.
MAX_DISAGREEING = 0.02
_GOOD = 0.01
# A chance conflict or two in a short overlap is not a disagreement.
_FEW = 2
# An error is never taken as rarer: the highest quality that FASTQ can write.
_MIN_ERROR = 10**-9.3
_COMPLEMENT = str.maketrans("ACGT", "TGCA")

# Alignment: a gap must cost more than two mismatches, since polymerases miss bases less often
# than base callers misread them.
_MATCH, _MISMATCH, _UNKNOWN, _OPEN, _EXTEND = 2.0, -3.0, 0.0, -7.0, -2.0


class ReadsDisagree(Exception):
    """Reads do not fit each other: they are of two samples, or do not meet.

    Attributes
    ----------
    read : int
        Number of the one that does not fit those before it.
    overlap : int
        Bases in common.
    compared, differing : int
        Bases that both call well, and those of them that differ.
    """

    def __init__(self, read: int, overlap: int, compared: int, differing: int) -> None:
        super().__init__(read, overlap, compared, differing)
        self.read, self.overlap, self.compared, self.differing = read, overlap, compared, differing


@dataclass(frozen=True)
class Seen:
    """What one read says of a column.

    Attributes
    ----------
    read : int
        Number of the read.
    position : int
        In the whole chromatogram, from 0; of the base before a gap.
    base : str
        On the strand of the consensus; `GAP` where the read has none, N where it cannot say.
    error : float
        Probability that it is wrong; of a gap, that of the worse of its neighbours.
    peak : DoublePeak or None
        The second peak, however low, on the strand of the consensus.
    double : bool
        Whether that peak is high enough to be a base.
    clear : bool
        Whether the bases around are well read.
    """

    read: int
    position: int
    base: str
    error: float
    peak: DoublePeak | None = None
    double: bool = False
    clear: bool = True

    @property
    def ratio(self) -> float:
        """Height of the second peak over the first's; 0 where there is none."""
        return self.peak.ratio if self.peak else 0.0

    @property
    def bases(self) -> str:
        """The bases that it is evidence for."""
        if self.double and self.peak:
            return self.peak.base + self.peak.other
        return IUPAC.get(self.base, "")

    @property
    def plain(self) -> str:
        """The base of the highest peak, also where it was not called."""
        return self.peak.base if self.peak and self.base not in "ACGT-" else self.base

    def complement(self) -> "Seen":
        """Return the same on the other strand."""
        peak = self.peak and replace(
            self.peak,
            base=self.peak.base.translate(_COMPLEMENT),
            other=self.peak.other.translate(_COMPLEMENT),
        )
        base = self.base if self.base == GAP else reverse_complement(self.base)
        return replace(self, base=base, peak=peak)


Column = tuple[Seen, ...]


@dataclass(frozen=True)
class Merged:
    """A consensus and what stands behind each of its bases.

    Attributes
    ----------
    sequence : str
        With IUPAC codes where no base is clearly better.
    errors : tuple of float
        Probability that a base is wrong; of a code, that it stands for none of its bases.
    columns : tuple of tuple of Seen
        Evidence of each base of `sequence`.
    reversed : tuple of bool
        Whether each read was turned to the other strand.
    overlap : int
        Bases that more than one read has.
    compared, differing : int
        Of those, the columns where reads call plain bases, and where these differ.
    conflicts : tuple of (int, Column)
        Where reads differ: place in `sequence` (of a base that was left out: of the one after
        it), and the evidence.
    """

    sequence: str
    errors: tuple[float, ...]
    columns: tuple[Column, ...]
    reversed: tuple[bool, ...]
    overlap: int
    compared: int
    differing: int
    conflicts: tuple[tuple[int, Column], ...]

    @property
    def expected_errors(self) -> float:
        """Wrong bases to be expected: the sum of `errors`."""
        return math.fsum(self.errors)

    @property
    def agreement(self) -> float | None:
        """Share of the columns compared where reads agree; None without any."""
        return 1 - self.differing / self.compared if self.compared else None


def merge(reads: Sequence[Sequence[Seen]]) -> Merged:
    """Merge reads, each on the strand that it was read from.

    Parameters
    ----------
    reads : sequence of sequence of Seen
        The kept bases of each. The consensus is on the strand of the first.

    Raises
    ------
    ReadsDisagree
        If one does not fit those before it on either strand.
    """
    columns: list[Column] = [(seen,) for seen in reads[0]]
    turned = [False]
    for number, read in enumerate(reads[1:], 1):
        given = list(read)
        other = [seen.complement() for seen in reversed(given)]
        called = "".join(_call(column)[0] or "N" for column in columns)
        forward, backward = (_score(called, strand) for strand in (given, other))
        turned.append(backward > forward)
        strand = other if turned[-1] else given
        columns = _laid(columns, called, strand)
        _check(number, columns)
    kept: list[tuple[str, Column]] = []
    errors, conflicts = [], []
    for column in columns:
        base, error = _call(column)
        if _differs(column):
            conflicts.append((len(kept), column))
        if base:
            kept.append((base, column))
            errors.append(error)
    common = [column for column in columns if len(column) > 1]
    compared = [column for column in common if _plain(column)]
    return Merged(
        "".join(base for base, _column in kept),
        tuple(errors),
        tuple(column for _base, column in kept),
        tuple(turned),
        len(common),
        len(compared),
        sum(map(_differs, compared)),
        tuple(conflicts),
    )


def _call(column: Column) -> tuple[str, float]:
    """Return the base or code of a column and its error probability; no base for a gap."""
    present = [seen for seen in column if seen.base != GAP]
    gaps = [seen for seen in column if seen.base == GAP]
    if gaps and min(seen.error for seen in gaps) < min(seen.error for seen in present):
        return "", 0.0
    if len(present) == 1 and not present[0].double:  # a lone read is believed as it was called
        return present[0].base, present[0].error
    likelihood, named = dict.fromkeys("ACGT", 1.0), set()
    for seen in present:
        error, bases = max(seen.error, _MIN_ERROR), seen.bases
        if len(bases) == 4:
            continue
        named |= set(bases)
        for base in likelihood:
            if base in bases:
                likelihood[base] *= (1 - error) / len(bases)
            else:
                likelihood[base] *= error / (4 - len(bases))
    if not named:
        return "N", max(seen.error for seen in present)
    highest, total = max(likelihood[base] for base in named), sum(likelihood.values())
    # Only what a read shows is written. Rounding must not decide between equally likely bases.
    likely = [base for base in sorted(named) if likelihood[base] * CLEARLY > highest * (1 + 1e-9)]
    wrong = 1 - sum(likelihood[base] for base in likely) / total
    return code_of("".join(likely)), max(wrong, _MIN_ERROR)


def _plain(column: Column) -> bool:
    return all(seen.base in "ACGT-" and not seen.double for seen in column)


def _differs(column: Column) -> bool:
    """Whether reads that call one base each, or none, differ; double peaks are reported elsewhere."""
    return len({seen.base for seen in column if seen.base in "ACGT-" and not seen.double}) > 1


def _check(number: int, columns: Sequence[Column]) -> None:
    """Raise ReadsDisagree if the last read does not fit."""
    with_it = [c for c in columns if len(c) > 1 and any(seen.read == number for seen in c)]
    good = [c for c in with_it if _plain(c) and all(seen.error <= _GOOD for seen in c)]
    differing = sum(map(_differs, good))
    if len(with_it) < MIN_OVERLAP or (differing > _FEW and differing > MAX_DISAGREEING * len(good)):
        raise ReadsDisagree(number, len(with_it), len(good), differing)


# -- alignment --------------------------------------------------------------------


@cache
def _aligner():
    """Return an aligner that counts no gaps at the ends."""
    from Bio.Align import PairwiseAligner
    from Bio.Align.substitution_matrices import Array

    aligner = PairwiseAligner(mode="global")
    matrix = Array("".join(IUPAC), dims=2)
    for code in IUPAC:
        for other in IUPAC:
            if code in "ACGT" and other in "ACGT":
                matrix[code, other] = _MATCH if code == other else _MISMATCH
            else:
                matrix[code, other] = _UNKNOWN
    aligner.substitution_matrix = matrix
    aligner.open_gap_score, aligner.extend_gap_score = _OPEN, _EXTEND
    aligner.end_gap_score = 0.0
    return aligner


def _letters(strand: Sequence[Seen]) -> str:
    return "".join(code_of(seen.bases) if seen.double else seen.base for seen in strand)


def _score(called: str, strand: Sequence[Seen]) -> float:
    return _aligner().score(called, _letters(strand))


def _laid(columns: list[Column], called: str, strand: Sequence[Seen]) -> list[Column]:
    """Return the columns with one more read in them."""
    alignment = next(iter(_aligner().align(called, _letters(strand))))
    starts, ends = alignment.aligned
    laid: list[Column] = []
    at, place = 0, 0  # in the columns, in the read
    blocks = list(zip(starts.tolist(), ends.tolist()))
    last = len(blocks) - 1
    for number, ((first, after), (start, stop)) in enumerate(blocks):
        inner = number > 0
        # Ahead of a block: what only one side has. Within the overlap the other has a gap there.
        read = strand[place].read if place < len(strand) else strand[-1].read
        missing = _gap(strand, place, read) if inner else None
        laid += [(*column, missing) if missing else column for column in columns[at:first]]
        absent = _gaps(columns, at) if inner else ()
        laid += [(*absent, seen) for seen in strand[place:start]]
        laid += [(*column, seen) for column, seen in zip(columns[first:after], strand[start:stop])]
        at, place = after, stop
        if number == last:
            laid += columns[at:]
            laid += [(seen,) for seen in strand[place:]]
    if not blocks:
        laid = [*columns, *((seen,) for seen in strand)]
    return laid


def _gap(strand: Sequence[Seen], place: int, read: int) -> Seen:
    """Return the evidence of a read for having nothing before its base `place`."""
    beside = strand[max(place - 1, 0) : place + 1]
    return Seen(read, beside[0].position, GAP, max(seen.error for seen in beside))


def _gaps(columns: Sequence[Column], place: int) -> Column:
    """Return the evidence of all reads in the columns for having nothing before `place`."""
    before, after = columns[max(place - 1, 0)], columns[min(place, len(columns) - 1)]
    return tuple(
        Seen(seen.read, seen.position, GAP, max(seen.error, other.error))
        for seen in before
        for other in after
        if other.read == seen.read
    )
