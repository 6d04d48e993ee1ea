"""Choices and defaults of the indicators; the command line imports them without NumPy."""

# Tables that are made of seizures.
TABLES = ("counts", "routes", "countries")

# What seizures are counted by.
KEYS = ("year", "species", "term", "country", "origin", "destination", "route", "place")

# What is added up over them.
MEASURES = ("kg", "pieces", "animals")

# The trend of PIKE: chains, draws that each drops at its start, and draws that it keeps.
PIKE_CHAINS, PIKE_WARM_UP, PIKE_DRAWS = 4, 1000, 6000
