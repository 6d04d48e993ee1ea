"""What is in a mixture: read sets of a metabarcoding run, from FASTQ to taxa with their reads."""
