"""Defaults of the method; the command line imports them without NumPy."""

__all__ = ["CONFIDENCE", "LEVEL"]

# As for populations (forensics.origin).
CONFIDENCE = 0.95
LEVEL = 0.01
