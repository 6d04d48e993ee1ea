"""The nearest reference records of a sequence.

``index``       the index of one locus (``tables`` makes its k-mer tables)
``search``      the nearest records, proved
``bounds``      how many edits a record costs at least
``comparing``   how many it costs: a query with many records at once
``neighbourhood``  how near every haplotype of an index is to a sequence
``far``         the nearest records beyond the floor, not proved
``kernel``      what compares two sequences and bounds many: compiled (``_kernel.c``) or ``reference``
``reference``   the same in Python: the oracle of the tests, and where there is no compiler
``kmer_filter`` which k-mers of a text were seen before
``cluster``     many searches on other machines
``candidates``  the species among the hits
``alignment``   a query over its record, base by base
``pairwise``    two sequences compared
"""

__all__: list[str] = []  # modules are imported by their names
