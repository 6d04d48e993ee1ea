"""Formats of genotypes, a module each, named as the format is."""
