"""The types of events, by subject; `registry` puts them into one table."""
