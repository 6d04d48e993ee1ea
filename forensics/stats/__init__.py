"""Statistics that several packages need, from numbers to numbers."""
