"""What stands against a call beside the candidates, and how far the call then goes.

A query with many ambiguous bases matches several species where it should match one. A
record that is too short to be compared may fit the query all the same. Ends that belong
to no barcode keep everything at a distance. None of this was seen when the calibration
was learnt, so none of it is in the probabilities.
"""

from collections.abc import Sequence
from dataclasses import replace

from forensics.barcode.candidates import Candidate
from forensics.barcode.decision import Call, at_genus
from forensics.barcode.index import Index
from forensics.barcode.quality import FEW_AMBIGUOUS, QueryWarning
from forensics.barcode.search import Hit, search
from forensics.barcode.sequence import ambiguous_count
from forensics.messages import _

__all__ = ["SHORTEST_WITH_ENDS", "middle_is_near", "with_reservations"]

# Below this a half is too short to say anything (`forensics.barcode.locus`).
SHORTEST_WITH_ENDS = 200


def with_reservations(
    call: Call, sequence: str, short: Sequence[Hit], subject: Candidate, index: Index
) -> Call:
    """Return the call as far as it stands against what the candidates do not show.

    Parameters
    ----------
    call : Call
    sequence : str
        The questioned sequence.
    short : sequence of Hit
        Records too short to be compared that are at least as near (`Search.short`).
    subject : Candidate
        The species that the call names, else the best.
    index : Index
        The index that was searched.

    Returns
    -------
    Call
        A species falls to its genus, or to inconclusive, with a warning that says why.
    """
    genera, warnings, others = {subject.genus}, [], []
    for hit in short:
        for record in index.records(hit.haplotype):
            if record.label != subject.species and record.label not in others:
                others.append(record.label)
                genera.add(record.genus)
                warnings.append(
                    QueryWarning(
                        "SHORT_RECORD_AS_NEAR",
                        _(
                            "{accession} of {species} is too short to be compared ({length} bp), but "
                            "fits the query at least as well as the best match."
                        ).format(
                            accession=record.accession, species=record.label, length=hit.length
                        ),
                    )
                )
    call = replace(call, warnings=(*call.warnings, *warnings))
    if others and call.status == "identified":
        call = replace(call, not_excluded=tuple(dict.fromkeys((*call.not_excluded, *others))))
        return at_genus(call, genera)
    if others:
        return replace(call, status="inconclusive", probability=None)
    if call.rank == "species" and ambiguous_count(sequence) > FEW_AMBIGUOUS * len(sequence):
        return at_genus(call, genera)
    return call


def middle_is_near(index: Index, sequence: str, floor: float) -> bool:
    """Return whether the middle half of a sequence has a neighbour that the whole has not."""
    quarter = len(sequence) // 4
    middle = sequence[quarter : len(sequence) - quarter].strip("N")
    return bool(search(index, middle, floor=floor).hits)
