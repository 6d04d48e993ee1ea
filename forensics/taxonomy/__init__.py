"""Names of taxa.

``names``            scientific names as people deposit them
``synonyms``         synonym tables: which name of a species is the accepted one
``backbone``         a backbone of names: accepted names, synonyms, the species known of each
                     genus and family, and the ranks above
``taxdump``          NCBI's taxonomy from its dump: lineages, merged numbers, synonyms and the
                     accepted names
``spelling``         names of a library that differ by one letter, of which one may be misspelt
``listings``         CITES listings: which Appendix applies to a taxon, a population, a kind of
                     specimen, on a day
``lineages``         taxa whose lineages a barcode does not tell apart: domestic forms,
                     introgression, hybrids
``mentions``         taxa that a text names, by their scientific names and by their common names
``dumped_backbone``  a backbone of names from a dump of NCBI's taxonomy
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
