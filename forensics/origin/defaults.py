"""Choices and defaults of the methods of this package; the command line imports them without NumPy."""

__all__ = ["CONFIDENCE", "KINDS", "LEVEL", "METHODS", "POINT_ESTIMATE"]

# As for names of species: a population or a country is assigned from this posterior on.
CONFIDENCE = 0.95
# Level of a stated exclusion, as in Paetkau et al. 2004, doi:10.1111/j.1365-294X.2004.02008.x.
LEVEL = 0.01
# The one place that a map is summed up by, on the screen, in CSV, on figures and in reports: the geometric
# median, whose expected distance to the truth is least. JSON has mode and mean beside it.
POINT_ESTIMATE = "median"
# What a model says of a sample: its population, a place on a map, a place by isotopes, its population by
# a classifier of scikit-learn.
KINDS = ("populations", "places", "isotopes", "classifier")
# How allele frequencies are estimated; the first is the default.
METHODS = ("shrunk", "rannala_mountain")
