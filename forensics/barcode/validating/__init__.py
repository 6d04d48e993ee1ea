"""How often calls with a library are right.

``known``       scores a laboratory's own blind vouchered specimens: what they are, and what was
                called
``validation``  the in-silico part of what a laboratory must validate before casework
``page``        a validation as one page of HTML: no script, nothing from the network, fit for
                A4
``options``     options of a validation, with their defaults and bounds
"""
