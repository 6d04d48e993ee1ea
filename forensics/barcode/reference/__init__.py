"""Libraries of reference records.

``records``     what is known of a reference record
``headers``     header styles of FASTA references; a new style goes there
``ranked``      lineages as they stand in headers and tables
``columns``     names that tables have for the same thing
``tables``      tables and workbooks of records
``naming``      how far a deposited name goes, by stated rules
``references``  reads reference records out of the files that people have
``renaming``    gives them the accepted names of a synonym table
``lineage``     gives them the lineages and names of NCBI's taxonomy
``library``     folders of reference records
``locus_files`` the files of a locus
``binding``     what binds an index to the SHA-256 of its library
``writing``     writes a library
``replacing``   puts a folder in the place of another, whole or not at all
``transfer``    a library as one checked file
``comparing``   what one library has that another has not
``targets``     what a library holds of the taxa most seized
"""

__all__: list[str] = []  # modules are imported by their names
