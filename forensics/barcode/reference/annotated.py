"""Which locus a feature of an annotated record is of.

The names of genes are those of animal mitochondrial and of plastid genomes in INSDC records
(`forensics.barcode.locus.AnnotatedGene`). A name that other genes bear too (``16S ribosomal RNA`` is also a plastid's
and a bacterium's) counts in a record of the right genome only.

References
----------
The DDBJ/ENA/GenBank Feature Table Definition: locations, ``/pseudo``, ``/organelle``.
"""

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from forensics.barcode.locus import MITOCHONDRIAL, PLASTID, Locus

if TYPE_CHECKING:
    from Bio.SeqFeature import SeqFeature
    from Bio.SeqRecord import SeqRecord

_MITOCHONDRION = re.compile(r"\bmitochondri", re.IGNORECASE)
_PLASTID = re.compile(r"\b(plastid|chloroplast|chromoplast|apicoplast)", re.IGNORECASE)


def gene_key(name: str) -> str:
    """Return a name of a gene as it is compared: without case and signs.

    Examples
    --------
    >>> gene_key("COX-1") == gene_key("cox1")
    True
    """
    return "".join(letter for letter in name.casefold() if letter.isalnum())


def source_of(entry: "SeqRecord") -> Mapping[str, list[str]]:
    """Return what a record says of its source."""
    return next((f.qualifiers for f in entry.features if f.type == "source"), {})


def said_by(entry: "SeqRecord", *names: str) -> str:
    """Return what the source of a record says under the first of these names that it has."""
    qualifiers = source_of(entry)
    return next((qualifiers[name][0] for name in names if qualifiers.get(name)), "")


def taxon_of(entry: "SeqRecord") -> int:
    """Return NCBI's number of the taxon; 0 where the record says none."""
    for reference in source_of(entry).get("db_xref", ()):
        name, _colon, number = reference.partition(":")
        if name == "taxon" and number.isascii() and number.isdigit() and len(number) < 10:
            return int(number)
    return 0


def ranks_by_ending(names: Sequence[str]) -> dict[str, str]:
    """Return order and family of a lineage from above, where a name has their ending."""
    endings = {"order": ("formes", "ales"), "family": ("idae", "aceae")}
    found = {
        rank: next((name for name in reversed(names) if name.endswith(ending)), "")
        for rank, ending in endings.items()
    }
    return {rank: name for rank, name in found.items() if name}


def organelle_of(entry: "SeqRecord") -> str:
    """Return the organelle that a record says; "" where it says none."""
    return source_of(entry).get("organelle", [""])[0]


def is_of_genome(locus: Locus, entry: "SeqRecord", title: str, *, must_say_so: bool = True) -> bool:
    """Return whether a record can be of the genome that holds a locus.

    It says so as ``/organelle``, which many deposited genes lack, or in its title. Where the name of the gene is that
    of others too, it must say so; with ``must_say_so=False`` it may be silent, as a record that somebody chose.
    """
    description = organelle_of(entry) or title
    mitochondrial = bool(_MITOCHONDRION.search(description))
    plastid = bool(_PLASTID.search(description))
    if locus.genome == MITOCHONDRIAL:
        return mitochondrial or not (plastid or (must_say_so and locus.gene.shared))
    if locus.genome == PLASTID:
        # rbcL and matK stand in plastids alone; trnL in mitochondria too, without its intron.
        return not mitochondrial
    return not (mitochondrial or plastid)


def is_pseudo(feature: "SeqFeature") -> bool:
    """Return whether a feature is marked as a gene copy that does not work."""
    return not {"pseudo", "pseudogene"}.isdisjoint(feature.qualifiers)


def features_of(entry: "SeqRecord", locus: Locus) -> "list[SeqFeature]":
    """Return the features of a locus, those of the first type of `AnnotatedGene.types` that there are.

    A gene feature is asked last: it may hold what the CDS leaves out.
    """
    by_type: dict[str, list[SeqFeature]] = {}
    for feature in entry.features:
        if feature.type in locus.gene.types and _is(feature, locus):
            by_type.setdefault(feature.type, []).append(feature)
    return next((by_type[kind] for kind in locus.gene.types if kind in by_type), [])


def _is(feature: "SeqFeature", locus: Locus) -> bool:
    """Return whether a feature is of the locus by its gene, its product or its note."""
    if feature.type == "D-loop":
        return locus.name == "CR"
    symbols = {gene_key(name) for name in locus.gene.symbols}
    products = {gene_key(name) for name in locus.gene.products}
    if feature.type in ("misc_feature", "misc_RNA", "regulatory", "intron"):
        # What has no key of its own is reported in words.
        notes = [gene_key(note) for note in feature.qualifiers.get("note", ())]
        if any(product in note for product in products for note in notes):
            return True
    return any(
        gene_key(name) in symbols | products
        for key in ("gene", "product", "standard_name", "gene_synonym")
        for name in feature.qualifiers.get(key, ())
    )
