"""Reference records looked at one by one: accession, length, ambiguous bases, reading frame.

What is found is reported, with the number that was measured; nothing is dropped here.
`forensics.barcode.curating.screening` compares the records with one another.

===============  ======  ==================================================================
STOP_CODON       drop    no reading frame is open (pseudogene, frame shift, other strand)
OUTLYING_LENGTH  drop    shorter than any barcode of the locus
OUTLYING_LENGTH  cut     longer than the whole gene or spacer: its neighbours came with it
AMBIGUOUS        drop    too many ambiguous bases
DUPLICATE        drop    the accession occurs before
===============  ======  ==================================================================

The score is the number that was measured: stop codons, bases, share of ambiguous bases; 1 for
a duplicate.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from forensics.barcode.checking.genetic_code import mitochondrial_code, stops
from forensics.barcode.locus import MITOCHONDRIAL, find_locus
from forensics.barcode.reference.records import ReferenceRecord
from forensics.barcode.sequence import ambiguous_count, reverse_complement

__all__ = [
    "ScreeningFinding",
    "check_sequences",
    "count_stops",
    "genetic_code",
    "open_frame",
]
# BOLD bins no sequence with 1 % or more ambiguous bases (Ratnasingham & Hebert 2013,
# doi:10.1371/journal.pone.0066213).
MAX_AMBIGUOUS = 0.01


@dataclass(frozen=True, slots=True)
class ScreeningFinding:
    """One thing found about one record.

    Attributes
    ----------
    locus, accession, name : str
        Of the record.
    code : str
        See the tables of this module and of `forensics.barcode.curating.screening`.
    score : float
        For names: identity to the nearest record of the other name, 0-1. For
        sequences: the number measured (stop codons, bases, share of ambiguous bases).
    evidence : str
        A sentence with the numbers on both sides.
    action : str
        What is suggested: one of `forensics.barcode.curating.screening.ACTIONS`.
    """

    locus: str
    accession: str
    name: str
    code: str
    score: float
    evidence: str
    action: str

    @classmethod
    def of(
        cls, record: ReferenceRecord, code: str, score: float, evidence: str, action: str = "drop"
    ) -> "ScreeningFinding":
        """Make a finding about a record, its score rounded to four places."""
        return cls(
            record.locus, record.accession, record.name, code, round(score, 4), evidence, action
        )


def genetic_code(record: ReferenceRecord) -> int | None:
    """Return the NCBI number of the code of a record at its locus, None where that is not coding."""
    locus = find_locus(record.locus)
    if not locus.genetic_codes:
        return None
    if locus.genome == MITOCHONDRIAL:
        return mitochondrial_code(record.phylum, record.class_)
    return locus.genetic_codes[0]


def count_stops(sequence: str, code: int) -> int:
    """Count stop codons of genetic code `code` in the frame that starts at the first base."""
    stop_codons = stops(code)
    return sum(sequence[i : i + 3] in stop_codons for i in range(0, len(sequence) - 2, 3))


def open_frame(sequence: str, code: int) -> tuple[int, int]:
    """Return (stops, frame) of the forward frame with the fewest stop codons.

    The last codon does not count: the end of a gene is a stop codon.
    """
    frames = [sequence[frame:] for frame in range(3)]
    return min(
        (count_stops(part[: (len(part) - 1) // 3 * 3], code), frame)
        for frame, part in enumerate(frames)
    )


def check_sequences(
    records: Sequence[tuple[ReferenceRecord, str]], *, lengths: tuple[int, int] | None = None
) -> list[ScreeningFinding]:
    """Check every record of a locus by itself.

    Parameters
    ----------
    records : sequence of (ReferenceRecord, str)
        With their loci set and clean sequences.
    lengths : (int, int), optional
        Least and greatest number of bases, both allowed; default: those of the locus.

    Returns
    -------
    list of ScreeningFinding
        At most one a record, the first that applies.
    """
    findings, seen = [], set()
    for record, sequence in records:
        locus = find_locus(record.locus)
        least, most = lengths or (locus.minimum_length, locus.maximum_length)
        ambiguous = ambiguous_count(sequence) / max(1, len(sequence))
        if record.accession in seen:
            evidence = "the accession occurs before at this locus"
            findings.append(ScreeningFinding.of(record, "DUPLICATE", 1.0, evidence))
        elif not least <= len(sequence) <= most:
            evidence = f"{len(sequence)} bases, expected {least} to {most}"
            action = "drop" if len(sequence) < least else "cut"
            length = float(len(sequence))
            findings.append(
                ScreeningFinding.of(record, "OUTLYING_LENGTH", length, evidence, action)
            )
        elif ambiguous >= MAX_AMBIGUOUS:
            evidence = f"{ambiguous:.1%} ambiguous bases, limit {MAX_AMBIGUOUS:.0%}"
            findings.append(ScreeningFinding.of(record, "AMBIGUOUS", ambiguous, evidence))
        elif (table := genetic_code(record)) and (count := open_frame(sequence, table)[0]):
            evidence = (
                f"{count} stop codons under genetic code {table} in the best of the three forward "
                "frames"
            )
            if not open_frame(reverse_complement(sequence), table)[0]:
                evidence += "; the other strand is open"
            findings.append(ScreeningFinding.of(record, "STOP_CODON", float(count), evidence))
        seen.add(record.accession)
    return findings
