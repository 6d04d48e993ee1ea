"""Publishing by clearance: one SQLite file for each circle of readers, and a Datasette that serves them.

===============  ==================================================================
``suppression``  tables of counts in which no small cell can be found out: primary and secondary
                 suppression
``writing``      what each circle of readers may see, written as a database each with the
                 configuration of Datasette; its start
``accounts``     who may log in: names, clearances and hashed passwords, a line each,
                 ``name:clearance:salt:hash``; failed logins
``plugin``       plugin of Datasette: login, refusals, the access log, and pages with a map and
                 charts
``pictures``     a map and bars as SVG, with nothing that a browser would have to fetch
===============  ==================================================================
"""
