"""Reads and chromatograms become questioned sequences.

``reads``           reads FASTA, FASTQ, GenBank and chromatograms; a new reader goes there
``inputs``          whatever a script has: files, text, and objects (``in_memory``: tables,
                    series, dictionaries and their names)
``fastq``           records of FASTQ with their qualities
``samples``         which files are of one sample (``pairing``: by their names)
``chromatogram``    .ab1: called bases, qualities, curves, trimmed by quality
``sanger``          the chromatograms of a sample made one sequence
                    (``sanger_report`` says what was found, ``chromatogram_figure`` draws it
                    on ``trace_panels``, ``inspection`` has it as typed values)
``consensus``       reads merged by base quality
``peaks``           second peaks under the called ones
``mixed``           what they say: noise, or two templates
``amplicon``        nanopore reads of a sample: filtered, counted, made consensuses
                    (``clusters`` sorts them, ``polish`` and ``runs`` make a consensus)
``primers``         cuts primers off
``cutting``         cuts a genome into its loci
"""

__all__: list[str] = []  # modules are imported by their names
