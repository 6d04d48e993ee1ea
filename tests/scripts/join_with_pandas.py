"""A table of exhibits gets the names of its sequences as columns."""

import pandas
from Bio import SeqIO

import forensics

sequences = {record.id: str(record.seq) for record in SeqIO.parse("exhibits.fasta", "fasta")}
exhibits = pandas.DataFrame(
    {"bag": [f"B{n}" for n in range(12)], "sequence": [*sequences.values()]}
)
results = forensics.identify(exhibits, name_column="bag")
named = exhibits.merge(results.to_frame()[["bag", "status", "rank", "taxon"]], on="bag")
assert len(named) == len(exhibits) == len(results)
assert list(named["taxon"])[0] == "Manis temminckii"
