"""Libraries of reference records."""
