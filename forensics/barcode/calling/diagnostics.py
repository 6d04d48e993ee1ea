"""Diagnostic positions: where query and called species differ from the closest other species.

Every haplotype of both species, and the query, is aligned with one record of the called
species, the best hit; its bases give the positions their numbers. A position is
*diagnostic* where the query has a base that at least the best record has too and that no
compared record of the other species has; it is *fixed* where all compared records of the
called species have it. Gaps and IUPAC codes prove nothing and are left out.
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass

from forensics.barcode.matching.kernel import semiglobal_path
from forensics.barcode.matching.search import FLOOR
from forensics.barcode.sequence import reverse_complement

__all__ = ["MAXIMUM_POSITIONS", "Diagnostics", "Position", "diagnose"]

# More positions than this tell a reader nothing more; their number is given in any case.
MAXIMUM_POSITIONS = 30


@dataclass(frozen=True)
class Position:
    """A position that separates two species.

    Attributes
    ----------
    position : int
        In the reference record, counted from 1.
    query : str
        Base of the query.
    own, other : str
        Bases of the records of the called and of the other species, such as ``A`` or ``CT``.
    fixed : bool
        Whether all records of the called species that were compared have the query's base.
    """

    position: int
    query: str
    own: str
    other: str
    fixed: bool

    def to_dict(self) -> dict:
        """Return plain values for JSON."""
        return asdict(self)


@dataclass(frozen=True)
class Diagnostics:
    """What separates the called species from another at the bases of a query.

    Attributes
    ----------
    reference : str
        Accession of the record whose bases are counted.
    other : str
        The other species.
    own_haplotypes, other_haplotypes : int
        Haplotypes that were aligned.
    fixed, variable : int
        Diagnostic positions where the called species has one base, and where it has several.
    against : int
        Positions where the query has a base of the other species that no compared record of
        the called one has: what speaks against the call.
    positions : tuple of Position
        Fixed ones first, at most `MAXIMUM_POSITIONS`.
    """

    reference: str
    other: str
    own_haplotypes: int
    other_haplotypes: int
    fixed: int
    variable: int
    against: int
    positions: tuple[Position, ...]

    def to_dict(self) -> dict:
        """Return plain values for JSON."""
        return {**asdict(self), "positions": [p.to_dict() for p in self.positions]}


def diagnose(
    query: str,
    reference: str,
    own: Iterable[str],
    others: Iterable[str],
    *,
    accession: str,
    other: str,
) -> Diagnostics | None:
    """Find the diagnostic positions.

    Parameters
    ----------
    query : str
        The clean questioned sequence.
    reference : str
        Sequence of the best record of the called species.
    own, others : iterable of str
        Haplotypes of the called and of the other species. Those that cannot be placed whole
        within the reference, or the reference within them, are left out.
    accession : str
        Of the reference.
    other : str
        Name of the other species.

    Returns
    -------
    Diagnostics or None
        None where the query or all of a species cannot be placed.
    """
    bases_of_query = _column(reference, query)
    mine = [column for column in (_column(reference, s) for s in own) if column]
    theirs = [column for column in (_column(reference, s) for s in others) if column]
    if not bases_of_query or not mine or not theirs:
        return None
    diagnostic, against = [], 0
    for place, base in sorted(bases_of_query.items()):
        own_bases = {column[place] for column in mine if place in column}
        other_bases = {column[place] for column in theirs if place in column}
        if not own_bases or not other_bases:
            continue
        if base in other_bases and base not in own_bases:
            against += 1
        if base == reference[place] and base not in other_bases:
            diagnostic.append(
                Position(
                    position=place + 1,
                    query=base,
                    own="".join(sorted(own_bases)),
                    other="".join(sorted(other_bases)),
                    fixed=own_bases == {base},
                )
            )
    diagnostic.sort(key=lambda position: (not position.fixed, position.position))
    fixed = sum(position.fixed for position in diagnostic)
    return Diagnostics(
        reference=accession,
        other=other,
        own_haplotypes=len(mine),
        other_haplotypes=len(theirs),
        fixed=fixed,
        variable=len(diagnostic) - fixed,
        against=against,
        positions=tuple(diagnostic[:MAXIMUM_POSITIONS]),
    )


def _column(reference: str, sequence: str) -> dict[int, str]:
    """Return the plain base that stands opposite to each place of the reference."""
    for strand in (sequence, reverse_complement(sequence)):
        inside = len(strand) <= len(reference)
        inner, outer = (strand, reference) if inside else (reference, strand)
        edits, start, path = semiglobal_path(inner, outer, int((1 - FLOOR) * len(inner)))
        if edits is not None:
            at_inner, at_outer = 0, start
            column = {}
            for count, step in path:
                if step in "=X":
                    for offset in range(count):
                        pair = at_inner + offset, at_outer + offset
                        place, base = pair[inside], strand[pair[not inside]]
                        if base in "ACGT":
                            column[place] = base
                at_inner += count * (step != "D")
                at_outer += count * (step != "I")
            return column
    return {}
