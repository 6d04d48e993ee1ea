"""Libraries of reference records.

``records``     what is known of a reference record
``headers``     header styles of FASTA references; a new style goes there
``references``  reads reference records out of the files that people have
``renaming``    gives them the accepted names of a synonym table
``library``     folders of reference records
``transfer``    a library as one checked file
``targets``     what a library holds of the taxa most seized
"""

__all__: list[str] = []  # modules are imported by their names
