"""What may be wrong with the records of a library.

``checks``       faults of a record by itself: length, ambiguous bases, reading frame (``frames``)
``neighbours``   all records near to each record
``wrong_locus``  sequences of another locus, or turned round
``misnamed``     sequences that sit among those of another name
``misspelt``     names that are misspelt or out of date
``screening``    all of this for one library (``screening_page`` shows it)
``curation``     carries out what a curator decided about it
``building``     what ``library build`` keeps, flags and leaves out; ``vouchers`` weighs a laboratory's vouchers
"""

__all__: list[str] = []  # modules are imported by their names
