"""What may be wrong with the records of a library."""
