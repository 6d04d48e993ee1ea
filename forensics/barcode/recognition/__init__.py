"""Which locus a sequence is of, however far its species is from every record.

``recognise``  which locus a sequence is of, or that it is of none
``exemplars``  the packaged sequences that stand for each locus
               (``reference_sequences/exemplars``)
"""
