"""From a questioned sequence to a call.

``reads``           reads FASTA, FASTQ, GenBank, chromatograms, and what scripts have
``chromatogram``    .ab1: called bases, trimmed by quality
``sequence``        the IUPAC alphabet
``quality``         what a sequence must be before it is compared
``locus``           the table of loci; a new locus goes there
``records``         what is known of a reference record
``headers``         header styles of FASTA references; a new style goes there
``references``      reads reference records out of the files that people have
``renaming``        gives them the accepted names of a synonym table
``library``         folders of reference records
``transfer``        a library as one checked file
``targets``         what a library holds of the taxa most seized
``checks``          faults of a record by itself: length, ambiguous bases, reading frame
``neighbours``      all records near to each record, found by ``search``
``screening``       finds records whose name and sequence disagree
``index``           the index of one locus (``tables`` makes its k-mer tables)
``search``          the nearest records, proved (``planes`` counts for it)
``candidates``      the species among the hits
``decision``        from candidates to a call
``calibration``     learns from a library how far calls can be trusted
                    (``features``: what is looked at; ``trees``: what is grown)
``backing``         what stands behind a species: records, vouchers, congeners
``spread``          its barcoding gap in the library
``diagnostics``     positions that separate it from the closest other species
``reasons``         why a call is what it is, out of these three
``criteria``        what a call to species must meet (a ``profile`` asks for it)
``tree``            a query among its nearest records (``figures`` draws it)
``identification``  the result
``reservations``    what stands against a call beside the candidates
``lineage``         what a lineage cannot say: the other parent, the domestic form
``multilocus``      several loci of one sample
``combination``     their result
``trials``          records looked up as if the library lacked them
``confusable``      species that a locus cannot tell apart
``acceptance``      criteria that are stated before a validation
``known``           a laboratory's own specimens of known species
``validation``      error rates and reliability out of these four
                    (``validation_page`` and ``reliability_figure`` show them)
"""

__all__: list[str] = []  # modules are imported by their names
