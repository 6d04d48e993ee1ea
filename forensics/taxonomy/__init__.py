"""Names of taxa.

``names``     reads a name as people deposit it: binomials, subspecies, ``sp.``, ``cf.``, hybrids
``synonyms``  synonym tables: chains, contradictions, the accepted name
``backbone``  accepted names, synonyms and species known of each genus and family
``dumped_backbone`` a backbone from NCBI's dump
``taxdump``   lineages, synonyms and merged numbers of NCBI's taxonomy, from its dump
``spelling``  names that differ by one letter
``listings``  CITES Appendices by population, kind of specimen, source and date; national law
``lineages``  domestic forms, introgression and hybrids, with sources (``lineages.tsv``)
``mentions``  taxa that a text names, by scientific and common names (``common_names.tsv``)
"""

from typing import TYPE_CHECKING

from forensics.lazily import lazily

_PUBLIC = {
    "listing_of": "listings.lookup",
    "parse_name": "names",
    "read_official": "listings.official",
    "read_synonyms": "synonyms",
    "read_taxdump": "taxdump",
}

_SUBPACKAGES = (
    "backbone",
    "lineages",
    "listings",
    "mentions",
    "names",
    "spelling",
    "synonyms",
    "taxdump",
)

__all__ = [
    "backbone",
    "lineages",
    "listing_of",
    "listings",
    "mentions",
    "names",
    "parse_name",
    "read_official",
    "read_synonyms",
    "read_taxdump",
    "spelling",
    "synonyms",
    "taxdump",
]

if TYPE_CHECKING:  # what type checkers, editors and tab completion see
    from forensics.taxonomy import (
        backbone,
        lineages,
        listings,
        mentions,
        names,
        spelling,
        synonyms,
        taxdump,
    )
    from forensics.taxonomy.listings.lookup import listing_of
    from forensics.taxonomy.listings.official import read_official
    from forensics.taxonomy.names import parse_name
    from forensics.taxonomy.synonyms import read_synonyms
    from forensics.taxonomy.taxdump import read_taxdump
else:  # for them a module with __getattr__ would have every name
    __getattr__, __dir__ = lazily(__name__, _PUBLIC, _SUBPACKAGES)
