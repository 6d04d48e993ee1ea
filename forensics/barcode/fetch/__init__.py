"""Fetches reference records; the only package that may use the network, and only when asked.

``request``  what is asked for (a panel of taxa and loci), what may come of it, and the folder that
             outlives a killed run
``server``   one request after another, by way of urllib3: waits, tries again, takes no half answer
``extract``  what is known of a record, and the loci that are cut out of it by its annotation
``ncbi``     NCBI's E-utilities, and its flat files
``bold``     the BOLD portal's public interface, and its rows in files that somebody downloaded
``run``      a whole fetch, from the searches to FASTA, table, left-out list and report
"""
