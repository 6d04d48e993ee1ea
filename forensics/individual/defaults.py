"""Choices and defaults of the methods of this package; the command line imports them without NumPy."""

__all__ = ["DEFAULT_KINDS", "KINDS", "LIMIT", "MIN_MATCH_LOG10", "THETA"]

# National Research Council 1996, The Evaluation of Forensic DNA Evidence, recommendation 4.3 for
# small, isolated groups; few wildlife populations have an estimate of their own.
THETA = 0.03
# A match is stated from a ratio of 1,000 against full sibs on: "moderately strong" begins at 100
# and "strong" at 1,000 on the scale of ENFSI 2015; an animal's sibs share its range.
MIN_MATCH_LOG10 = 3.0
# What a link between two seizures can be, the surest first.
KINDS = ("match", "parent", "full_sibs", "half_sibs", "unresolved")
# What joins seizures if nothing else is asked for: all but half sibs, whom nothing tells from more
# distant kin.
DEFAULT_KINDS = ("match", "parent", "full_sibs", "unresolved")
# As for a match: "strong" support begins at a ratio of 1,000 on the scale of ENFSI 2015.
LIMIT = 3.0
