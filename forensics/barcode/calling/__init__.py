"""From candidates to a call.

``decision``     from candidates to a call: what may be said of a query, and at which rank
``calibration``  how far the calls of a library can be trusted, as a locus of it says:
                 probabilities of a query's candidates
``caveats``      what stands against a call beside the candidates, and how far the call then
                 goes
``reasons``      why a call is what it is: the facts behind it as values, and in sentences
``criteria``     criteria that a call to species must meet, evaluated one by one and recorded
``combine``      several loci of one sample, combined: the joint probabilities, the call, and
                 the result
``far``          places a sequence of which nothing is near at a family, an order or a class,
                 with a probability
``trees``        a neighbour-joining tree of a query and its nearest records, and its picture
``spread``       the barcoding gap of a species in a library: its own spread, and its nearest
                 other species
``learning``     learns from a library how far its calls can be trusted
                 (`forensics.barcode.calling.calibration`)
"""
