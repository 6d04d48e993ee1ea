"""A Dask bag of sequences."""

import dask.bag
from Bio import SeqIO

import forensics


def name(sequence: str) -> str | None:
    """Return the taxon of one sequence."""
    return forensics.identify(sequence)[0].taxon


if __name__ == "__main__":
    sequences = [str(record.seq) for record in SeqIO.parse("exhibits.fasta", "fasta")]
    bag = dask.bag.from_sequence(sequences, npartitions=2)
    assert bag.map(name).compute(scheduler="threads")[0] == "Manis temminckii"
