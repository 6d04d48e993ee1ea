"""An example plug-in: the locus ND2, and the age of a tooth by its growth layers."""

__version__ = "0.1.0"
