"""The nearest reference records of a sequence.

``index``       the index of one locus (``tables`` makes its k-mer tables)
``search``      the nearest records, proved (``planes`` counts for it)
``candidates``  the species among the hits
``alignment``   a query over its record, base by base
``pairwise``    two sequences compared
"""

__all__: list[str] = []  # modules are imported by their names
