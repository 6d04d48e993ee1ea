"""Processes open the library by its name; results come back as they are."""

from concurrent.futures import ProcessPoolExecutor

from Bio import SeqIO

import forensics


def examine(sequence: str) -> forensics.Identification:
    """Return the result for one sequence."""
    return forensics.identify(sequence, library="embedded")[0]


if __name__ == "__main__":
    sequences = [str(record.seq) for record in SeqIO.parse("exhibits.fasta", "fasta")][:4]
    with ProcessPoolExecutor(2) as pool:
        results = list(pool.map(examine, sequences))
    assert [result.taxon for result in results][::3] == ["Manis temminckii", "Panthera leo"]
