"""What is in a mixture: read sets of a metabarcoding run, from FASTQ to taxa with their reads.

In the order in which reads go through:

``sheet``      which read files are of which PCR, and their pairs of mates
``sorting``    reads sorted by PCR and amplicon, primers and tags cut off, every read the way of
               the locus
``denoising``  from sorted reads to sequences with their counts: VSEARCH does the work, in steps
               of a folder
``presence``   what a sample holds of each taxon: its reads in each PCR, their share, and the
               limit from which it is present
``results``    what is said of each sample of a read set, with everything that it was weighed
               against
``running``    from read files to what is in each sample
``options``    options of the reads of a mixture, with their defaults and bounds
"""
