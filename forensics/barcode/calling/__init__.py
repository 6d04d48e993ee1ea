"""From candidates to a call.

``context``            what a call is decided from: query, searches, candidates, options
``decision``           from candidates to a call
``steps``              what may change a call after that, in order, and what is added to it
``calibration``        learns from a library how far calls can be trusted
                       (``features``: what is looked at; ``gradient_boosting``: the trees;
                       ``sampling``: which species and records are looked at)
``basis``              the locus of a query that is near to nothing, and the calibration that holds for it
``coverage``           how complete the library is for a genus
``tail``               how far a probability may go, and its interval
``far_placement``      family, order and class of what is near to nothing
``genus_support``      records and species that a genus rests on, and what they are worth
``caveats``            what stands against a call and is not in the candidates
``lineage``            what a lineage cannot say: the other parent, the domestic form
``species_support``    what stands behind a species: records, vouchers, congeners
``spread``             its barcoding gap in the library
``diagnostics``        positions that separate it from the closest other species
``reasons``            why a call is what it is, out of these three
``criteria``           what a call to species must meet (a ``profile`` asks for it)
``phylogeny``          a tree of a query and its nearest records (``figures`` draws it)
``multilocus``         several loci of one sample (``combination``: their result; ``joint``: their probabilities)
"""

__all__: list[str] = []  # modules are imported by their names
