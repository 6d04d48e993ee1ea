"""Compares what was cut with what is known of its locus.

A piece is compared with a panel of records of its locus, from the embedded library and from what
was fetched together (`forensics.barcode.curating.wrong_locus`). One that is unlike the panel is
judged as the screening of a library judges it; where that finds another locus, the other strand
or nothing of the kind, annotation and sequence disagree, and the piece is left out with the
evidence.

`Piece.agrees` says what was done:

================  =========================================================================
agrees            like at least one record of the panel (its identity is given)
not judged        unlike the panel, as the control region of another order is, or parts of
                  12S and 16S; no other locus is nearer
nothing to judge  no panel, or under 100 bases
================  =========================================================================
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from forensics.barcode.curating.wrong_locus import (
    MIN_PANEL,
    MINIMUM,
    UNLIKE,
    make_panel,
    screen_loci,
)
from forensics.barcode.fetching.sources import Piece
from forensics.barcode.reference.library import Library
from forensics.barcode.reference.records import ReferenceRecord
from forensics.messages import _

__all__ = ["AGREES", "NOTHING_TO_JUDGE", "NOT_JUDGED", "cross_check"]

AGREES, NOT_JUDGED, NOTHING_TO_JUDGE = "agrees", "not judged", "nothing to judge"

_Pair = tuple[ReferenceRecord, str]


def cross_check(
    pieces: Sequence[Piece], library: Library
) -> tuple[list[Piece], list[tuple[Piece, str]]]:
    """Compare pieces with known records of their loci.

    Parameters
    ----------
    pieces : sequence of Piece
    library : Library
        Known records; the embedded library.

    Returns
    -------
    kept : list of Piece
        With `Piece.agrees` set, in their order.
    refused : list of (Piece, str)
        Pieces that disagree with their annotation, and the evidence.
    """
    fetched: dict[str, list[_Pair]] = {}
    for piece in pieces:
        pair = (piece.record.reference(piece.locus), piece.sequence)
        fetched.setdefault(piece.locus, []).append(pair)
    own = {_stem(piece.record.accession) for piece in pieces}
    # A record is not a witness for itself: what the library has of the fetched ones is left aside.
    known = {
        locus: [pair for pair in library.records(locus) if _stem(pair[0].accession) not in own]
        for locus in library.loci
    }
    outcomes: dict[tuple[str, str], str] = {}
    suspects: dict[str, list[_Pair]] = {}
    for locus, pairs in fetched.items():
        panel = make_panel(locus, [*known.get(locus, ()), *pairs])
        for record, sequence in pairs:
            key = (locus, record.accession)
            if len(panel.members) < MIN_PANEL or len(sequence) < MINIMUM:
                outcomes[key] = NOTHING_TO_JUDGE
                continue
            value, _member = panel.nearest(record, sequence, enough=UNLIKE)
            outcomes[key] = f"{AGREES} {value:.2f}" if value >= UNLIKE else NOT_JUDGED
            if value < UNLIKE:
                suspects.setdefault(locus, []).append((record, sequence))
    reasons = _judged(suspects, fetched, known)
    kept, refused = [], []
    for piece in pieces:
        key = (piece.locus, piece.record.accession)
        if key in reasons:
            refused.append((piece, reasons[key]))
        else:
            kept.append(replace(piece, agrees=outcomes[key]))
    return kept, refused


def _judged(
    suspects: Mapping[str, list[_Pair]],
    fetched: Mapping[str, list[_Pair]],
    known: Mapping[str, list[_Pair]],
) -> dict[tuple[str, str], str]:
    """Return the evidence against those that the screening of libraries finds."""
    if not suspects:
        return {}
    reasons = {}
    # A panel stands for its locus; all records would take half a minute for each locus that is
    # judged (13,000 of COI are known).
    stand_ins = {name: make_panel(name, records).members for name, records in known.items()}
    for locus, odd in suspects.items():
        keys = {record.accession for record, _sequence in odd}
        loci = {locus: [*known.get(locus, ()), *fetched[locus]]}
        witnesses = {name: members for name, members in stand_ins.items() if name != locus}
        for finding in screen_loci(loci, witnesses=witnesses):
            if finding.accession in keys:
                reasons[(locus, finding.accession)] = _(
                    "annotation and sequence disagree ({code}): {evidence}"
                ).format(code=finding.code, evidence=finding.evidence)
    return reasons


def _stem(accession: str) -> str:
    return accession.partition(".")[0]
