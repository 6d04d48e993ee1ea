"""Publishing by clearance: one SQLite file for each circle of readers, and a Datasette that serves them."""
