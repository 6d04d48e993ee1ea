"""Genotypes from a text, and back, for tests of genetics."""

import io

from forensics.genetics.genotypes import Genotypes
from forensics.genetics.reading import read_genotypes


def read(text: str | bytes, **options: object) -> Genotypes:
    """Read genotypes from a text or bytes."""
    stream = io.StringIO(text) if isinstance(text, str) else io.BytesIO(text)
    return read_genotypes(stream, **options)


def labels(genotypes: Genotypes) -> list[list[str]]:
    """Return the genotypes as text, a list an animal."""
    return [
        [genotypes.label(row, locus) for locus in range(len(genotypes.loci))]
        for row in range(len(genotypes))
    ]
