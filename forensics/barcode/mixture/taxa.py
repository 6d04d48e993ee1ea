"""Sequences of a run put together by what was identified: what the reads are counted for."""

from collections import Counter
from collections.abc import Hashable, Iterable
from dataclasses import dataclass

from forensics.barcode.identification import Identification
from forensics.barcode.mixture.denoising import Denoised
from forensics.barcode.reference.units import UNIT
from forensics.messages import _

__all__ = ["HUMAN", "Taxon", "group_by_taxon", "is_of_person", "label_taxon"]

HUMAN = "human"
# Of a person, or perhaps: neither bases nor digest of such a sequence leave the working folder.
_PERSONAL = frozenset({"HUMAN", "POSSIBLY_HUMAN", "ELIMINATION_MATCH"})
_CERTAIN = frozenset({"HUMAN", "ELIMINATION_MATCH"})
_MAX_NAMED = 3  # species of a set that a name gives before it stops


@dataclass(frozen=True)
class Taxon:
    """What was identified, and the sequences that were identified so.

    Attributes
    ----------
    status : str
        As of an identification, or ``human``.
    rank, name : str or None
        Of the call.
    label : str
        What people read.
    members : tuple of (Denoised, Identification)
        The most frequent first.
    reads : dict of str to int
        Of each PCR, by its name.
    """

    status: str
    rank: str | None
    name: str | None
    label: str
    members: tuple[tuple[Denoised, Identification], ...]
    reads: dict[str, int]


def is_of_person(call: Identification) -> bool:
    """Return whether a sequence is, or may be, of a person."""
    return not _PERSONAL.isdisjoint(warning.code for warning in call.warnings)


def group_by_taxon(identified: Iterable[tuple[Denoised, Identification]]) -> list[Taxon]:
    """Put sequences together that have one call; the taxon with most reads comes first.

    Sequences to which nothing is near stay apart: they may be of several animals. So do
    inconclusive ones that have not the same species left.
    """
    groups: dict[Hashable, list[tuple[Denoised, Identification]]] = {}
    for sequence, call in identified:
        groups.setdefault(_key(sequence, call), []).append((sequence, call))
    taxa = []
    for members in groups.values():
        members.sort(key=lambda member: (-member[0].read_count, member[0].digest))
        reads: Counter[str] = Counter()
        for sequence, _call in members:
            reads.update(sequence.reads)
        call = members[0][1]
        status = _status(call)
        taxa.append(
            Taxon(
                status,
                call.rank,
                call.taxon,
                label_taxon(status, call),
                tuple(members),
                dict(reads),
            )
        )
    return sorted(taxa, key=lambda taxon: (-sum(taxon.reads.values()), taxon.label))


def _status(call: Identification) -> str:
    if not _CERTAIN.isdisjoint(warning.code for warning in call.warnings):
        return HUMAN
    return call.status


def _key(sequence: Denoised, call: Identification) -> Hashable:
    """Return what sequences of one taxon have in common."""
    status = _status(call)
    if status == HUMAN:
        return (status,)
    if status == "identified":
        return status, call.rank, call.taxon
    if status == "inconclusive":
        return status, is_of_person(call), _species(call)
    if status == "unusable":
        return status, call.warnings[0].code
    return status, sequence.digest


def _species(call: Identification) -> tuple[str, ...]:
    """Return the species that are not excluded; without such a set the nearest one."""
    return tuple(call.call.not_excluded) or tuple(
        candidate.species for candidate in call.candidates[:1]
    )


def label_taxon(status: str, call: Identification) -> str:
    """Return what people read of a taxon, in their language, by the call of its first sequence."""
    if status == HUMAN:
        return _("human")
    if status == "identified":
        if call.rank == "species":
            return str(call.taxon)
        if call.rank == UNIT:
            return call.headline()
        return _("{taxon} (genus or family; the species is not settled)").format(taxon=call.taxon)
    if is_of_person(call):
        return _("possibly human, or another ape")
    if status == "unusable":
        return call.warnings[0].message.rstrip(".")
    best = call.candidates[0] if call.candidates else None
    if best is None:
        return _("nothing near enough in the library: no record reaches {floor:.0%}").format(
            floor=call.floor
        )
    if status == "inconclusive":
        species = _species(call)
        names = ", ".join(species[:_MAX_NAMED]) + (" …" if len(species) > _MAX_NAMED else "")
        return _("inconclusive; nearest: {names} ({identity:.1%})").format(
            names=names, identity=best.identity
        )
    return _("nothing near enough in the library; nearest: {species} ({identity:.1%})").format(
        species=best.species, identity=best.identity
    )
