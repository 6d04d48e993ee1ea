"""What may be wrong with the records of a library.

``checks``          reference records looked at one by one: accession, length, ambiguous bases,
                    reading frame
``neighbours``      everything near to every sequence of a locus, found by the one search of the
                    package
``wrong_locus``     reference records that are of another locus than they say, or on the other
                    strand
``screening``       the screening of a library: what may be wrong with its records, and which
                    are kept, flagged or left out
``screening_page``  what screening found, as one page that a curator works through
``names``           reference records whose name and sequence disagree, or whose name may be
                    misspelt
"""
