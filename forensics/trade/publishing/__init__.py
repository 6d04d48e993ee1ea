"""Publishing by clearance: one SQLite file for each circle of readers, and a Datasette that serves them.

===============  ==================================================================
``suppression``  tables of counts in which no small cell can be found out
``writing``      what each circle may see, the files, the configuration of Datasette, its start
``accounts``     names, clearances and hashed passwords; failed logins
``plugin``       of Datasette: login, refusals, the access log, pages with map and charts
``pictures``     map and bars as SVG, without a network
===============  ==================================================================
"""
