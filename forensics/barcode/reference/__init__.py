"""Libraries of reference records.

``records``     reference records: what is known of a reference sequence, and how names and
                headers are read
``references``  reads reference records out of the files that people have, and out of what a
                script has in memory
``annotated``   which locus a feature of an annotated record is of
``relations``   which species of a locus are one species under two names, which it cannot tell
                apart, and which records are doubted
``library``     libraries: folders of reference records with an index a locus
``building``    builds a library from reference records: read, name, screen, write
``writing``     writing libraries: records, index, calibration and manifest of each locus, and
                the description
``transfer``    a library as one checked file, to be carried where there is no network
``comparing``   what one library has that another has not: species and records gained, lost,
                renamed, changed
``panels``      panels: the taxa and loci that a laboratory needs; what a library or a fetch
                holds of them
``names``       gives the records of a library names that mean one thing
``units``       named units: sets of species that a locus does not tell apart, and their names
"""
