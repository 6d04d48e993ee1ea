"""CITES listings: which Appendix applies to a taxon, a population, a kind of specimen, on a day.

``lookup``          which Appendix applies: by taxon, population, kind of specimen, source and
                    date
``table``           the table of listings: taxa at the rank at which they are listed, with dates
                    in force
``nomenclature``    names as the standard nomenclature of CITES has them, and the taxa above and
                    below them
``places``          countries, parts of countries and regions: which population a listing speaks
                    of
``results``         what the Appendices say of a specimen: every answer that stands, and what
                    each rests on
``official``        the official lists, so that a laboratory is current: Index of CITES Species,
                    History of CITES Listings
``law``             annotations of listings, evaluated: which specimens a listing covers
``reports``         amendments that were reported after the day of the table: warnings with
                    their sources, and no law
``hybrids``         hybrids: animals to the fourth generation, plants as their parents
``kinds``           kinds of specimen: the trade terms of CITES, with the words that people use
                    for them
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
