"""Fetches reference records; the only package that may use the network, and only when asked."""
