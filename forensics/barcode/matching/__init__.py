"""The nearest reference records of a sequence."""
