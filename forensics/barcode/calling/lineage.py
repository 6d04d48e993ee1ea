"""One lineage: what a barcode of an organelle, or of a taxon with a domestic form, cannot say.

An organelle is inherited from one parent. A call from it names that parent's line and is
silent on the other. Where domestic forms, introgression or hybrids are known
(`forensics.taxonomy.lineages`), the call becomes the set.
"""

from collections.abc import Iterator
from dataclasses import replace

from forensics.barcode.calling.decision import Call, at_rank
from forensics.barcode.locus import PLASTID, find_locus
from forensics.barcode.reference.units import UNIT
from forensics.core.notice import Notice
from forensics.notices.calls import DOMESTIC_FORM, KNOWN_HYBRIDISATION, ONE_LINEAGE
from forensics.taxonomy.lineages import DOMESTIC, HYBRIDS, Lineage, find_lineages

__all__ = ["lineage_warnings", "widen_to_lineage"]


def lineage_warnings(call: Call, locus: str | None) -> list[Notice]:
    """Return what a call at this locus leaves open.

    Parameters
    ----------
    call : Call
    locus : str or None
        Name of the locus; None where it is not known.

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
    return warnings + [_warning(species, lineage) for species, lineage in _sets(call)]


def widen_to_lineage(call: Call, locus: str | None, *, family: str = "") -> Call:
    """Return the call as the set that its lineage stands for, with its warnings.

    Parameters
    ----------
    call : Call
    locus : str or None
        Name of the locus.
    family : str, optional
        Family of the species called; it is called where the set has several genera.

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
    for species, lineage in _sets(call):
        others = lineage.others(species)
        names += [name for name in others if not _among(names, lineage.member(name))]
        if lineage.kind != HYBRIDS:
            members.update(others)
    widened = replace(
        call,
        not_excluded=tuple(names),
        warnings=(*call.warnings, *lineage_warnings(call, locus)),
    )
    if not call.members or members == set(call.members):
        return widened
    genera = {name.partition(" ")[0] for name in members}
    if len(genera) == 1:
        return at_rank(widened, "genus", genera.pop())
    if family:
        return at_rank(widened, "family", family)
    return replace(widened, status="inconclusive", rank=None, taxon=None, probability=None)


def _sets(call: Call) -> Iterator[tuple[str, Lineage]]:
    """Yield the sets that a call leads to; a call to a species by that species alone."""
    if call.status not in ("identified", "inconclusive"):
        return
    yield from find_lineages(call.members or call.not_excluded)


def _warning(species: str, lineage: Lineage) -> Notice:
    names = ", ".join((species, *lineage.others(species)))
    more = {"test": lineage.test(), "source": "; ".join(lineage.sources)}
    if lineage.kind == DOMESTIC and len(lineage.members) == 1:
        return DOMESTIC_FORM("one_species", species=species, **more)
    if lineage.kind == DOMESTIC:
        return DOMESTIC_FORM("several", names=names, **more)
    if lineage.kind == HYBRIDS:
        return KNOWN_HYBRIDISATION("hybrids", names=names, **more)
    return KNOWN_HYBRIDISATION("others", species=species, names=names, **more)


def _among(names: list[str], member: tuple[str, ...]) -> bool:
    return any(name in member for name in names)
