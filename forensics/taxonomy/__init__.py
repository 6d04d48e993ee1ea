"""Names of taxa.

``names``     reads a name as people deposit it: binomials, subspecies, ``sp.``, ``cf.``, hybrids
``synonyms``  synonym tables: chains, contradictions, the accepted name
``taxdump``   lineages, synonyms and merged numbers of NCBI's taxonomy, from its dump
``spelling``  names that differ by one letter
``listings``  CITES Appendices by population, kind of specimen, source and date; national law
``lineages``  domestic forms, introgression and hybrids, with sources (``lineages.tsv``)
``mentions``  taxa that a text names, by scientific and common names (``common_names.tsv``)
"""

__all__ = ["lineages", "listings", "mentions", "names", "spelling", "synonyms", "taxdump"]
