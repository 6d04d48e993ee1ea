"""What is known of a fetched record, and what was cut out of it."""

from dataclasses import dataclass, fields

from forensics.barcode.reference.records import ReferenceRecord

__all__ = ["COLUMNS", "RANKS", "Fetched", "Piece"]

#: Ranks of a reference record, from above; the names that taxonomies use.
RANKS = ("phylum", "class", "order", "family", "genus")


@dataclass(frozen=True)
class Fetched:
    """One record as the source has it; empty where it does not say.

    Attributes
    ----------
    accession : str
        INSDC accession with its version, or BOLD process id.
    name : str
        The organism as deposited.
    taxonomy : tuple of str
        The names above it, from above, as the source had them at that date.
    ranks : tuple of (str, str)
        Those of `RANKS` that are known.
    taxid : str
        NCBI taxon id.
    voucher, identifier, institution, country, date : str
        As in `ReferenceRecord`; `date` is that of the collection.
    coordinates, collector : str
        Of the collection, as deposited.
    publication, submitter, title : str
        First publication; who deposited it; what the record calls itself.
    deposited : str
        Date of this version, as the source gives it.
    insdc : str
        INSDC accession of a BOLD record.
    source, licence : str
        Where it came from, and its licence where the record names one.
    sha256 : str
        Of the record's bytes as they arrived.
    """

    accession: str
    name: str
    taxonomy: tuple[str, ...] = ()
    ranks: tuple[tuple[str, str], ...] = ()
    taxid: str = ""
    voucher: str = ""
    identifier: str = ""
    institution: str = ""
    country: str = ""
    date: str = ""
    coordinates: str = ""
    collector: str = ""
    publication: str = ""
    submitter: str = ""
    title: str = ""
    deposited: str = ""
    insdc: str = ""
    source: str = ""
    licence: str = ""
    sha256: str = ""

    def reference(self, locus: str = "") -> ReferenceRecord:
        """Return the reference record that this one makes."""
        ranks = {f"{r}_" if r == "class" else r: name for r, name in self.ranks if r != "genus"}
        return ReferenceRecord.named(
            self.accession,
            self.name,
            locus=locus,
            voucher=self.voucher,
            identifier=self.identifier,
            institution=self.institution,
            country=self.country,
            date=self.date,
            source=self.source,
            licence=self.licence,
            **ranks,
        )

    def belongs_to(self, names: set[str]) -> bool:
        """Return whether the record is of one of the taxa that are called so."""
        own = self.reference()
        return not names.isdisjoint(
            {self.name, own.species, own.genus, *self.taxonomy, *(n for _rank, n in self.ranks)}
        )


@dataclass(frozen=True)
class Piece:
    """A locus of a record.

    Attributes
    ----------
    record : Fetched
    locus : str
    sequence : str
        Clean, in the direction of the gene.
    way : str
        How it was found: ``annotation``, ``alignment``, ``whole`` (the record is the locus).
    place : str
        Where, as the annotation writes it.
    agrees : str
        What the comparison with known records gave; see `forensics.barcode.fetching.cross_check`.
    """

    record: Fetched
    locus: str
    sequence: str
    way: str = "whole"
    place: str = ""
    agrees: str = ""


#: Columns of the table beside the FASTA: those of the reference records (without the locus: a
#: record may have several), then what a reader of FASTA and table passes over.
COLUMNS = tuple(
    name for name in (f.name.rstrip("_") for f in fields(ReferenceRecord)) if name != "locus"
) + (
    "loci", "coordinates", "collector", "publication", "submitter", "deposited", "insdc",
    "taxid", "taxonomy", "taxonomy_date", "title", "sha256",
)  # fmt: skip
