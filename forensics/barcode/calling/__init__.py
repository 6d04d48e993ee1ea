"""From candidates to a call."""
