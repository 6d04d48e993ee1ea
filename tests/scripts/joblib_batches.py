"""Batches through joblib, put together again."""

from Bio import SeqIO
from joblib import Parallel, delayed

import forensics

if __name__ == "__main__":
    records = list(SeqIO.parse("exhibits.fasta", "fasta"))
    batches = [records[:6], records[6:]]
    first, second = Parallel(n_jobs=2)(delayed(forensics.identify)(batch) for batch in batches)
    assert first is not None and second is not None
    results = first + second
    assert isinstance(results, forensics.Identifications)
    assert [result.query for result in results] == [record.id for record in records]
