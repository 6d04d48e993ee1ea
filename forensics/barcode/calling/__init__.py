"""From candidates to a call.

``decision``      from candidates to a call
``calibration``   learns from a library how far calls can be trusted
                  (``features``: what is looked at; ``trees``: what is grown;
                  ``sampling``: which species and records are looked at)
``basis``         the locus of a query that is near to nothing, and the calibration that holds for it
``support``       records and species that a genus rests on, and what they are worth
``reservations``  what stands against a call beside the candidates
``lineage``       what a lineage cannot say: the other parent, the domestic form
``backing``       what stands behind a species: records, vouchers, congeners
``spread``        its barcoding gap in the library
``diagnostics``   positions that separate it from the closest other species
``reasons``       why a call is what it is, out of these three
``criteria``      what a call to species must meet (a ``profile`` asks for it)
``asked``         the last three and a tree, where they are asked for
``tree``          a query among its nearest records (``figures`` draws it)
``multilocus``    several loci of one sample (``combination``: their result)
"""

__all__: list[str] = []  # modules are imported by their names
