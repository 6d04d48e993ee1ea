"""Fetches reference records; the only package that may use the network, and only when asked.

``request``      taxa and loci that are asked for: a panel
``http``         one request after another: waits, tries again, and takes no half answer
``ncbi``         NCBI's E-utilities, by way of Biopython's Entrez
``bold``         the BOLD portal's public interface
``packages``     files of BOLD that somebody downloaded: TSV, FASTA, JSON lines, Darwin Core archives
``staging``      batches that outlive a killed run
``pipeline``     brings records together from NCBI, BOLD or files
``flatfile``     what a GenBank record says of its specimen
``sources``      what is known of a fetched record, and what was cut out of it
``genes``        names that records give to the loci
``extract``      cuts the loci out by their annotation
``cross_check``  compares what was cut with what is known of the locus
``build``        turns records into pieces, or says why not
``lock``         what was fetched, by version and SHA-256, so that it can be made again
``writing``      FASTA, table, left-out list and lock: all of them, or none
``outcome``      what is left of a fetch, and the same again from a lock
"""

__all__: list[str] = []  # modules are imported by their names
