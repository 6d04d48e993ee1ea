"""Which locus a sequence is of, however far its species is from every record.

``exemplars``   the packaged sequences that stand for each locus
``segments``    stretches that two sequences share, without gaps, and their chains
``recognise``   from the score of every locus to a locus, or none
``foreign``     whether a sequence is of the loci that were searched at all
"""

__all__: list[str] = []  # modules are imported by their names
