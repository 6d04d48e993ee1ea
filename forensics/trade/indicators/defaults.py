"""Choices and defaults of the indicators; the command line imports them without NumPy."""

__all__ = [
    "CRITERIA",
    "KEYS",
    "MEASURES",
    "PERMUTATIONS",
    "PIKE_CHAINS",
    "PIKE_DRAWS",
    "PIKE_WARM_UP",
    "TARGETS",
    "TOP",
    "WINDOW",
]

# What seizures are counted by.
KEYS = ("year", "species", "term", "country", "origin", "destination", "route", "place")

# What priorities are set among, and by what.
TARGETS = ("species", "route", "place")
MEASURES = ("kg", "pieces", "animals")
CRITERIA = ("seizures", "amount", "growth", "reach")
WINDOW = 3  # years
TOP = 5  # ranks that count as "on top"

# Random orders of the seizures that a hotspot is compared with: p-values down to 0.001.
PERMUTATIONS = 999

# The trend of PIKE: chains, draws that each drops at its start, and draws that it keeps.
PIKE_CHAINS, PIKE_WARM_UP, PIKE_DRAWS = 4, 1000, 6000
