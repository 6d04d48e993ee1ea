"""From what a sequence shares with exemplars to its locus, or none.

The nearest record says which locus a query is of, where there is one. Where none is near, the locus is
recognised by exemplars of it: coding genes as proteins, which are alike across phyla, the others by
bases. What the packaged exemplars do not decide is compared with some records of the library. A
sequence that is like two loci, or like bacterial ribosomal RNA, has none.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from math import log2

from forensics.barcode.checking.genetic_code import translate
from forensics.barcode.locus import MAX_GENE_LENGTH, PLASTID, find_locus
from forensics.barcode.matching.index import Index
from forensics.barcode.recognition.exemplars import NO_LOCUS, Exemplar, packaged_exemplars
from forensics.barcode.recognition.segments import (
    AMINO,
    AMINO_OF_FEW,
    BASES,
    WordIndex,
    best_chain,
)
from forensics.barcode.reference.library import Library
from forensics.barcode.sequence import reverse_complement

__all__ = [
    "Recognised",
    "Recogniser",
    "decide_locus",
    "needed_bits",
    "packaged_recogniser",
    "recognise_locus",
    "recogniser_of",
]

#: Bits that a locus must reach with 150 bases, as proteins and as bases; measured with
#: benchmarks/loci.py: foreign sequences stay below.
MIN_BITS_PROTEIN, MIN_BITS_BASES = 34.0, 42.0
#: More bases find more by chance; so many bits more for each doubling.
BITS_PER_DOUBLING = 5.0
#: Bits by which the locus must lead all others, and what is related and none of them. Ten bits are
#: odds of a thousand, were the letters independent.
MIN_LEAD = 6.0
#: A longer sequence holds several loci, or none; the longest gene, 16S, has 1,700 bases.
MAX_LENGTH = 2 * MAX_GENE_LENGTH
#: Records of a locus of the library that are compared, spread evenly over the index.
PANEL = 24

# Codes under which mitochondrial genes, and plastid genes, are read: of the animals' codes that with
# the fewest stops, since a wrong amino acid costs little and a stop much.
_MITOCHONDRIAL_CODE, _PLASTID_CODE = 5, 11
_BASIS = 150


@dataclass(frozen=True, slots=True)
class Recognised:
    """The locus of a sequence that is near to no record.

    Attributes
    ----------
    locus : str
    bits : float
        Score of the best exemplar, in bits.
    lead : float
        Bits by which the next locus falls short.
    exemplar : str
        Name of the best exemplar: an accession, or genome and gene.
    """

    locus: str
    bits: float
    lead: float
    exemplar: str

    def to_dict(self) -> dict[str, str | float]:
        """Return plain values for JSON."""
        return {
            "locus": self.locus,
            "bits": round(self.bits, 1),
            "lead": round(self.lead, 1),
            "exemplar": self.exemplar,
        }


class Recogniser:
    """Knows loci by exemplars.

    Parameters
    ----------
    exemplars : iterable of Exemplar
        Coding loci are compared as proteins, the others as bases.
    """

    def __init__(self, exemplars: Iterable[Exemplar]) -> None:
        groups: dict[int, tuple[list[str], list[Exemplar]]] = {}  # by genetic code; 0 of bases
        for exemplar in exemplars:
            code = _code_of(exemplar.locus)
            text = _protein(exemplar.sequence, code) if code else exemplar.sequence
            texts, members = groups.setdefault(code, ([], []))
            texts.append(text)
            members.append(exemplar)
        self._groups = [
            (code, WordIndex(texts, _ALPHABETS[code]), members)
            for code, (texts, members) in sorted(groups.items())
        ]

    def recognise(self, sequence: str) -> Recognised | None:
        """Return the locus of a clean sequence on either strand, or None."""
        return decide_locus(self.similar(sequence), len(sequence))

    def similar(self, sequence: str) -> Iterator[tuple[Exemplar, float]]:
        """Yield exemplars that share something with a sequence, and their scores in bits."""
        for strand in (sequence, reverse_complement(sequence)):
            for group in self._groups:
                for exemplar, bits, _stretches in _chains(strand, *group):
                    yield exemplar, bits

    def stretches(self, strand: str, locus: str) -> list[tuple[int, int]]:
        """Return start and end of what a strand shares with the exemplar of a locus that it is most like, in its order.

        Empty where it is not alike enough to be recognised.
        """
        code = _code_of(locus)
        chains = (
            (bits, stretches)
            for group in self._groups
            if group[0] == code
            for exemplar, bits, stretches in _chains(strand, *group)
            if exemplar.locus == locus
        )
        bits, stretches = max(chains, key=lambda chain: chain[0], default=(0.0, []))
        return stretches if bits >= needed_bits(locus, len(strand)) else []


def decide_locus(similar: Iterable[tuple[Exemplar, float]], length: int) -> Recognised | None:
    """Return the locus that the scores of exemplars speak for, or None.

    Parameters
    ----------
    similar : iterable of (Exemplar, float)
        Scores in bits.
    length : int
        Bases of the sequence.
    """
    best: dict[str, tuple[float, str]] = {NO_LOCUS: (0.0, "")}
    for exemplar, bits in similar:
        if bits > best.get(exemplar.locus, (0.0, ""))[0]:
            best[exemplar.locus] = bits, exemplar.name
    ordered = sorted(best.items(), key=lambda item: (-item[1][0], item[0]))
    locus, (bits, name) = ordered[0]
    if locus == NO_LOCUS:
        return None
    lead = bits - ordered[1][1][0]
    if bits < needed_bits(locus, length) or lead < MIN_LEAD:
        return None
    return Recognised(locus, bits, lead, name)


def needed_bits(locus: str, length: int) -> float:
    """Return the bits that a locus must reach with so many bases to be recognised."""
    least = MIN_BITS_PROTEIN if _code_of(locus) else MIN_BITS_BASES
    return least + BITS_PER_DOUBLING * max(0.0, log2(length / _BASIS))


def recognise_locus(sequence: str, library: Library) -> Recognised | None:
    """Return the locus of a sequence that is near to no record of a library.

    Parameters
    ----------
    sequence : str
        Clean (`forensics.barcode.sequence.clean`).
    library : Library
        Some of its records are exemplars, too, where the packaged ones do not decide.

    Returns
    -------
    Recognised or None
        None where it is like no locus, or like several, or longer than any; the library may lack
        the locus.
    """
    if len(sequence) > MAX_LENGTH:
        return None
    recognised = packaged_recogniser().recognise(sequence)
    if recognised is not None:
        return recognised
    return recogniser_of(library).recognise(sequence)


@cache
def packaged_recogniser() -> Recogniser:
    """Return the recogniser of the packaged exemplars; made when it is first used."""
    return Recogniser(packaged_exemplars())


@cache
def recogniser_of(library: Library) -> Recogniser:
    """Return the recogniser of the packaged exemplars and some records of a library."""
    of_library = (
        exemplar for locus in library.loci for exemplar in _panel(library.index(locus), locus)
    )
    return Recogniser([*packaged_exemplars(), *of_library])


def _panel(index: Index, locus: str) -> Iterable[Exemplar]:
    """Yield haplotypes of an index at even distances."""
    for haplotype in range(0, index.size, max(1, index.size // PANEL)):
        record = index.record(index.positions(haplotype)[0])
        sequence = index.sequence(haplotype).decode("ascii")
        yield Exemplar(record.accession, locus, record.label, sequence)


_ALPHABETS = {0: BASES, _MITOCHONDRIAL_CODE: AMINO, _PLASTID_CODE: AMINO_OF_FEW}


def _code_of(locus: str) -> int:
    if locus == NO_LOCUS or not find_locus(locus).genetic_codes:
        return 0
    return _PLASTID_CODE if find_locus(locus).genome == PLASTID else _MITOCHONDRIAL_CODE


def _chains(
    strand: str, code: int, words: WordIndex, members: Sequence[Exemplar]
) -> Iterator[tuple[Exemplar, float, list[tuple[int, int]]]]:
    """Yield exemplars with the score in bits of what a strand shares with each, and where that is."""
    for frame, reading in enumerate(_frames(strand, code) if code else [strand]):
        for number, segments in words.segments(reading).items():
            score, places = best_chain(segments, words.alphabet)
            if code:
                places = [(frame + 3 * start, frame + 3 * end) for start, end in places]
            yield members[number], _bits(score, amino=bool(code)), places


def _frames(strand: str, code: int) -> list[str]:
    return [translate(strand[frame:], code) for frame in range(3)]


def _protein(sequence: str, code: int) -> str:
    """Return the translation in the frame with the fewest stops."""
    return min(_frames(sequence, code), key=lambda protein: protein[:-1].count("*"))


# Karlin-Altschul parameters of the scores without gaps (Altschul et al. 1997,
# doi:10.1093/nar/25.17.3389): lambda / ln 2 and -log2 K.
def _bits(score: int, *, amino: bool) -> float:
    return 0.318 / 0.6931 * score + 2.9 if amino else 0.192 / 0.6931 * score + 2.5
