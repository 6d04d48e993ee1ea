"""From a questioned sequence to a call.

The subpackages, in the order in which a sample goes through them:

``reading``                reads and chromatograms become questioned sequences
``matching``               the nearest reference records of a sequence
``calling``                from candidates to a call
``checking``               what speaks against a call, found in the query itself
``mixture``                what is in a mixture: read sets of a metabarcoding run, from FASTQ to
                           taxa with their reads
``reference``              libraries of reference records
``curating``               what may be wrong with the records of a library
``validating``             how often calls with a library are right
``examination``            a query's way to its result: prepare -> search every locus ->
                           candidates -> call -> what may change the call
``options``                options of searches and calls, with their defaults and bounds
``sequence``               nucleotide sequences in the IUPAC alphabet, and what one must be
                           before it is compared, query or reference
``locus``                  the loci that the project knows: one table, one place to add to
``identification``         the result of identifying one query, and what a person reads of it:
                           the call, what it rests on, what to do
``run``                    the results of a run: a sequence of identifications, which becomes a
                           table, JSON, or a page of a notebook
``plots``                  what identifications and mixtures draw of themselves; matplotlib is
                           loaded when one is drawn
``stored_identification``  reads identifications back: from the JSON of ``forensics identify``,
                           and from findings of the ledger
``verdict``                the verdict on a questioned sequence in one line, and what is true of
                           a whole run
``tabular``                identifications as lines that other programs read: BLAST tabular
                           (outfmt 6) and SINTAX
``fetch``                  fetches reference records; the only package that may use the network,
                           and only when asked
``recognition``            which locus a sequence is of, or that it is of none
``packaged``               the packaged tables that an identification consults: whether they are
                           what they were when they were built
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
