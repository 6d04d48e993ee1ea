"""Genetic codes: what a codon stands for, by NCBI translation table.

Kept as NCBI writes them, because Biopython, which has them too, costs more time to import
than a whole search; a test holds them against Biopython's.

References
----------
Elzanowski & Ostell, The Genetic Codes, NCBI.
"""

from functools import cache

__all__ = ["NAMES", "TABLES", "UNKNOWN", "codons", "mitochondrial_code", "stops", "translate"]

#: Amino acids of the 64 codons in the order TTT, TTC, TTA, TTG, TCT …, by number of the table.
TABLES = {
    1: "FFLLSSSSYY**CC*WLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG",
    2: "FFLLSSSSYY**CCWWLLLLPPPPHHQQRRRRIIMMTTTTNNKKSS**VVVVAAAADDEEGGGG",
    4: "FFLLSSSSYY**CCWWLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG",
    5: "FFLLSSSSYY**CCWWLLLLPPPPHHQQRRRRIIMMTTTTNNKKSSSSVVVVAAAADDEEGGGG",
    9: "FFLLSSSSYY**CCWWLLLLPPPPHHQQRRRRIIIMTTTTNNNKSSSSVVVVAAAADDEEGGGG",
    11: "FFLLSSSSYY**CC*WLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG",
    13: "FFLLSSSSYY**CCWWLLLLPPPPHHQQRRRRIIMMTTTTNNKKSSGGVVVVAAAADDEEGGGG",
    14: "FFLLSSSSYYY*CCWWLLLLPPPPHHQQRRRRIIIMTTTTNNNKSSSSVVVVAAAADDEEGGGG",
}
#: What the tables are called in messages.
NAMES = {
    1: "standard",
    2: "vertebrate mitochondrial",
    4: "coelenterate mitochondrial",
    5: "invertebrate mitochondrial",
    9: "echinoderm and flatworm mitochondrial",
    11: "plastid",
    13: "ascidian mitochondrial",
    14: "alternative flatworm mitochondrial",
}
#: Amino acid of a codon with a gap or an IUPAC code.
UNKNOWN = "X"
_STOP = "*"
# Mitochondrial codes; every other animal phylum uses 5.
_CODES = {
    "Chordata": 2,
    "Echinodermata": 9,
    "Platyhelminthes": 9,
    "Cnidaria": 4,
    "Porifera": 4,
    "Ctenophora": 4,
    "Streptophyta": 1,
    "Tracheophyta": 1,
}
_CLASS_CODES = {"Ascidiacea": 13, "Thaliacea": 13, "Leptocardii": 5}
# Given too where the phylum is unknown: 4 and 5 share the stops that every animal has.
_UNKNOWN_PHYLUM = 5


def mitochondrial_code(phylum: str, class_: str) -> int:
    """Return the NCBI number of the mitochondrial genetic code of an animal or plant."""
    return _CLASS_CODES.get(class_, _CODES.get(phylum, _UNKNOWN_PHYLUM))


@cache
def codons(code: int) -> dict[str, str]:
    """Return the amino acid of every codon of plain bases, ``*`` for a stop.

    Examples
    --------
    >>> codons(2)["AGA"], codons(5)["AGA"], codons(11)["TGA"]
    ('*', 'S', '*')
    """
    order = (a + b + c for a in "TCAG" for b in "TCAG" for c in "TCAG")
    return dict(zip(order, TABLES[code], strict=True))


@cache
def stops(code: int) -> frozenset[str]:
    """Return the stop codons of a code."""
    return frozenset(codon for codon, amino in codons(code).items() if amino == _STOP)


def translate(sequence: str, code: int) -> str:
    """Translate from the first base; a codon with a gap or an IUPAC code is `UNKNOWN`.

    Parameters
    ----------
    sequence : str
        In upper case; bases after the last whole codon are left out.
    code : int
        One of `TABLES`.

    Examples
    --------
    >>> translate("ATAAGATGANNNT", 2)
    'M*WX'
    """
    table = codons(code)
    return "".join(
        table.get(sequence[start : start + 3], UNKNOWN) for start in range(0, len(sequence) - 2, 3)
    )
