"""Profiles of a seizure against a database, in a loop over them."""

import pandas

from forensics.genetics import read_genotypes
from forensics.individual import LaboratoryErrors, frequencies_of, match_database

loci = {
    f"L{n}": [f"{100 + 2 * ((a * n) % 5)}/{104 + 2 * ((a + n) % 5)}" for a in range(12)]
    for n in range(1, 9)
}
database = read_genotypes(pandas.DataFrame({"animal": [f"A{a}" for a in range(12)], **loci}))
seizure = read_genotypes(
    pandas.DataFrame({"animal": ["S1"], **{name: cells[3:4] for name, cells in loci.items()}})
)
frequencies = frequencies_of(database)
matches = match_database(
    seizure, database, frequencies, theta=0.03, errors=LaboratoryErrors(0.02, 0.002)
)
for animal, hits in zip(seizure.animals, matches):
    assert animal == "S1" and "A3" in {hit.other for hit in hits}
