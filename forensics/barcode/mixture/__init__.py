"""What is in a mixture: read sets of a metabarcoding run, from FASTQ to taxa with their reads.

In the order in which reads go through:

``options``     what the reads must be
``sheet``       which files are of which PCR: samples, replicates, blanks, unused tags
``amplicons``   the primers, and where they stand in a read
``pairs``       read files, one or two mates, checked record by record
``sorting``     primers and tags cut off; reads sorted by PCR and amplicon
``steps``       a working folder whose steps are resumed, and never left half done
``program``     vsearch: found, asked for its version, run
``denoising``   merged, filtered, dereplicated, denoised, freed of chimeras: sequences with counts
``taxa``        sequences put together by what was identified
``limits``      from which reads on a taxon is present; set from the controls of the run
``shares``      intervals of a share of reads
``presence``    what a sample holds of each taxon, as it is stored
``results``     the result of a sample
``weighing``    what is said of each taxon in each sample, and the warnings
``running``     all of it, from a sheet to results
"""

__all__: list[str] = []  # modules are imported by their names
