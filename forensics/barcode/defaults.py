"""Defaults of searches and calls; the command line imports them without the modules that use them."""

__all__ = [
    "CONFIDENCE",
    "EVEN_PRIOR",
    "FLOOR",
    "IN_LIBRARY_PRIOR",
    "MAX_EXPECTED_ERRORS",
    "MIN_MIXTURE_LENGTH",
    "MIN_MIXTURE_READS",
    "VALIDATION_SAMPLES",
]

# Identity under which a record is not a neighbour. Chosen for the proof: k-mers of 8 can exclude
# records above 0.875. It lies far outside the spread of a species, but not outside that of a
# genus: congeners differ by 11.3 % at COI on average (Hebert et al. 2003,
# doi:10.1098/rsbl.2003.0025), so nothing above the floor does not exclude a genus.
FLOOR = 0.90

# The level that courts and journals are used to; what came of it is in benchmarks/README.md.
CONFIDENCE = 0.95
# How likely it is beforehand that the library holds the species. A laboratory builds its
# library for the species that it meets, so nine in ten are assumed; whoever cannot say so
# of the case at hand gives 0.5. It is an assumption, so a call that would not stand
# at even odds bears a warning.
IN_LIBRARY_PRIOR = 0.9
EVEN_PRIOR = 0.5
"""Prior at which a call is tried once more: whether it rests on the prior that was given."""

# Of `forensics library validate`. Records a locus; with so many trials and no error the upper limit of an error rate is
# 0.4 %, and the embedded library takes less than four minutes.
VALIDATION_SAMPLES = 1000

# Of mixtures. Wrong bases expected of a read, at most: at 1 the most probable number of errors is none
# (Edgar & Flyvbjerg 2015, doi:10.1093/bioinformatics/btv401).
MAX_EXPECTED_ERRORS = 1.0
# Bases without primers; no locus is compared with fewer.
MIN_MIXTURE_LENGTH = 30
# Reads of a unique sequence in all of the run, from which on it can be distinguished from errors: the default of
# UNOISE2 (Edgar 2016, doi:10.1101/081257).
MIN_MIXTURE_READS = 8
