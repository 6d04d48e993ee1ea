"""DNA that is not the sample's own: human, of animals that come with the reagents, or of another sample.

Human DNA gets onto every exhibit. It is recognised before a library is searched and goes no
further: it says nothing of wildlife, and much of a person. A chimpanzee or a gorilla is
wildlife that is traded, and must never be taken for it. So being near to a human sequence is
not enough: an ape's must be too unlikely to be as near.

How likely that is depends on the piece. In it, the human and the orangutan genome differ by
so many bases; chimpanzee and gorilla differ from human by `NEAREST_APE` of that number at
least. Where an ape would be expected to differ by *e* bases, and the query differs by *d*, the
Poisson probability of *d* or fewer must lie below `BY_CHANCE`. In a short or slow piece no
number of differences does, and the query is called possibly human at most.

Two samples with one haplotype may be of one animal or one maternal line, or one of them may have got into the other's
tube. Nothing in the sequence tells which, so a person is told: of another query of the run, of controls and recent
cases, or of the staff elimination set (`Batch`). Sequences count as the same where they are identical over all of
their overlap, on either strand; IUPAC codes match what they can stand for.

What is remembered is cut into pieces side by side, so that each overlap of `OVERLAP` bases
holds two whole ones in a row, and one is left where the other has an IUPAC code. Two in a row are
held by few sequences, one alone by many of a conserved gene: what has no code is compared with
those alone that have both.
"""

import functools
import math
import os
import zlib
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from forensics import notices
from forensics.barcode.locus import EQUALITIES, ambiguous_count, reverse_complement
from forensics.barcode.matching.kernel import KmerFilter, semiglobal_distance, semiglobal_placements
from forensics.barcode.matching.search import Candidate
from forensics.barcode.options import GENUS_IDENTITY
from forensics.barcode.reading.reads import read_queries
from forensics.core.notice import Notice
from forensics.errors import InputError, LibraryError
from forensics.io.files import AnyPath, folder
from forensics.messages import _

# Human control regions differ by up to some 4 % from the reference (Vigilant et al. 1991,
# doi:10.1126/science.1840702), the rest by less; one more for errors of reading.
NEAR_HUMAN = 0.95
# From here on human cannot be excluded, where apes cannot be either.
_POSSIBLE = 0.97
# In the 12S gene, the slowest, a European differed from a bonobo by 30 bases, a gorilla by 33,
# a chimpanzee by 35 and an orangutan by 81 (Horai et al. 1995, doi:10.1073/pnas.92.2.532, as
# tabulated in PMC23071): 30/81. Over coding genes the share is 0.55 and more.
NEAREST_APE = 0.37
BY_CHANCE = 0.005
# A third with fewer bases than this is not looked at by itself.
_MIN_PART = 100

# Of zlib: the window of a gzip file; the module gzip would take a millisecond to import.
_GZIP = 31
_FOLDER = "contaminants"
_HUMAN, _ORANG, _REAGENTS = (
    "human_mitogenome.fasta.gz",
    "orang_mitogenome.fasta.gz",
    "reagents.tsv",
)
# Each edit spoils at most one of the pieces side by side, so that of a query at `NEAR_HUMAN`
# some are left: with 12 bases a piece, of every query from 30 bases on.
_PIECE = 12


class Human(NamedTuple):
    """How near a query is to a human mitochondrial sequence.

    Attributes
    ----------
    sure : bool
        Whether apes are excluded.
    identity : float
        To the human reference, 0-1.
    part : bool
        Whether only a third of the query (either end, or the middle) was found to be human.
    """

    sure: bool
    identity: float
    part: bool = False


def human(sequence: str) -> Human | None:
    """Return how near a sequence is to a human one, on either strand; None if it is not.

    Parameters
    ----------
    sequence : str
        A clean sequence (`forensics.barcode.locus.clean`) of any mitochondrial locus.

    Raises
    ------
    LibraryError
        If the packaged human sequence is missing or damaged.
    """
    third = len(sequence) // 3
    places = _shared(sequence, _needed(sequence, third))
    if not places:  # no part has more in common than the whole
        return None
    whole = _compared(sequence, places)
    if whole and whole.sure:
        return whole
    if third >= _MIN_PART:
        for start in (0, (len(sequence) - third) // 2, len(sequence) - third):
            last = start + third - _PIECE
            within = [place - start for place in places if start <= place <= last]
            of_part = _compared(sequence[start : start + third], within)
            if of_part and of_part.sure:
                return Human(True, of_part.identity, part=True)
    return whole


def human_warning(match: Human) -> Notice:
    """Return what is said of a human sequence."""
    return notices.unusable.HUMAN("part" if match.part else "whole")


def possibly_human(match: Human | None, best: float | None, genus: str) -> Notice | None:
    """Return the warning that human, or another ape, is not excluded.

    Parameters
    ----------
    match : Human or None
        What `human` returned.
    best : float or None
        Identity of the best candidate; None without candidates.
    genus : str
        Its genus.
    """
    if genus == "Homo":
        return notices.checks.POSSIBLY_HUMAN("nearest")
    if match is None or (best is not None and best > match.identity):
        return None
    return notices.checks.POSSIBLY_HUMAN("no_record", identity=match.identity)


def reagent_contaminants(called: str | None, nearest: Candidate) -> list[Notice]:
    """Return the warning that an animal is known to occur in reagents, or nothing.

    Parameters
    ----------
    called : str or None
        The taxon that was called.
    nearest : Candidate
        The best candidate; it counts from `GENUS_IDENTITY` on.

    References
    ----------
    Leonard et al. 2007, doi:10.1016/j.jas.2006.10.023.
    """
    known = _reagents()
    names = [called, nearest.species if nearest.identity >= GENUS_IDENTITY else None]
    species = next((name for name in names if name in known), None)
    if species is None:
        return []
    return [notices.checks.REAGENT_CONTAMINANT(species=species, source=known[species])]


# -- comparing ------------------------------------------------------------------------


def _compared(sequence: str, places: list[int]) -> Human | None:
    """Compare with the human genome, whole and on both strands; `places` as of `_shared`."""
    if _number(sequence, places) < _needed(sequence, len(sequence)):
        return None
    genome = _genome(_HUMAN)
    length = len(sequence)
    most = math.floor((1 - NEAR_HUMAN) * length)
    best: tuple[int, str, int, int] | None = None
    for strand, written in (("+", sequence), ("-", reverse_complement(sequence))):
        for start, end in _stretches(sequence, places, strand, most):
            edits, sites = semiglobal_placements(written, genome[start:end], most)
            # Of equally good places the first of the last strand.
            if edits is not None and (best is None or edits < best[0] or strand != best[1]):
                first, last = sites[0]
                most, best = edits, (edits, strand, start + first, start + last)
    if best is None:
        return None
    fewest, _strand, start, end = best
    to_ape = semiglobal_distance(genome[start:end], _genome(_ORANG))
    assert to_ape is not None  # without a limit there is always a distance
    identity = 1 - fewest / length
    if _poisson(fewest, NEAREST_APE * to_ape) < BY_CHANCE:
        return Human(True, identity)
    return Human(False, identity) if identity >= _POSSIBLE else None


def _shared(sequence: str, least: int) -> list[int]:
    """Return where a query has pieces of the human genome, if it has `least` of them."""
    if len(sequence) > len(_genome(_HUMAN)):  # twice the length of a mitochondrial genome
        return []
    places = _known_pieces().places(sequence)
    if len(places) < least:  # mostly so, and the pieces themselves are not needed
        return []
    pieces = _pieces()
    places = [place for place in places if sequence[place : place + _PIECE] in pieces]
    return places if _number(sequence, places) >= least else []


def _number(sequence: str, places: list[int]) -> int:
    """Return how many different pieces a query has at these places."""
    return len({sequence[place : place + _PIECE] for place in places})


def _stretches(sequence: str, places: list[int], strand: str, most: int) -> list[tuple[int, int]]:
    """Return the stretches of the genome, ascending, that hold every placement of at most `most` edits.

    Each such placement leaves a piece as it is (`_needed`), so it begins and ends no further from
    where the query would without insertions and deletions. Where a query is so short that none may be
    left, the genome is one stretch.
    """
    twice, length = len(_genome(_HUMAN)), len(sequence)
    if _left(sequence, length) < 1:
        return [(0, twice)]
    once, firsts = twice // 2, set()
    for place in places:
        its, first = _pieces()[sequence[place : place + _PIECE]]
        if its == strand:
            begin = first - place if strand == "+" else once - length - (first - place)
            firsts |= {begin, begin + once}
    stretches: list[tuple[int, int]] = []
    for begin in sorted(firsts):
        start, end = max(0, begin - most), min(twice, begin + length + most)
        if stretches and start <= stretches[-1][1]:
            start, end = stretches[-1][0], max(end, stretches.pop()[1])
        if start < end:
            stretches.append((start, end))
    return stretches


def _needed(sequence: str, length: int) -> int:
    """Return how many pieces a part of `length` bases has in common at least, if it is near."""
    return max(1, _left(sequence, length))


def _left(sequence: str, length: int) -> int:
    whole = (length - _PIECE + 1) // _PIECE
    spoilt = math.floor((1 - NEAR_HUMAN) * length) + ambiguous_count(sequence)
    # One piece may lie where the circle was opened.
    return whole - spoilt - 1


def _poisson(most: int, expected: float) -> float:
    """Return the probability of `most` or fewer events where so many are expected."""
    term = total = math.exp(-expected)
    for number in range(1, most + 1):
        term *= expected / number
        total += term
    return total


# -- what is packaged -----------------------------------------------------------------


@functools.cache
def _genome(name: str) -> str:
    """Return a mitochondrial genome twice in a row, so that a piece may lie over the end."""
    return 2 * "".join(_read(name).split("\n")[1:])


@functools.cache
def _pieces() -> dict[str, tuple[str, int]]:
    """Return the pieces of the human genome, side by side: their strands, and where they begin there.

    None of them is there twice.
    """
    return {
        text[place : place + _PIECE]: (strand, place)
        for strand, text, first in _strands()
        for place in range(first, len(text) - _PIECE + 1, _PIECE)
    }


@functools.cache
def _known_pieces() -> KmerFilter:
    """Return the same pieces, to be distinguished from other input."""
    pieces = KmerFilter(_PIECE)
    for _strand, text, first in _strands():
        pieces.add(text[first:])
    return pieces


def _strands() -> tuple[tuple[str, str, int], ...]:
    """Return both strands of the human genome, and where the first piece begins on each."""
    genome = _genome(_HUMAN)
    genome = genome[: len(genome) // 2]
    return ("+", genome, 0), ("-", reverse_complement(genome), len(genome) % _PIECE)


@functools.cache
def _reagents() -> dict[str, str]:
    """Return the sources by species, synonyms included."""
    rows = (line.split("\t") for line in _read(_REAGENTS).splitlines()[1:])
    return {
        name: source
        for species, also, _common, source in rows
        for name in (species, *filter(None, also.split(";")))
    }


def _read(name: str) -> str:
    path = folder("reference_sequences") / _FOLDER / name
    try:
        content = path.read_bytes()
        packed = name.endswith(".gz")
        return (zlib.decompress(content, _GZIP) if packed else content).decode("utf-8")
    except (OSError, zlib.error, ValueError) as error:
        raise LibraryError(
            _("{path} cannot be read ({error}); install the package again.").format(
                path=path, error=error
            )
        ) from error


# The least length of a barcode that is examined at most loci (`forensics.barcode.locus`);
# sequences that are shorter must be equal, or one must hold the other.
OVERLAP = 100
# Of one run so many sequences are remembered, some 40 MB; later ones are compared with these.
MAX_REMEMBERED = 10_000
# Files to compare with may hold so many in all.
MAX_COMPARED = 100_000
# Longer ones are genomes, of which the pieces are compared.
_MAX_LENGTH = 20_000
_HAPLOTYPE_PIECE = 32
# A piece that so many sequences have tells no more of them apart; reads of one amplicon would
# otherwise be compared each with each.
_MAX_HOLDERS = 1_000
_NAMED = 3  # names that a warning gives
# What comes after a piece: the next one, nothing more, or, where one alone must do, this.
_ANY = ""

_SAME = {pair for code, other in EQUALITIES for pair in ((code, other), (other, code))}


class Known(NamedTuple):
    """A sequence to compare with.

    Attributes
    ----------
    name : str
        As its header gives it.
    source : str
        The file that it came from.
    """

    name: str
    source: str = ""


class Haplotypes:
    """Sequences that can be asked whether they hold a haplotype.

    Parameters
    ----------
    most : int
        So many sequences are kept; what is added later is left out.
    """

    def __init__(self, most: int = MAX_REMEMBERED) -> None:
        self._most = most
        self._known: list[tuple[Known, str, bool]] = []  # and whether it has IUPAC codes
        self._sequences: set[str] = set()
        # Which sequences have a piece, and where, by what comes after it.
        self._holders: dict[str, dict[str | None, list[tuple[int, int]]]] = {}
        self._pieces = KmerFilter(_HAPLOTYPE_PIECE)

    def __len__(self) -> int:
        return len(self._known)

    def add(self, known: Known, sequence: str) -> None:
        """Remember a clean sequence."""
        if len(self) >= self._most or len(sequence) > _MAX_LENGTH:
            return
        if sequence in self._sequences:  # the first of them is reported
            return
        self._sequences.add(sequence)
        coded = ambiguous_count(sequence) > 0
        places = range(0, max(1, len(sequence) - _HAPLOTYPE_PIECE + 1), _HAPLOTYPE_PIECE)
        pieces = [sequence[place : place + _HAPLOTYPE_PIECE] for place in places]
        alone = coded or len(pieces) == 1
        after = [_ANY] * len(pieces) if alone else [*pieces[1:], None]
        for place, piece, following in zip(places, pieces, after, strict=True):
            holders = self._holders.setdefault(piece, {}).setdefault(following, [])
            if len(holders) < _MAX_HOLDERS:
                holders.append((len(self._known), place))
        self._pieces.add(sequence)
        self._known.append((known, sequence, coded))

    def same(self, sequence: str, *, exclude_name: str | None = None) -> list[tuple[Known, int]]:
        """Return the first sequences that are identical over the overlap, and its length.

        Parameters
        ----------
        sequence : str
            A clean sequence, on either strand.
        exclude_name : str, optional
            Sequences of this name are left out.
        """
        if len(sequence) > _MAX_LENGTH or not self._known:
            return []
        identical: list[tuple[Known, int]] = []
        coded = ambiguous_count(sequence) > 0
        laid = sorted(
            {
                (number, shift, strand)
                for strand in (sequence, reverse_complement(sequence))
                for number, shift in self._laid(strand, coded)
            }
        )
        for number, shift, strand in laid:
            known, other, other_coded = self._known[number]
            if known.name == exclude_name or (identical and identical[-1][0] is known):
                continue
            if length := _identical(strand, other, shift, coded=coded or other_coded):
                identical.append((known, length))
                if len(identical) == _NAMED:
                    break
        return identical

    def _laid(self, sequence: str, coded: bool) -> Iterator[tuple[int, int]]:
        """Yield the sequences that share a piece, and by how many bases they begin later."""
        alone, known = coded or len(sequence) < OVERLAP, self._holders
        for place in self._pieces.places(sequence):
            holders = known.get(sequence[place : place + _HAPLOTYPE_PIECE])
            if holders is None:
                continue
            after = place + _HAPLOTYPE_PIECE
            keys = holders if alone else (_ANY, sequence[after : after + _HAPLOTYPE_PIECE])
            for following in keys:
                for number, its in holders.get(following, ()):
                    yield number, place - its


def _identical(sequence: str, other: str, shift: int, *, coded: bool) -> int:
    """Return the length of the overlap if they are identical over it, else 0.

    `shift` is the place in `sequence` where `other` begins; it may be negative. `coded` says whether
    one of them has IUPAC codes.
    """
    start, end = max(0, shift), min(len(sequence), len(other) + shift)
    length = end - start
    if length < min(OVERLAP, len(sequence), len(other)):
        return 0
    mine, theirs = sequence[start:end], other[start - shift : end - shift]
    if mine == theirs:
        return length
    if not coded:
        return 0
    same = all(a == b or (a, b) in _SAME for a, b in zip(mine, theirs, strict=True))
    return length if same else 0


def read_haplotypes(files: Iterable[AnyPath]) -> Haplotypes:
    """Read sequences to compare with from files of any format that queries may have.

    Raises
    ------
    InputError
        If a file cannot be read, a sequence in it cannot be examined, or there are more than
        `MAX_COMPARED`.
    """
    haplotypes = Haplotypes(MAX_COMPARED)
    for file in files:
        for query in read_queries(file):
            message = ""
            if query.problem:
                message = _("{name} cannot be compared with: {problem} Repair it or take it out.")
                message = message.format(name=query.name, problem=query.problem.message)
            elif len(query.sequence) > _MAX_LENGTH:
                message = _("{name} has {length} bases; at most {limit} can be compared.").format(
                    name=query.name, length=len(query.sequence), limit=_MAX_LENGTH
                )
            if message:
                raise InputError(message, source=query.source, record=query.record, line=query.line)
            if len(haplotypes) == MAX_COMPARED:
                raise InputError(
                    _("there are more than {limit} sequences to compare with; give fewer").format(
                        limit=MAX_COMPARED
                    ),
                    source=query.source,
                )
            haplotypes.add(Known(query.name, query.source), query.sequence)
    return haplotypes


class Batch:
    """What the queries of a run are compared with: each other, files, a staff elimination set.

    Parameters
    ----------
    compare_with : sequence of path
        Files of controls and recent cases.
    elimination : path, optional
        The file of the staff elimination set. Names in it are never told.
    one_sample : bool
        Whether all queries are of one sample, so that they should be the same.
    """

    def __init__(
        self,
        compare_with: Sequence[AnyPath] = (),
        elimination: AnyPath | None = None,
        *,
        one_sample: bool = False,
    ) -> None:
        self._given = read_haplotypes(compare_with)
        try:
            self._staff = read_haplotypes(() if elimination is None else (elimination,))
        except InputError as error:
            # Its message would name a person.
            raise InputError(
                _("the elimination set cannot be read; check it with its keeper"),
                source=os.fspath(elimination or ""),
            ) from error
        self._seen = None if one_sample else Haplotypes()

    def match_elimination_database(self, sequence: str) -> Notice | None:
        """Return the warning that a sequence is in the elimination set."""
        if not self._staff.same(sequence):
            return None
        return notices.unusable.ELIMINATION_MATCH()

    def warnings(self, name: str, number: int, sequence: str) -> list[Notice]:
        """Return which others have a query's haplotype, and remember the query.

        Parameters
        ----------
        name : str
            Of the query; queries of one name are not compared.
        number : int
            Its place in the run.
        sequence : str
            Its clean sequence.
        """
        if len(sequence) > _MAX_LENGTH or (self._seen is None and not self._given):
            return []
        noted = []
        for known, length in self._given.same(sequence):
            noted.append(
                notices.checks.SAME_HAPLOTYPE_AS(name=known.name, file=known.source, length=length)
            )
        if self._seen is not None:
            if others := self._seen.same(sequence, exclude_name=name):
                names = ", ".join(f"{known.name} ({known.source})" for known, _length in others)
                noted.append(notices.checks.SAME_HAPLOTYPE_IN_RUN(length=others[0][1], names=names))
            self._seen.add(Known(name, str(number)), sequence)
        return noted
