"""Which locus a sequence is of, or that it is of none.

The nearest record says which locus a query is of, where there is one. Where none is near, the locus is
recognised by exemplars of it (``reference_sequences/exemplars``): coding genes as proteins, which are alike across
phyla, the others by bases. What the packaged exemplars do not decide is compared with some records of the library. A
sequence that is like two loci, or like bacterial ribosomal RNA, has none.

What a query shares with exemplars is found by words, extended without gaps, and chained, as BLAST does it (Altschul et
al. 1990, doi:10.1016/S0022-2836(05)80360-2; 1997, doi:10.1093/nar/25.17.3389): a word that both have is extended to
both sides as long as the score does not fall by more than a limit below its highest. Proteins need two words on one
diagonal. Segments of one exemplar that follow each other are chained, at a price for the shift between them.

A sequence that is of no locus of a library is neither in the library nor missing from it, and no probability holds for
it. In this order it is

``low_complexity``  where it says next to nothing: the entropy of its triplets is below `MIN_ENTROPY`;
``ribosomal``       where it is like bacterial or plastid ribosomal RNA, as surely as a locus is recognised;
``other_locus``     where it is recognised as a locus that was not searched;
``no_locus``        where it is like none of the loci that were searched, and every one of them is `TELLING`: its genuine
                    sequences are alike across orders, so that they would be recognised.

How often genuine sequences are taken for foreign, without all that the exemplars know of their order, and how many
foreign ones are seen, is in docs/loci.md (benchmarks/foreign.py).
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from math import log2
from pathlib import Path
from typing import NamedTuple

from forensics.barcode.locus import MAX_GENE_LENGTH, PLASTID, find_locus, reverse_complement
from forensics.barcode.matching import kernel
from forensics.barcode.matching.index import Index
from forensics.barcode.reference.library import Library
from forensics.barcode.translation import translate
from forensics.errors import LibraryError
from forensics.io.files import folder
from forensics.messages import _

#: In place of a locus: what is related to one and is none of them, as bacterial ribosomal RNA.
NO_LOCUS = "-"
_FIELDS = 4


class Exemplar(NamedTuple):
    """A sequence that stands for a locus.

    Attributes
    ----------
    name : str
        Accession, or genome and gene.
    locus : str
        Name in the table of loci, or `NO_LOCUS`.
    species : str
    sequence : str
        Clean, on the strand of the gene.
    """

    name: str
    locus: str
    species: str
    sequence: str


#: Files of exemplars; the second is under the GPL (``SOURCES.md`` beside them).
_FILES = ("exemplars.fasta", "last-align.fasta")


def exemplar_files() -> list[Path]:
    """Return the packaged files of exemplars; results bear their SHA-256."""
    return [folder("reference_sequences") / "exemplars" / name for name in _FILES]


def packaged_exemplars() -> list[Exemplar]:
    """Return the packaged exemplars."""
    exemplars: list[Exemplar] = []
    for path in exemplar_files():
        exemplars += read_exemplars(_read(path).decode("utf-8").splitlines(), path)
    return exemplars


def read_exemplars(lines: Iterable[str], path: Path) -> Iterator[Exemplar]:
    """Yield the exemplars of a FASTA file with headers ``name|locus|species|source``.

    Raises
    ------
    LibraryError
        If the file has another form.
    """
    head: list[str] = []
    for number, line in enumerate(lines, 1):
        if line.startswith(">") and not head and line.count("|") == _FIELDS - 1:
            head = line[1:].split("|")
        elif head and line and not line.startswith(">"):
            name, locus, species, _source = head
            yield Exemplar(name, locus, species, line)
            head = []
        else:
            raise LibraryError(
                _(
                    "{path} is damaged in line {line}: name, locus, species and source, and the "
                    "sequence in the next line, are expected. Install the package again."
                ).format(path=path, line=number)
            )


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise LibraryError(
            _("{path} cannot be read ({error}). Install the package again.").format(
                path=path, error=error.strerror
            )
        ) from error


# BLOSUM62 (Henikoff & Henikoff 1992, doi:10.1073/pnas.89.22.10915), lower triangle in this order.
_AMINO_ACIDS = "ARNDCQEGHILKMFPSTWYV"
_BLOSUM62 = (
    "4",
    "-1 5",
    "-2 0 6",
    "-2 -2 1 6",
    "0 -3 -3 -3 9",
    "-1 1 0 0 -3 5",
    "-1 0 0 2 -4 2 5",
    "0 -2 0 -1 -3 -2 -2 6",
    "-2 0 1 -1 -3 0 0 -2 8",
    "-1 -3 -3 -3 -1 -3 -3 -4 -3 4",
    "-1 -2 -3 -4 -1 -2 -3 -4 -3 2 4",
    "-1 2 0 -1 -3 1 1 -2 -1 -3 -2 5",
    "-1 -1 -2 -3 -1 0 -2 -3 -2 1 2 -1 5",
    "-2 -3 -3 -3 -2 -3 -3 -3 -1 0 0 -3 0 6",
    "-1 -2 -2 -1 -3 -1 -1 -2 -2 -3 -3 -1 -2 -4 7",
    "1 -1 1 0 -1 0 0 0 -1 -2 -2 0 -1 -2 -1 4",
    "0 -1 0 -1 -1 -1 -1 -2 -2 -1 -1 -1 -1 -2 -1 1 5",
    "-3 -3 -4 -4 -2 -2 -3 -2 -2 -3 -2 -3 -1 1 -4 -3 -2 11",
    "-2 -2 -2 -3 -2 -1 -2 -3 2 -1 -1 -2 -1 3 -3 -2 -2 2 7",
    "0 -3 -3 -3 -1 -2 -2 -3 -3 3 1 -2 1 -1 -2 -2 0 -3 -1 4",
)
# A stop, or what no table knows, with anything.
_UNLIKE = -4


class Alphabet(NamedTuple):
    """What sequences are written in, and how their letters score.

    Attributes
    ----------
    scores : bytes of int8
        Of two letters a and b at 128 a + b.
    word : int
        Letters of a word.
    words : int
        Words that must lie on one diagonal, with at most `window` letters between them.
    window : int
    drop : int
        How far the score may fall below its highest before an extension ends.
    least : int
        Score of a segment that may enter a chain.
    shift, letter : int
        Price of a shift between two segments, and of each letter of it.
    """

    scores: bytes
    word: int
    words: int
    window: int
    drop: int
    least: int
    shift: int
    letter: int


def _table(scores: Mapping[str, int]) -> bytes:
    """Return scores of pairs of letters as `Alphabet` has them."""
    table = bytearray(128 * 128)
    for pair, score in scores.items():
        table[128 * ord(pair[0]) + ord(pair[1])] = score & 255
    return bytes(table)


def _blosum() -> bytes:
    letters = _AMINO_ACIDS + "*X"
    scores = dict.fromkeys((a + b for a in letters for b in letters), _UNLIKE)
    scores |= dict.fromkeys((pair for pair in scores if "X" in pair), -1)
    for amino, row in zip(_AMINO_ACIDS, _BLOSUM62, strict=True):
        for other, score in zip(_AMINO_ACIDS, row.split()):
            scores[amino + other] = scores[other + amino] = int(score)
    return _table(scores)


def _bases() -> bytes:
    letters = "ACGTRYSWKMBDHVN"
    scores = {a + b: -4 for a in letters for b in letters}
    scores |= {a + b: 0 for a in letters for b in letters if a not in "ACGT" or b not in "ACGT"}
    return _table(scores | {base * 2: 5 for base in "ACGT"})


#: The parameters of NCBI BLAST for proteins, and for nucleotides that are far apart. One word is
#: enough for genes of which few exemplars are at hand, so that it costs little.
AMINO = Alphabet(_blosum(), word=3, words=2, window=40, drop=16, least=20, shift=20, letter=1)
AMINO_OF_FEW = AMINO._replace(words=1)
BASES = Alphabet(_bases(), word=8, words=1, window=0, drop=40, least=40, shift=16, letter=2)


class WordIndex:
    """The words of exemplars, by which they are found in a query.

    Parameters
    ----------
    texts : sequence of str
        Exemplars.
    alphabet : Alphabet
    """

    def __init__(self, texts: Sequence[str], alphabet: Alphabet) -> None:
        self.alphabet = alphabet
        self._words = kernel.index_words([text.encode() for text in texts], alphabet.word)

    def chains(self, query: str) -> list[tuple[int, int, list[tuple[int, int]]]]:
        """Return what a query shares with each exemplar: ``(exemplar, score, [(start, end)])``, letters of the query."""
        scores, _word, *rules = self.alphabet
        return kernel.find_chains(self._words, query.encode(), scores, tuple(rules))


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


class Recognised(NamedTuple):
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
                for exemplar, bits, _frame, _places in _chains(strand, *group):
                    yield exemplar, bits

    def stretches(self, strand: str, locus: str) -> list[tuple[int, int]]:
        """Return start and end of what a strand shares with the exemplar of a locus that it is most like, in its order.

        Empty where it is not alike enough to be recognised.
        """
        code = _code_of(locus)
        chains = (
            (bits, frame, places)
            for group in self._groups
            if group[0] == code
            for exemplar, bits, frame, places in _chains(strand, *group)
            if exemplar.locus == locus
        )
        bits, frame, places = max(chains, key=lambda chain: chain[0], default=(0.0, 0, []))
        letter = 3 if code else 1
        stretches = [(frame + letter * start, frame + letter * end) for start, end in places]
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
    return Recognised(locus, round(bits, 1), round(lead, 1), name)


def needed_bits(locus: str, length: int) -> float:
    """Return the bits that a locus must reach with so many bases to be recognised."""
    least = MIN_BITS_PROTEIN if _code_of(locus) else MIN_BITS_BASES
    return least + BITS_PER_DOUBLING * max(0.0, log2(length / _BASIS))


def recognise_locus(sequence: str, library: Library) -> Recognised | None:
    """Return the locus of a sequence that is near to no record of a library.

    Parameters
    ----------
    sequence : str
        Clean (`forensics.barcode.locus.clean`).
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
        record = index.first_record(haplotype)
        sequence = index.sequence(haplotype)
        yield Exemplar(record.accession, locus, record.label, sequence)


_ALPHABETS = {0: BASES, _MITOCHONDRIAL_CODE: AMINO, _PLASTID_CODE: AMINO_OF_FEW}


def _code_of(locus: str) -> int:
    if locus == NO_LOCUS or not find_locus(locus).genetic_codes:
        return 0
    return _PLASTID_CODE if find_locus(locus).genome == PLASTID else _MITOCHONDRIAL_CODE


def _chains(
    strand: str, code: int, words: WordIndex, members: Sequence[Exemplar]
) -> Iterator[tuple[Exemplar, float, int, list[tuple[int, int]]]]:
    """Yield exemplars with the score in bits of what a strand shares with each, the frame, and where in it that is."""
    each, more = _BITS[bool(code)]
    for frame, reading in enumerate(_frames(strand, code) if code else [strand]):
        for number, score, places in words.chains(reading):
            yield members[number], each * score + more, frame, places


def _frames(strand: str, code: int) -> list[str]:
    return [translate(strand[frame:], code) for frame in range(3)]


def _protein(sequence: str, code: int) -> str:
    """Return the translation in the frame with the fewest stops."""
    return min(_frames(sequence, code), key=lambda protein: protein[:-1].count("*"))


# Karlin-Altschul parameters of the scores without gaps (Altschul et al. 1997,
# doi:10.1093/nar/25.17.3389), of bases and of proteins: lambda / ln 2 and -log2 K.
_BITS = (0.192 / 0.6931, 2.5), (0.318 / 0.6931, 2.9)


#: Bits of the distribution of triplets, of which 6 are the most. Barcodes have 4.3 and more, also pieces of 100
#: bases of the control region; a repeat of two bases has 1, of four 2.
MIN_ENTROPY = 3.5
#: Loci of which genuine sequences of every order measured are recognised, and the bases from which on they are.
TELLING = {"COI": 150, "cytb": 150, "12S": 150, "16S": 150, "rbcL": 150}
#: Share of the bits by which a locus is recognised (`needed_bits`) below which a sequence is unlike it.
UNLIKE = 0.6


#: Bits a base that ribosomal RNA must reach where ITS is searched, whose ends are ribosomal RNA: of 52 genuine sequences
#: none came above 0.11; the RNA of other bacteria comes to 0.5 and more.
RIBOSOMAL_BITS_BESIDE_ITS = 0.3


class Foreign(NamedTuple):
    """Why a sequence is not of the loci that were searched.

    Attributes
    ----------
    kind : str
        ``low_complexity``, ``ribosomal``, ``other_locus`` or ``no_locus``.
    likeness : str
        The species whose ribosomal RNA it is like; else empty.
    recognised : Recognised or None
        The other locus.
    entropy : float
        Bits of its triplets.
    """

    kind: str
    likeness: str = ""
    recognised: Recognised | None = None
    entropy: float = 0.0


def find_foreign(sequence: str, library: Library, loci: Sequence[str]) -> Foreign | None:
    """Return why a sequence is not of the loci that were searched; None where it may be.

    Parameters
    ----------
    sequence : str
        Clean, and near to no record.
    library : Library
        Some of its records are exemplars beside the packaged ones.
    loci : sequence of str
        That were searched.
    """
    return judge_scores(recogniser_of(library).similar(sequence), sequence, loci)


def judge_scores(
    scores: Iterable[tuple[Exemplar, float]], sequence: str, loci: Sequence[str]
) -> Foreign | None:
    """Return the same from the scores of exemplars, in bits."""
    entropy = triplet_entropy(sequence)
    if entropy < MIN_ENTROPY:
        return Foreign("low_complexity", entropy=entropy)
    if len(sequence) > MAX_LENGTH:
        return None
    best: dict[str, tuple[float, str]] = {}
    scores = list(scores)
    for exemplar, bits in scores:
        best[exemplar.locus] = max((bits, exemplar.species), best.get(exemplar.locus, (0.0, "")))
    own = max((best[locus][0] for locus in loci if locus in best), default=0.0)
    length = len(sequence)
    ribosomal, species = best.get(NO_LOCUS, (0.0, ""))
    others = max((bits for locus, (bits, _s) in best.items() if locus != NO_LOCUS), default=0.0)
    least = needed_bits(NO_LOCUS, length)
    if "ITS" in loci:
        least = max(least, RIBOSOMAL_BITS_BESIDE_ITS * length)
    if ribosomal >= least and ribosomal - others >= MIN_LEAD:
        return Foreign("ribosomal", species, entropy=entropy)
    recognised = decide_locus(scores, length)
    if recognised is not None and recognised.locus not in loci:
        return Foreign("other_locus", recognised=recognised, entropy=entropy)
    telling = all(locus in TELLING and length >= TELLING[locus] for locus in loci)
    if telling and own < UNLIKE * min(needed_bits(locus, length) for locus in loci):
        return Foreign("no_locus", entropy=entropy)
    return None


def triplet_entropy(sequence: str) -> float:
    """Return the entropy of the triplets of a sequence in bits, 0-6.

    Examples
    --------
    >>> triplet_entropy("A" * 60), round(triplet_entropy("AT" * 60), 2)
    (0.0, 1.0)
    """
    counts = Counter(sequence[place : place + 3] for place in range(len(sequence) - 2))
    total = counts.total()
    return abs(sum(count / total * log2(total / count) for count in counts.values()))
