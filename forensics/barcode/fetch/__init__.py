"""Fetches reference records; the only package that may use the network, and only when asked.

``request``  what is asked for, what may come of it, and the folder in which what arrived
             outlives a killed run
``server``   asks a server through urllib3: one request after another, and no half answer
``extract``  what is known of a fetched record, and the loci that are cut out of it
``ncbi``     NCBI: its E-utilities, and what a GenBank record says of its specimen, its deposit
             and its taxonomy
``bold``     BOLD: the portal's public interface, and rows of BOLD that were asked for or
             downloaded
``run``      a whole fetch: records are brought together, cut, and written; of each that is not
             taken why
"""
