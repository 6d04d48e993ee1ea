"""Reads and chromatograms become questioned sequences.

``reads``         reads questioned sequences: FASTA and FASTQ by itself, the rest with Biopython
``inputs``        whatever a script has at hand becomes questioned sequences
``samples``       from files and folders to samples: which files belong together, and what is
                  read of them
``chromatogram``  sanger chromatograms: read, trimmed by quality, with their double peaks
``sanger``        from the chromatograms of one sample to one sequence, as values and in words
``consensus``     the consensus of the reads of one sample, by base quality and by votes on runs
                  of equal bases
``amplicon``      reads of one sample, as a nanopore gives them by the thousand: to one
                  consensus a sequence
``primers``       cuts primers off a sequence, whichever strand it is and whatever stands before
                  them
``cutting``       cuts a genome or a long amplicon into the loci that a library holds
``figures``       draws chromatograms, alone or of one sample over each other
"""
