"""From candidates to a call.

``decision``       from candidates to a call: what may be said of a query, and at which rank
``steps``          what may change a call after the candidates decided it, in order
``calibration``    how far the calls of a library can be trusted: learnt from the library alone
``caveats``        what stands against a call beside the candidates, and how far the call then
                   goes
``reasons``        why a call is what it is: the facts behind it as values, and in sentences
``criteria``       criteria that a call to species must meet: a profile in a file that a
                   laboratory edits, and its evaluation
``combine``        several loci of one sample, combined: the joint probabilities, the call, and
                   the result
``far``            places a sequence of which nothing is near at a family, an order or a class,
                   with a probability
``trees``          a neighbour-joining tree of a query and its nearest records, and its picture
``genus_support``  what a genus rests on: how many records and species of it are near, and what
                   that is worth
``spread``         the barcoding gap of a species in a library: its own spread, and its nearest
                   other species
``sampling``       looks sampled records of a library up in the rest of it, for a calibration to
                   learn from
"""
