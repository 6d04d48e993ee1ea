"""The nearest reference records of a sequence.

``index``          the index of one locus: built once with NumPy, opened with the standard
                   library alone
``tables``         the k-mer tables of an index, made with NumPy. Only building needs this
                   module
``search``         the nearest reference records of a sequence, on both strands, with proof
``neighbourhood``  how near every haplotype of an index is to a sequence, down to a floor: for
                   comparing all with all
``far``            the nearest records of a sequence beyond the floor of the search: by shared
                   k-mers, then aligned; not proved
``kernel``         the kernel of the search: edits, placements and paths of two sequences, and
                   bounds for many records
``reference``      the kernel in Python: every function of ``_kernel.c`` with the same answers,
                   to be read and tested by
``kmer_filter``    which k-mers of a text may have been seen before: most were not, and need not
                   be looked up
``cluster``        many searches on the machines of a Dask cluster (extra ``cluster``), for
                   scripts
``candidates``     candidates: the species among the hits of a search, each with its best hit
``alignment``      how a query lies on a record, base by base: what the search counts, written
                   out
"""
