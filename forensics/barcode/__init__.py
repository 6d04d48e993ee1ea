"""From a questioned sequence to a call.

``reads``           reads FASTA, FASTQ, GenBank, chromatograms, and what scripts have
``opening``         opens files, pipes, standard input
``samples``         which files are of one sample (``pairing``: by their names)
``chromatogram``    .ab1: called bases, qualities, curves, trimmed by quality
``sanger``          the chromatograms of a sample made one sequence
                    (``sanger_report`` says what was found, ``chromatogram_figure`` draws it)
``consensus``       reads merged by base quality
``peaks``           second peaks under the called ones
``mixed``           what they say: noise, or two templates
``fastq``           records of FASTQ with their qualities
``amplicon``        nanopore reads of a sample: filtered, counted, made consensuses
                    (``clusters`` sorts them, ``polish`` and ``runs`` make a consensus)
``sequence``        the IUPAC alphabet
``quality``         what a sequence must be before it is compared
``locus``           the table of loci; a new locus goes there
``primers``         cuts primers off
``cutting``         cuts a genome into its loci
``records``         what is known of a reference record
``headers``         header styles of FASTA references; a new style goes there
``references``      reads reference records out of the files that people have
``renaming``        gives them the accepted names of a synonym table
``library``         folders of reference records
``transfer``        a library as one checked file
``targets``         what a library holds of the taxa most seized
``checks``          faults of a record by itself: length, ambiguous bases, reading frame
``neighbours``      all records near to each record, found by ``search``
``screening``       everything that may be wrong with the records of a library, out of these two and
                    ``wrong_locus``, ``frames``, ``misnamed`` and ``misspelt`` (``pairwise`` compares
                    two sequences; ``screening_page`` shows what was found)
``curation``        carries out what a curator decided about it
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
``alignment``       a query over its record, base by base
``translation``     does it read like its gene, under the right ``genetic_code``?
``chimera``         is it put together from two animals?
``contamination``   human DNA, and animals that come with the reagents
``haplotypes``      the same haplotype in the run, in controls, in a staff elimination set
``lineage``         what a lineage cannot say: the other parent, the domestic form
``multilocus``      several loci of one sample
``combination``     their result
``trials``          records looked up as if the library lacked them
``confusable``      species that a locus cannot tell apart
``acceptance``      criteria that are stated before a validation
``known``           a laboratory's own specimens of known species
``validation``      error rates and reliability out of these four
                    (``validation_page`` and ``reliability_figure`` show them; ``paper`` is
                    what pages share)
"""

__all__: list[str] = []  # modules are imported by their names
