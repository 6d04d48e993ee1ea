"""Publishing by clearance: one SQLite file for each circle of readers, and a Datasette that serves them.

===============  ==================================================================
``redaction``    what a record may tell the Parties; which cases count as open
``suppression``  tables of counts in which no small cell can be found out
``writing``      the files, and the configuration of Datasette
``accounts``     names, clearances and hashed passwords
``attempts``     failed logins, by address
``plugin``       of Datasette: login, what is refused, the access log
``pages``        map, charts, a page a country and taxon
``pictures``     map and bars as SVG, without a network
``serving``      starts Datasette
===============  ==================================================================
"""

__all__: list[str] = []  # modules are imported by their names
