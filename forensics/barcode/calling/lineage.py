"""One lineage: what a barcode of an organelle, or of a taxon with a domestic form, cannot say.

An organelle is inherited from one parent. A call from it names that parent's line and is
silent on the other. Where domestic forms, introgression or hybrids are known
(`forensics.taxonomy.lineages`), the call becomes the set.

Where introgression went one way, the lender's line leads to the set, and the other's own line to that
species alone. Which of the two the records of the borrower are of, their name does not say; the library
shows it where it holds records of the lender (`is_of_another_line`).
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from forensics.barcode.calling.decision import Call, at_rank
from forensics.barcode.calling.spread import SPREAD_HAPLOTYPES, some_of, spread_of
from forensics.barcode.locus import PLASTID, find_locus
from forensics.barcode.matching.index import Index
from forensics.barcode.matching.search import exhaustive_search
from forensics.barcode.reference.units import UNIT
from forensics.core.notice import Notice
from forensics.notices.calls import DOMESTIC_FORM, KNOWN_HYBRIDISATION, ONE_LINEAGE
from forensics.taxonomy.lineages import (
    DOMESTIC,
    HYBRIDS,
    Lineage,
    find_borrowed,
    find_lineages,
)

__all__ = ["IsApart", "is_of_another_line", "lineage_warnings", "widen_to_lineage"]

# Identities are ratios of small whole numbers; this is far below the distance of any two.
_TOLERANCE = 1e-9

IsApart = Callable[[str, Sequence[str]], bool]
"""Asked with a species and the names of a lender: whether the sequence is shown to be not of the lender's line."""


def is_of_another_line(sequence: str, index: Index, species: str, lender: Sequence[str]) -> bool:
    """Return whether a sequence is of a line of the species that is not the lender's.

    Some records of the species may be of the lender's line. The one that is farthest from the lender's
    records is not, if it is farther from them than they are from each other; and the sequence is of its
    line, if it is nearer to that one than to any of the lender's.

    Parameters
    ----------
    sequence : str
        The clean query.
    index : Index
        The index that was searched.
    species : str
        The species called.
    lender : sequence of str
        Names of the species that lent its line.

    Returns
    -------
    bool
        False also where the index shows nothing: it has fewer than two haplotypes of the lender, or some
        that cannot be compared with each other or with the query.
    """
    lent, own = _haplotypes(index, lender), _haplotypes(index, [species])
    from_lent = _distance(index, sequence, lent)
    if len(lent) < 2 or from_lent is None:
        return False
    spread = spread_of(index, lent, sequence, lent[0])
    far = [
        (distance, haplotype)
        for haplotype in some_of(own, SPREAD_HAPLOTYPES, own[0])
        if (distance := _distance(index, index.sequence(haplotype).decode(), lent)) is not None
    ]
    if spread.largest is None or spread.apart or not far:
        return False
    distance, farthest = max(far)
    from_own = _distance(index, sequence, [farthest])
    return (
        distance > spread.largest + _TOLERANCE
        and from_own is not None
        and from_own < from_lent - _TOLERANCE
    )


def _haplotypes(index: Index, names: Sequence[str]) -> list[int]:
    """Return the haplotypes of a species that libraries call by these names, ascending."""
    positions = (position for name in names for position in index.positions_with(name))
    return sorted({index.haplotype_at(p) for p in positions if index.record(p).label in names})


def _distance(index: Index, sequence: str, haplotypes: Sequence[int]) -> float | None:
    """Return the p-distance to the nearest of them; None where none can be compared, or is near."""
    hits = exhaustive_search(index, sequence, among=haplotypes).hits
    return 1 - hits[0].identity if hits else None


def _shows_nothing(species: str, lender: Sequence[str]) -> bool:
    return False


def lineage_warnings(
    call: Call, locus: str | None, *, is_apart: IsApart = _shows_nothing
) -> list[Notice]:
    """Return what a call at this locus leaves open.

    Parameters
    ----------
    call : Call
    locus : str or None
        Name of the locus; None where it is not known.
    is_apart : IsApart
        As of `widen_to_lineage`.

    Returns
    -------
    list of Notice
        ``ONE_LINEAGE`` for a species or genus from an organelle; ``DOMESTIC_FORM`` and
        ``KNOWN_HYBRIDISATION`` with the set and the nuclear test.
    """
    warnings = []
    known = find_locus(locus) if locus else None
    if known and known.one_lineage and call.rank in ("species", UNIT, "genus"):
        genome = "plastid" if known.genome == PLASTID else "mitochondrion"
        warnings.append(ONE_LINEAGE(genome))
    return warnings + [_warning(species, lineage) for species, lineage in _sets(call, is_apart)]


def widen_to_lineage(
    call: Call, locus: str | None, *, family: str = "", is_apart: IsApart = _shows_nothing
) -> Call:
    """Return the call as the set that its lineage stands for, with its warnings.

    Parameters
    ----------
    call : Call
    locus : str or None
        Name of the locus.
    family : str, optional
        Family of the species called; it is called where the set has several genera.
    is_apart : IsApart
        Whether the sequence is shown to be not of the line of a species that lent its line to the one
        called (`is_of_another_line`). By default nothing shows it, and the set is called.

    Returns
    -------
    Call
        `Call.not_excluded` has the members. With a domestic form, or where introgression
        is known, a species becomes the lowest taxon that holds the set; the members of a
        set are of one family. A species of which only hybrids are known stays the call,
        because the line of one parent is what it names.
    """
    names = list(call.not_excluded)
    if call.species and call.species not in names:
        names.insert(0, call.species)
    members = set(call.members)
    for species, lineage in _sets(call, is_apart):
        others = lineage.others(species)
        names += [name for name in others if not _among(names, lineage.member(name))]
        if lineage.kind != HYBRIDS:
            members.update(others)
    widened = replace(
        call,
        not_excluded=tuple(names),
        warnings=(*call.warnings, *lineage_warnings(call, locus, is_apart=is_apart)),
    )
    if not call.members or members == set(call.members):
        return widened
    genera = {name.partition(" ")[0] for name in members}
    if len(genera) == 1:
        return at_rank(widened, "genus", genera.pop())
    if family:
        return at_rank(widened, "family", family)
    return replace(widened, status="inconclusive", rank=None, taxon=None, probability=None)


def _sets(call: Call, is_apart: IsApart) -> Iterator[tuple[str, Lineage]]:
    """Yield the sets that a call leads to; a call to a species or genus by what is of it alone."""
    if call.status not in ("identified", "inconclusive"):
        return
    names = call.members or call.not_excluded
    if call.rank == "genus":
        names = tuple(name for name in names if name.partition(" ")[0] == call.taxon)
    found = find_lineages(names)
    if all(lineage.kind == HYBRIDS for _species, lineage in found):  # else it is widened already
        found += [
            (species, lineage)
            for species in call.members
            for lineage in find_borrowed(species)
            if not all(is_apart(species, lender) for lender in lineage.lent_to(species))
        ]
    wider = [{*lineage.members} for _species, lineage in found if lineage.kind != HYBRIDS]
    for species, lineage in found:
        if lineage.kind != HYBRIDS or {*lineage.members} not in wider:
            yield species, lineage


def _warning(species: str, lineage: Lineage) -> Notice:
    names = ", ".join((species, *lineage.others(species)))
    more = {"test": lineage.test(), "source": "; ".join(lineage.sources)}
    if lineage.kind == DOMESTIC and len(lineage.members) == 1:
        return DOMESTIC_FORM("one_species", species=species, **more)
    if lineage.kind == DOMESTIC:
        return DOMESTIC_FORM("several", names=names, **more)
    if lineage.kind == HYBRIDS:
        return KNOWN_HYBRIDISATION("hybrids", names=names, **more)
    if lenders := lineage.lent_to(species):
        lent = ", ".join(lender[0] for lender in lenders)
        return KNOWN_HYBRIDISATION("borrowed", species=species, lenders=lent, names=names, **more)
    return KNOWN_HYBRIDISATION("others", species=species, names=names, **more)


def _among(names: list[str], member: tuple[str, ...]) -> bool:
    return any(name in member for name in names)
