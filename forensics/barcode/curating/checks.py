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

Reference records of coding loci that do not read like the others of their locus.

Which of the three frames a gene is read in shows in its codons, whatever animal it is of: every
locus has codons that it uses, and others that occur only where it is read out of frame. This is
learnt from the records of the library that have one open frame. It tells the frame of a record
without aligning it, and where the frame changes.

===========  ====  ======================================================================
STOP_CODON   drop  stop codons in the frame that its codons are those of, though another frame
                   may be open
FRAME_SHIFT  drop  one part reads in one frame and the rest in another: a base was lost or
                   read twice, or it is a nuclear copy
===========  ====  ======================================================================

The score is the number of stop codons, or by how much two frames explain the record better than one
(natural logarithm of the likelihood ratio).
"""

import math
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import accumulate
from operator import sub

from forensics.barcode.checking.translation import mitochondrial_code, stops
from forensics.barcode.locus import MITOCHONDRIAL, find_locus
from forensics.barcode.reference.records import Key, Pair, ReferenceRecord
from forensics.barcode.sequence import ambiguous_count, reverse_complement

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
    suggested_action : str
         one of `forensics.barcode.curating.screening.ACTIONS`.
    """

    locus: str
    accession: str
    name: str
    code: str
    score: float
    evidence: str
    suggested_action: str

    @property
    def key(self) -> Key:
        """Locus and accession of the record."""
        return self.locus, self.accession

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


def count_stops(sequence: str, code: int | None, frame: int) -> int:
    """Count stop codons of genetic code `code` in a frame.

    The last whole codon does not count: it may be the end of the gene, behind which a record may have a base or two.
    """
    closing = stops(code)
    return sum(codon in closing for codon in _codons(sequence, frame)[:-1])


def _codons(sequence: str, frame: int) -> list[str]:
    return [sequence[at : at + 3] for at in range(frame, len(sequence) - 2, 3)]


def open_frame(sequence: str, code: int) -> tuple[int, int]:
    """Return (stops, frame) of the forward frame with the fewest stop codons."""
    return min((count_stops(sequence, code, frame), frame) for frame in range(3))


def check_sequences(
    records: Sequence[Pair], *, lengths: tuple[int, int] | None = None
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


#: Fewer records with one open frame teach nothing, and more nothing new.
MIN_RECORDS, MAX_RECORDS = 50, 2000
#: So much must the best frame of a record be ahead of the second for its stop codons to count.
#: Of 1,000 COI records each of the evaluation data and of the embedded library, and 1,000 of cytb,
#: none was ahead by less than 73.
SURE = 40.0
#: So much must two frames explain better than one. Of those records none reached 31; of the
#: same without one base in the middle half (simulated) 99 % exceeded 87, 73 and 36.
SHIFTED = 40.0

_Scores = dict[str, float]


def learn_codons(records: Sequence[Pair]) -> _Scores:
    """Learn which codons tell the reading frame of a locus.

    Parameters
    ----------
    records : sequence of (ReferenceRecord, str)
        Of one coding locus.

    Returns
    -------
    dict of str to float
        By codon the logarithm of its share in the frame over that out of frame; empty where
        fewer than `MIN_RECORDS` records have one open frame.
    """
    within: Counter[str] = Counter()
    without: Counter[str] = Counter()
    taught = 0
    step = max(1, len(records) // MAX_RECORDS)
    for record, sequence in records[::step]:
        open_frames = [f for f in range(3) if not count_stops(sequence, genetic_code(record), f)]
        if len(open_frames) == 1:
            taught += 1
            for frame in range(3):
                (within if frame == open_frames[0] else without).update(_codons(sequence, frame))
    if taught < MIN_RECORDS:
        return {}
    triplets = [a + b + c for a in "ACGT" for b in "ACGT" for c in "ACGT"]
    # One is added to each, so that what was never seen is not impossible.
    all_within = sum(within[triplet] + 1 for triplet in triplets)
    all_without = sum(without[triplet] + 1 for triplet in triplets)
    return {
        triplet: math.log((within[triplet] + 1) / all_within)
        - math.log((without[triplet] + 1) / all_without)
        for triplet in triplets
    }


def screen_frames(
    records: Sequence[Pair], *, exclude: Collection[str] = ()
) -> list[ScreeningFinding]:
    """Find stop codons and changes of the reading frame.

    Parameters
    ----------
    records : sequence of (ReferenceRecord, str)
        Of one locus; of one that is not coding nothing is found.
    exclude : collection of str
        Accessions that are passed over: of another locus, or on the other strand.

    Returns
    -------
    list of ScreeningFinding
        In the order of the records; at most one each.
    """
    readable = [
        (record, sequence)
        for record, sequence in records
        if genetic_code(record) and record.accession not in exclude
    ]
    scores = learn_codons(readable)
    if not scores:
        return []
    findings = []
    for record, sequence in readable:
        sums = [
            list(accumulate((scores.get(c, 0.0) for c in _codons(sequence, f)), initial=0.0))
            for f in range(3)
        ]
        totals = sorted((values[-1], frame) for frame, values in enumerate(sums))
        (second, _other), (best, frame) = totals[1], totals[2]
        gain, place = _shift(sums, frame)
        number = count_stops(sequence, genetic_code(record), frame)
        if gain >= SHIFTED:
            evidence = (
                f"reads in another frame from about base {place} on (logarithm of the likelihood "
                f"ratio {gain:.0f}, limit {SHIFTED:.0f}); {_counted(number)} in the longer part's frame"
            )
            findings.append(ScreeningFinding.of(record, "FRAME_SHIFT", gain, evidence))
        elif number and best - second >= SURE:
            evidence = (
                f"{_counted(number)} under genetic code {genetic_code(record)} in the frame that "
                f"its codons are those of (from base {frame + 1})"
            )
            findings.append(ScreeningFinding.of(record, "STOP_CODON", float(number), evidence))
    return findings


def _shift(sums: Sequence[Sequence[float]], frame: int) -> tuple[float, int]:
    """Return by how much two frames are better than one, and the base where they meet.

    One of the two is the frame that is best alone.
    """
    last = min(map(len, sums)) - 1
    best, gain_and_place = sums[frame], (0.0, 0)
    for other in (*sums[:frame], *sums[frame + 1 :]):
        for first, second in ((best, other), (other, best)):
            # Before codon n in frame one, from there on in frame two.
            gains = list(map(sub, first[:last], second))
            value = max(gains)
            if value + second[last] - best[last] > gain_and_place[0]:
                gain_and_place = value + second[last] - best[last], 3 * gains.index(value) + 1
    return gain_and_place


def _counted(number: int) -> str:
    return f"{number} stop codon{'' if number == 1 else 's'}"
