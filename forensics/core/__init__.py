"""What every part of the package stands on.

- ``children``: the one place that starts processes.
- ``parallel``: many tasks on all processors.
- ``options``: options of a method, declared once.
- ``provenance``: how a result was reached, and by which program.
- ``notice``: what must be known beside a result: a kind with its severity and text, and its parameters.
- ``plain``: what every result gives, typed or not.
- ``stored``: typed values as plain ones, and back.
- ``result``: the base of results.
- ``written``: what a stored result says otherwise than this version would.
"""
