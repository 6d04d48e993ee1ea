"""What a record is while the library is built, and the small tools every reader uses."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, fields

__all__ = [
    "COLUMNS",
    "EQUAL",
    "Drop",
    "Record",
    "Result",
    "binomial",
    "clean",
    "read_fasta",
    "reverse_complement",
]


_IUPAC = {
    "R": "AG",
    "Y": "CT",
    "S": "CG",
    "W": "AT",
    "K": "GT",
    "M": "AC",
    "B": "CGT",
    "D": "AGT",
    "H": "ACT",
    "V": "ACG",
    "N": "ACGT",
}
#: For edlib: an ambiguous base matches what it can stand for.
EQUAL = [(code, base) for code, bases in _IUPAC.items() for base in bases]
_COMPLEMENT = str.maketrans("ACGTRYKMBDHVSWN", "TGCAYRMKVHDBSWN")
_BINOMIAL = re.compile(r"([A-Z][a-z-]+) ([a-z]+(?:-[a-z]+)*)(?: |$)")
#: Words that stand where the epithet would: the species is not determined.
_OPEN = {"sp", "spp", "cf", "aff", "nr", "gr", "agg", "like", "group", "complex", "indet", "gen"}
#: Open-nomenclature marks that make the rank above the safe one, wherever they stand.
_MARK = re.compile(r"\b(sp|spp|cf|aff|nr|gr|agg)\b\.?|_agg|\blike\b|\(misc\)")


@dataclass(frozen=True)
class Record:
    """One reference record; the fields before ``sequence`` are the columns of records.tsv."""

    accession: str
    name: str
    species: str
    genus: str
    family: str
    order: str
    class_: str
    phylum: str
    locus: str
    voucher: str
    identifier: str
    institution: str
    country: str
    date: str
    source: str
    licence: str
    sequence: str


#: Columns of records.tsv (``class_`` is spelled ``class`` in the file).
COLUMNS = tuple(f.name.rstrip("_") for f in fields(Record) if f.name != "sequence")


@dataclass(frozen=True)
class Drop:
    """One record left out: where it was, what it was called, why, and what showed it."""

    package: str
    record: str
    name: str
    reason: str
    evidence: str


Result = tuple[list[Record], list[Drop]]


def reverse_complement(sequence: str) -> str:
    """Return the other strand, IUPAC codes included."""
    return sequence.translate(_COMPLEMENT)[::-1]


def binomial(name: str) -> tuple[str, str]:
    """Split a deposited name into (species or empty, genus or empty).

    >>> binomial("Pisidium cf. casertanum UGSB 10568")
    ('', 'Pisidium')
    >>> binomial("Canis lupus familiaris")
    ('Canis lupus', 'Canis')
    """
    name = " ".join(name.split())
    genus = re.match(r"[A-Z][a-z-]+", name)
    if genus is None:
        return "", ""
    found = _BINOMIAL.match(name)
    # 'Dasyhelea Dasyhelea' and 'Tomoplagia COL-01' do not match; aggregates and groups are wider
    # than a species.
    if found is None or found[2] in _OPEN or _MARK.search(name):
        return "", genus[0]
    return f"{found[1]} {found[2]}", found[1]


def clean(sequence: str) -> str:
    """Upper case, gaps out, missing data as N, no N at the ends."""
    return sequence.upper().replace("-", "").replace("?", "N").replace("U", "T").strip("N")


def read_fasta(data: bytes) -> Iterator[tuple[str, str]]:
    """Yield (header, sequence) pairs, header without the '>'."""
    header, parts = None, []
    for line in data.decode("utf-8").splitlines():
        if line.startswith(">"):
            if header is not None:
                yield header, "".join(parts)
            header, parts = line[1:].strip(), []
        else:
            parts.append(line.strip())
    if header is not None:
        yield header, "".join(parts)
