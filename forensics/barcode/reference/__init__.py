"""Libraries of reference records.

``records``     what is known of a reference record
``headers``     header styles of FASTA references; a new style goes there
``ranked``      lineages as they stand in headers and tables
``columns``     names that tables have for the same thing
``tables``      tables and workbooks of records
``naming``      how far a deposited name goes, by stated rules
``references``  reads reference records out of what people have: files, and by ``in_memory`` what a
                script holds
``entries``     a record as its source has it; ``genbank`` cuts annotated ones into their loci
``renaming``    gives them the accepted names of a synonym table
``lineage``     gives them the lineages and names of NCBI's taxonomy
``reconciling`` gives them the names of the backbone, and one name to what is proven to be one species
``relations``   what the names of a locus are to one another: synonyms, twins, doubted records
``twins``       the test by which a locus does not tell two species apart; ``units`` the sets that twins make
``library``     folders of reference records
``locus_files`` the files of a locus
``binding``     what binds an index to the SHA-256 of its library
``building``    builds a library: read, name, screen, write
``build_steps`` the steps of that, by the names under which progress is reported
``writing``     writes a library
``replacing``   puts a folder in the place of another, whole or not at all
``transfer``    a library as one checked file
``comparing``   what one library has that another has not
``panels``      taxa and loci that a laboratory needs, and what is held of them
"""

__all__: list[str] = []  # modules are imported by their names
