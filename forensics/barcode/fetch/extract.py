"""What is known of a fetched record, and the loci that are cut out of it.

The annotation says where a locus lies: on either strand, in several parts, across the point where
a circle was opened. What was cut is screened when a library is built of it (`forensics library build`).
What is not taken is reported with its reason:

- records marked as unverified or environmental, whose name nobody vouches for;
- nuclear copies of organelle genes, and genes marked as pseudogenes;
- loci that a record annotates twice with different sequences;
- records in which the locus is not annotated. A long record without any annotation is cut by
  alignment; a short one whose title names the one gene is taken whole.

Which feature is of which locus, `forensics.barcode.reference.annotated` says.

References
----------
Bensasson et al. 2001, doi:10.1016/S0169-5347(01)02151-6: mitochondrial genes in the nucleus.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from forensics.barcode.locus import MAX_GENE_LENGTH, check_sequence, clean, find_locus, known_loci
from forensics.barcode.reference.annotated import (
    features_of,
    gene_key,
    is_of_genome,
    is_pseudo,
    organelle_of,
    source_of,
)
from forensics.barcode.reference.library import Library
from forensics.barcode.reference.records import ReferenceRecord
from forensics.messages import _

if TYPE_CHECKING:
    from Bio.SeqFeature import SeqFeature
    from Bio.SeqRecord import SeqRecord

#: Ranks of a reference record, from above; the names that taxonomies use.
RANKS = ("phylum", "class", "order", "family", "genus")
# What a reference record says in the same words.
_OF_REFERENCE = (
    "voucher", "identifier", "institution", "country", "date", "source", "licence",
)  # fmt: skip


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
        said = {name: getattr(self, name) for name in _OF_REFERENCE}
        return ReferenceRecord.named(self.accession, self.name, locus=locus, **said, **ranks)

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
    """

    record: Fetched
    locus: str
    sequence: str
    way: str = "whole"
    place: str = ""


# -- cutting ---------------------------------------------------------------------

# Keywords that GenBank gives to records it could not verify, and to those of an environment
# instead of a specimen.
_UNVERIFIED, _ENVIRONMENTAL = "UNVERIFIED", "ENV"
_NUCLEAR_COPY = re.compile(
    r"\b(nuclear (copy|pseudogene|mitochondrial)|numt|nuclear insertion|pseudogene)", re.IGNORECASE
)
_ENVIRONMENT = re.compile(r"^(uncultured|environmental)\b|\benvironmental sample", re.IGNORECASE)
_ANNOTATED = ("CDS", "rRNA", "tRNA", "D-loop", "misc_feature", "misc_RNA", "gene", "intron")
_PLACE = 120  # letters of a place in the table; a gene in many parts is reported in part


def unfit(record: Fetched, entry: "SeqRecord") -> str:
    """Return why no locus of a record is taken, whatever it is, or an empty string."""
    listed = entry.annotations.get("keywords")
    words: list[str] = listed if isinstance(listed, list) else []
    keywords = {word.upper() for word in words}
    if _UNVERIFIED in keywords or record.title.upper().startswith("UNVERIFIED"):
        return _("marked as UNVERIFIED by GenBank")
    environmental = _ENVIRONMENTAL in keywords or "environmental_sample" in source_of(entry)
    if environmental or _ENVIRONMENT.search(record.name):
        return _("of an environmental sample, not of a specimen")
    if _NUCLEAR_COPY.search(record.title):
        return _("its title says that it is a nuclear copy or a pseudogene")
    return ""


def extract_loci(
    record: Fetched, entry: "SeqRecord", sequence: str, loci: Sequence[str], library: Library
) -> tuple[list[Piece], dict[str, str]]:
    """Cut loci out of one record.

    Parameters
    ----------
    record : Fetched
    entry : Bio.SeqRecord.SeqRecord
        The same as Biopython reads it.
    sequence : str
        Its sequence; empty where it has none.
    loci : sequence of str
        The loci that are wanted.
    library : Library
        Known records, for what has no annotation.

    Returns
    -------
    pieces : list of Piece
        One a locus at most.
    reasons : dict of str to str
        Of the loci that the record should hold and that were not taken, why not; under an
        empty name, why the whole record gave nothing.
    """
    if not sequence:
        return [], {"": _("it has no sequence of its own")}
    if reason := unfit(record, entry):
        return [], {"": reason}
    pieces: list[Piece] = []
    reasons: dict[str, str] = {}
    for locus in loci:
        piece, reason = _annotated(record, entry, locus)
        if piece:
            pieces.append(piece)
        elif reason:
            reasons[locus] = reason
    if not pieces and not reasons:
        annotated = any(feature.type in _ANNOTATED for feature in entry.features)
        if not annotated and len(sequence) > MAX_GENE_LENGTH:
            pieces = _aligned(record, sequence, loci, library)
        elif not annotated:
            pieces = _whole(record, entry, sequence, loci)
        if not pieces:
            reasons[""] = _("none of {loci} is annotated in it").format(loci=", ".join(loci))
    kept = []
    for piece in pieces:
        if reason := unlikely(piece):
            reasons[piece.locus] = reason
        else:
            kept.append(piece)
    return kept, reasons


def _annotated(record: Fetched, entry: "SeqRecord", locus: str) -> tuple[Piece | None, str]:
    """Return the locus as the annotation has it, or why it cannot be taken."""
    features = features_of(entry, find_locus(locus))
    if not features:
        return None, ""
    if not is_of_genome(find_locus(locus), entry, record.title):
        return None, _("annotated, but not of the genome that has {locus} ({said})").format(
            locus=locus, said=organelle_of(entry) or _("the genome is not stated")
        )
    sound = [feature for feature in features if not is_pseudo(feature)]
    if not sound:
        return None, _("marked as a pseudogene")
    if locus == "ITS" and len(sound) > 1:
        sound = [_joined(sound)]
    texts: dict[str, SeqFeature] = {}
    for feature in sound:
        try:
            text = clean(str(feature.extract(entry.seq)))
        except (ValueError, IndexError, TypeError, AttributeError) as error:
            return None, _("its place cannot be read: {error}").format(error=_shown(error))
        texts.setdefault(text, feature)
    longest = max(texts, key=lambda text: (len(text), text))
    if any(text not in longest for text in texts):
        return None, _("annotated {number} times with different sequences").format(
            number=len(texts)
        )
    place = _shown(texts[longest].location)
    return Piece(record, locus, longest, way="annotation", place=place), ""


def _shown(text: object) -> str:
    return " ".join(str(text).split())[:_PLACE]


def _joined(features: "list[SeqFeature]") -> "SeqFeature":
    """Return one feature from the first to the last of several on one strand: both ITS and 5.8S."""
    from Bio.SeqFeature import SeqFeature, SimpleLocation

    strands = {feature.location.strand for feature in features}
    if len(strands) != 1:
        return features[0]
    start = min(int(feature.location.start) for feature in features)
    end = max(int(feature.location.end) for feature in features)
    return SeqFeature(SimpleLocation(start, end, strand=strands.pop()), type=features[0].type)


def _aligned(record: Fetched, sequence: str, loci: Sequence[str], library: Library) -> list[Piece]:
    """Cut a record without annotation by what the library knows of the loci."""
    from forensics.barcode.reading.cutting import cut_into_loci
    from forensics.barcode.reading.reads import Query

    text = clean(sequence)
    known_loci = [locus for locus in loci if locus in library.loci]
    if not known_loci or check_sequence(text):
        return []
    cut_out = cut_into_loci(Query(record.accession, text), library, known_loci)
    return [
        Piece(record, names[0], query.sequence, way="alignment",
              place=" ".join(note.message for note in query.notes[-1:])[:_PLACE])
        for query, names in cut_out
        if len(names) == 1 and query.sequence != text
    ]  # fmt: skip


def _whole(record: Fetched, entry: "SeqRecord", sequence: str, loci: Sequence[str]) -> list[Piece]:
    """Take a short record whose title names one of the loci and no other."""
    title = gene_key(record.title)
    named = [
        locus.name
        for locus in known_loci()
        if any(gene_key(product) in title for product in locus.gene.products)
        and is_of_genome(locus, entry, record.title)
    ]
    if len(named) == 1 and named[0] in loci:
        return [Piece(record, named[0], clean(sequence), way="whole")]
    return []


def unlikely(piece: Piece) -> str:
    """Return why a piece cannot be a whole or partial copy of its locus, or an empty string."""
    if problem := check_sequence(piece.sequence):
        return problem.message
    locus = find_locus(piece.locus)
    least, most = locus.minimum_length, locus.maximum_length
    if not least <= len(piece.sequence) <= most:
        return _("{length} bases; {locus} has {least} to {most}").format(
            length=len(piece.sequence), locus=piece.locus, least=least, most=most
        )
    return ""
