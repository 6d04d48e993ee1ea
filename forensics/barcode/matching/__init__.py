"""The nearest reference records of a sequence.

``index``       the index of one locus (``tables`` makes its k-mer tables)
``search``      the nearest records, proved
``bounds``      how many edits a record costs at least (``planes`` counts for it)
``placing``     how many it costs (``comparing`` asks of many records at once)
``aligner``     which aligner counts them: edlib, or ``columns`` where edlib has no wheel
``processes``   many searches on all processors; ``cluster``, on other machines, with ``sharding``
``candidates``  the species among the hits
``alignment``   a query over its record, base by base
``pairwise``    two sequences compared

``_bounds.c`` and ``_placing.c``, with what they include, do the work of ``bounds`` and ``placing`` faster, where a compiler
was there; the answers are the same without them.
"""

__all__: list[str] = []  # modules are imported by their names
