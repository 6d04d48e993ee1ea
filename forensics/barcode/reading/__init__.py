"""Reads and chromatograms become questioned sequences."""
