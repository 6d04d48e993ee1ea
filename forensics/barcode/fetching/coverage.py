"""What was found of each taxon and locus, what is thin and what is missing.

A set is called thin where a mistake in one record would go unnoticed: one record only, no record
with a voucher that could be looked at again, or all of one institution.
"""

from collections.abc import Iterable, Sequence

from forensics.barcode.fetching.sources import Piece
from forensics.messages import N_, _

__all__ = ["COVERED", "MISSING", "THIN", "holdings"]

COVERED, THIN, MISSING = "found", "thin", "missing"

_SINGLE_RECORD = N_("one record")
_NO_VOUCHER = N_("no voucher")
_SINGLE_INSTITUTION = N_("one institution")


def holdings(
    pieces: Iterable[Piece], requested: Iterable[tuple[str, frozenset[str], Sequence[str]]]
) -> list[dict[str, object]]:
    """Return one row a taxon and locus.

    Parameters
    ----------
    pieces : iterable of Piece
    requested : iterable of (str, frozenset of str, sequence of str)
        Label of the taxon, the names that count for it, the loci that are wanted of it.

    Returns
    -------
    list of dict
        ``taxon``, ``locus``, ``status``, ``records``, ``species``, ``vouchered``,
        ``institutions``, ``why``: why it is thin, in words.
    """
    all_pieces = list(pieces)
    rows = []
    for label, names, loci in requested:
        own = [piece for piece in all_pieces if piece.record.belongs_to(set(names))]
        for locus in loci:
            records = [piece.record for piece in own if piece.locus == locus]
            institutions = {r.institution or r.submitter for r in records} - {""}
            vouchered = sum(bool(record.voucher) for record in records)
            why = []
            if len(records) == 1:
                why.append(_(_SINGLE_RECORD))
            if records and not vouchered:
                why.append(_(_NO_VOUCHER))
            if len(records) > 1 and len(institutions) < 2:
                why.append(_(_SINGLE_INSTITUTION))
            rows.append(
                {
                    "taxon": label,
                    "locus": locus,
                    "status": MISSING if not records else THIN if why else COVERED,
                    "records": len(records),
                    "species": len({r.reference().species for r in records} - {""}),
                    "vouchered": vouchered,
                    "institutions": len(institutions),
                    "why": ", ".join(why),
                }
            )
    return rows
