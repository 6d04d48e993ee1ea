"""What stands behind a species in a library: records, vouchers, institutions, congeners."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from forensics.barcode.matching.index import Index

if TYPE_CHECKING:
    from forensics.taxonomy.backbone import Backbone

__all__ = ["Congeners", "SpeciesSupport", "congeners_of", "species_number", "species_support_of"]


@dataclass(frozen=True)
class SpeciesSupport:
    """The records of a species at one locus.

    Attributes
    ----------
    records : int
        Their number.
    vouchered : int
        Those with a voucher.
    institutions, countries : tuple of str
        Different ones, as the records spell them, in alphabetical order. Records without
        one are not counted as another.
    """

    records: int
    vouchered: int
    institutions: tuple[str, ...]
    countries: tuple[str, ...]

    def to_dict(self) -> dict:
        """Return plain values for JSON."""
        return {name: _plain(value) for name, value in asdict(self).items()}


@dataclass(frozen=True)
class Congeners:
    """The other species of a genus, as far as the library or a checklist knows them.

    A species that neither names cannot be listed: that none is listed does not prove that
    there is none.

    Attributes
    ----------
    sampled : tuple of str
        With a record at the locus of the call.
    unsampled : tuple of str
        Known from another locus of the library, its backbone of names or the checklist,
        without a record at the locus of the call.
    sources : tuple of str
        Where species of the genus are named beside the locus of the call: other loci,
        ``backbone`` and ``checklist``. Where there is none, nothing is known of unsampled species.
    """

    sampled: tuple[str, ...]
    unsampled: tuple[str, ...]
    sources: tuple[str, ...]

    def to_dict(self) -> dict:
        """Return plain values for JSON."""
        return {name: _plain(value) for name, value in asdict(self).items()}


def species_number(index: Index, haplotype: int, species: str) -> int:
    """Return the number that a species, one of a haplotype's, has in an index.

    Parameters
    ----------
    index : Index
    haplotype : int
        Number of a haplotype that a record of the species has.
    species : str
        Label of that record (`ReferenceRecord.label`).
    """
    for position in index.positions(haplotype):
        if index.record(position).label == species:
            return index.species_at(position)
    raise ValueError(f"haplotype {haplotype} has no record of {species}")


def species_support_of(index: Index, positions: Iterable[int]) -> SpeciesSupport:
    """Count what stands behind the records of these numbers."""
    records = [index.record(position) for position in positions]
    return SpeciesSupport(
        records=len(records),
        vouchered=sum(bool(record.voucher) for record in records),
        institutions=tuple(sorted({r.institution for r in records if r.institution})),
        # INSDC writes regions after a colon: "Canada: Ontario" is Canada.
        countries=tuple(sorted({c for r in records if (c := r.country.partition(":")[0].strip())})),
    )


def congeners_of(
    species: str,
    genus: str,
    *,
    here: Index,
    elsewhere: Iterable[Index] = (),
    backbone: "Backbone | None" = None,
    checklist: Mapping[str, Sequence[str]] | None = None,
) -> Congeners:
    """Return the congeners of a species with and without a record at a locus.

    Parameters
    ----------
    species, genus : str
        The species and its genus; an empty genus has no congeners.
    here : Index
        Locus of the call.
    elsewhere : iterable of Index
        The library's other loci.
    backbone : Backbone, optional
        Its names; the records bear the accepted ones.
    checklist : mapping of str to sequence of str, optional
        Binomials by genus, from a source that knows more species than the library.
    """
    if not genus:
        return Congeners((), (), ())
    sampled = _species(here, genus) - {species}
    named = {index.locus: _species(index, genus) for index in elsewhere}
    families = {record.family for record in map(here.record, here.positions_with(genus))}
    named["backbone"] = set(backbone.species_of(genus, known=families) if backbone else ())
    named["checklist"] = set((checklist or {}).get(genus, ()))
    known = set().union(*named.values())
    return Congeners(
        sampled=tuple(sorted(sampled)),
        unsampled=tuple(sorted(known - sampled - {species})),
        sources=tuple(source for source, names in named.items() if names),
    )


def _species(index: Index, genus: str) -> set[str]:
    """Return the named species of a genus in an index."""
    records = map(index.record, index.positions_with(genus))
    return {record.species for record in records if record.genus == genus and record.species}


def _plain(value):
    return list(value) if isinstance(value, tuple) else value
