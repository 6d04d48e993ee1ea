"""Kinds of `destructive.py` under "genus": a species that the library lacks. SIMULATED data.

    python benchmarks/destructive_genus.py --only genus --runs 100

Queries are records of the embedded library (COI) of whose bases some were changed at random. Where
6.2 % of a record of a genus with one record are, the truth is a genus that the library lacks, and a
genus that is named is a false statement. The right input is a record of a genus with five records
of two species or more, of which 1 % is changed; it is refused where neither its genus nor its
species is named.
"""

import functools
import random
from collections import Counter, defaultdict

from destructive import Outcome, kind, main
from simulation import mutate

from forensics.barcode.calling.decision import decide
from forensics.barcode.matching.search import candidates_of, search
from forensics.barcode.reference.library import open_library

LOCUS = "COI"
_FAR, _NEAR = 0.062, 0.01  # share of changed bases


@functools.cache
def records(*, single: bool) -> list[tuple[str, str]]:
    """Return genus and sequence of records of genera with one record, or with several species."""
    index = open_library().index(LOCUS)
    count, species, sequences = Counter(), defaultdict(set), []
    for haplotype in range(index.size):
        for position in index.positions(haplotype):
            record = index.record(position)
            if record.species and record.genus:
                count[record.genus] += 1
                species[record.genus].add(record.species)
                sequences.append((record.genus, index.sequence(haplotype)))
    return [
        (genus, sequence)
        for genus, sequence in sequences
        if (count[genus] == 1 if single else count[genus] >= 5 and len(species[genus]) >= 2)
    ]


def called(sequence: str, genus: str | None) -> Outcome:
    """Call a query; a genus or species of another genus is a false statement."""
    library = open_library()
    found = candidates_of(library.index(LOCUS), search(library.index(LOCUS), sequence).hits)
    call = decide(found, calibration=library.calibration(LOCUS))
    stated = call.taxon.split()[0] if call.rank in ("genus", "species") else None
    return Outcome(stated is not None, stated not in (None, genus), stated is None)


def _changed(seed: int, share: float, *, single: bool) -> tuple[str, str]:
    generator = random.Random(seed)
    genus, sequence = generator.choice(records(single=single))
    return genus, mutate(generator, sequence, substitutions=round(share * len(sequence)))


@kind("genus", "identify", "genus missing; one record of another at 93.8 %")
def _foreign_genus(seed: int) -> Outcome:
    _genus, sequence = _changed(seed, _FAR, single=True)
    return called(sequence, None)


@kind("genus", "identify", "genus of five records and two species, 1 % away", right=True)
def _supported_genus(seed: int) -> Outcome:
    genus, sequence = _changed(seed, _NEAR, single=False)
    return called(sequence, genus)


if __name__ == "__main__":
    main()
