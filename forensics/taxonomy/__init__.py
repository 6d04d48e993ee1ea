"""Names of taxa.

``names``     reads a name as people deposit it: binomials, subspecies, ``sp.``, ``cf.``, hybrids
``synonyms``  synonym tables: chains, contradictions, the accepted name
``taxdump``   lineages, synonyms and merged numbers of NCBI's taxonomy, from its dump
``spelling``  names that differ by one letter
``lineages``  domestic forms, introgression and hybrids, with sources (``lineages.tsv``)
"""

__all__ = ["lineages", "names", "spelling", "synonyms", "taxdump"]
