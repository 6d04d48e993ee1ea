"""Cuts primers off a sequence, whichever strand it is and whatever stands before them.

A primer is the laboratory's, not the animal's: its bases are in every copy whatever the animal
has there, so they must not be compared. A primer is cut only where it stands as one that made
the copy: at the start, or its reverse complement at the end, both of one locus and in one
direction. The middle of a sequence is never touched.
"""

from functools import cache
from typing import NamedTuple

from forensics import notices
from forensics.barcode.locus import AMBIGUOUS, LOCI, Primer, find_locus, reverse_complement
from forensics.barcode.matching.kernel import match_any, prefix_ends, semiglobal_placements
from forensics.core.notice import Notice

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


class Trimmed(NamedTuple):
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


class _Site(NamedTuple):
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
        A clean sequence (`forensics.barcode.locus.clean`) on either strand.
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
