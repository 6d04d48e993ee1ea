"""Sequences of a run put together by what was identified: what the reads are counted for."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from forensics.barcode.mixture.denoising import Denoised
from forensics.messages import _

if TYPE_CHECKING:
    from forensics.barcode.identification import Identification

__all__ = ["HUMAN", "Taxon", "label_of", "of_person", "taxa_of"]

HUMAN = "human"
# Of a person, or perhaps: neither bases nor digest of such a sequence leave the working folder.
_PERSONAL = frozenset({"HUMAN", "POSSIBLY_HUMAN", "ELIMINATION_MATCH"})
_CERTAIN = frozenset({"HUMAN", "ELIMINATION_MATCH"})
_NAMED = 3  # species of a set that a name gives before it stops


@dataclass(frozen=True)
class Taxon:
    """What was identified, and the sequences that were identified so.

    Attributes
    ----------
    status : str
        As of an identification, or ``human``.
    rank, taxon : str or None
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
    taxon: str | None
    label: str
    members: "tuple[tuple[Denoised, Identification], ...]"
    reads: dict[str, int]


def of_person(found: "Identification") -> bool:
    """Return whether a sequence is, or may be, of a person."""
    return bool(_PERSONAL & {warning.code for warning in found.warnings})


def taxa_of(found: "Iterable[tuple[Denoised, Identification]]") -> list[Taxon]:
    """Put sequences together that have one call; the taxon with most reads comes first.

    Sequences that are not in the library stay apart: they may be of several animals. So do
    inconclusive ones that have not the same species left.
    """
    groups: dict[tuple, list] = {}
    for one, call in found:
        groups.setdefault(_key(one, call), []).append((one, call))
    taxa = []
    for key, members in groups.items():
        members.sort(key=lambda pair: (-sum(pair[0].reads.values()), pair[0].digest))
        reads: Counter = Counter()
        for one, _call in members:
            reads.update(one.reads)
        call = members[0][1]
        taxa.append(
            Taxon(
                key[0], call.rank, call.taxon, label_of(key[0], call), tuple(members), dict(reads)
            )
        )
    return sorted(taxa, key=lambda taxon: (-sum(taxon.reads.values()), taxon.label))


def _key(one: Denoised, call: "Identification") -> tuple:
    codes = {warning.code for warning in call.warnings}
    if _CERTAIN & codes:
        return (HUMAN,)
    if call.status == "identified":
        return call.status, call.rank, call.taxon
    if call.status == "inconclusive":
        return call.status, "POSSIBLY_HUMAN" in codes, _species(call)
    if call.status == "unusable":
        return call.status, call.warnings[0].code
    return call.status, one.digest


def _species(call: "Identification") -> tuple[str, ...]:
    """Return the species that are not excluded; without such a set the nearest one."""
    return call.call.not_excluded or tuple(one.species for one in call.candidates[:1])


def label_of(status: str, call: "Identification") -> str:
    """Return what people read of a taxon, in their language, by the call of its first sequence."""
    if status == HUMAN:
        return _("human")
    if status == "identified":
        if call.rank == "species":
            return call.taxon
        return _("{taxon} (genus or family; the species is not settled)").format(taxon=call.taxon)
    if of_person(call):
        return _("possibly human, or another ape")
    if status == "unusable":
        return call.warnings[0].message.rstrip(".")
    best = call.candidates[0] if call.candidates else None
    if status == "inconclusive":
        species = _species(call)
        names = ", ".join(species[:_NAMED]) + (" …" if len(species) > _NAMED else "")
        return _("inconclusive; nearest: {names} ({identity:.1%})").format(
            names=names, identity=best.identity
        )
    if best is None:
        return _("nothing near enough in the library: no record reaches {floor:.0%}").format(
            floor=call.floor
        )
    return _("nothing near enough in the library; nearest: {species} ({identity:.1%})").format(
        species=best.species, identity=best.identity
    )
