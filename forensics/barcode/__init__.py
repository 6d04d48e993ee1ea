"""From a questioned sequence to a call.

``reads``           reads FASTA, FASTQ, GenBank, chromatograms, and what scripts have
``chromatogram``    .ab1: called bases, trimmed by quality
``sequence``        the IUPAC alphabet
``quality``         what a sequence must be before it is compared
``locus``           the table of loci; a new locus goes there
``records``         what is known of a reference record
``headers``         header styles of FASTA references; a new style goes there
``references``      reads reference records out of the files that people have
``library``         folders of reference records
``transfer``        a library as one checked file
``targets``         what a library holds of the taxa most seized
``screening``       finds records whose name and sequence disagree
``index``           the index of one locus (``tables`` makes its k-mer tables)
``search``          the nearest records, proved (``planes`` counts for it)
``decision``        from hits to a call
``identification``  the result
"""

__all__: list[str] = []  # modules are imported by their names
