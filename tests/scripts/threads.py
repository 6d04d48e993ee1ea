"""Threads share one opened library."""

from concurrent.futures import ThreadPoolExecutor

from Bio import SeqIO
from Bio.SeqRecord import SeqRecord

import forensics

library = forensics.open_library()
records = list(SeqIO.parse("exhibits.fasta", "fasta"))


def name(record: SeqRecord) -> str | None:
    """Return the taxon of one record."""
    return forensics.identify(record, library=library)[0].taxon


with ThreadPoolExecutor(2) as pool:
    taxa = list(pool.map(name, records))
assert taxa == [result.taxon for result in forensics.identify(records, library=library)]
