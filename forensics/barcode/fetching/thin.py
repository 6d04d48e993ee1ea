"""What was found of each taxon and locus, what is thin and what is missing.

A set is called thin where a mistake in one record would go unnoticed: one record only, no record
with a voucher that could be looked at again, or all of one institution.
"""

from collections.abc import Iterable, Sequence

from forensics.barcode.fetching.sources import Piece
from forensics.messages import N_, _

__all__ = ["FOUND", "MISSING", "THIN", "holdings"]

FOUND, THIN, MISSING = "found", "thin", "missing"

_ONE = N_("one record")
_NO_VOUCHER = N_("no voucher")
_ONE_INSTITUTION = N_("one institution")


def holdings(
    pieces: Iterable[Piece], wanted: Iterable[tuple[str, frozenset[str], Sequence[str]]]
) -> list[dict[str, object]]:
    """Return one row a taxon and locus.

    Parameters
    ----------
    pieces : iterable of Piece
    wanted : iterable of (str, frozenset of str, sequence of str)
        Label of the taxon, the names that count for it, the loci that are wanted of it.

    Returns
    -------
    list of dict
        ``taxon``, ``locus``, ``status``, ``records``, ``species``, ``vouchered``,
        ``institutions``, ``why``: why it is thin, in words.
    """
    held = list(pieces)
    rows = []
    for label, names, loci in wanted:
        own = [piece for piece in held if piece.record.belongs_to(set(names))]
        for locus in loci:
            records = [piece.record for piece in own if piece.locus == locus]
            institutions = {r.institution or r.submitter for r in records} - {""}
            vouchered = sum(bool(record.voucher) for record in records)
            why = []
            if len(records) == 1:
                why.append(_(_ONE))
            if records and not vouchered:
                why.append(_(_NO_VOUCHER))
            if len(records) > 1 and len(institutions) < 2:
                why.append(_(_ONE_INSTITUTION))
            rows.append(
                {
                    "taxon": label,
                    "locus": locus,
                    "status": MISSING if not records else THIN if why else FOUND,
                    "records": len(records),
                    "species": len({r.reference().species for r in records} - {""}),
                    "vouchered": vouchered,
                    "institutions": len(institutions),
                    "why": ", ".join(why),
                }
            )
    return rows
