"""Names of taxa.

``names``  reads a name as people deposit it: binomials, subspecies, ``sp.``, ``cf.``, hybrids.
"""

__all__ = ["names"]
