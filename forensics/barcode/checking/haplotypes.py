"""The same haplotype again: in this run, among controls and recent cases, or a person's.

Two samples with one haplotype may be of one animal or one maternal line, or one of them may
have got into the other's tube. Nothing in the sequence tells which, so it is told to a
person. Sequences count as the same where they are identical over all of their overlap, on
either strand; IUPAC codes match what they can stand for.

What is remembered is cut into pieces side by side, so that each overlap of `OVERLAP` bases
holds two whole ones in a row, and one is left where the other has an IUPAC code. Two in a row are
held by few sequences, one alone by many of a conserved gene: what has no code is compared with
those alone that have both.
"""

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from forensics import notices
from forensics.barcode.matching.kmer_filter import KmerFilter
from forensics.barcode.reading.reads import read_queries
from forensics.barcode.sequence import EQUALITIES, ambiguous_count, reverse_complement
from forensics.core.notice import Notice
from forensics.errors import InputError
from forensics.messages import _

# The least length of a barcode that is examined at most loci (`forensics.barcode.locus`);
# sequences that are shorter must be equal, or one must hold the other.
OVERLAP = 100
# Of one run so many sequences are remembered, some 40 MB; later ones are compared with these.
MAX_REMEMBERED = 10_000
# Files to compare with may hold so many in all.
MAX_COMPARED = 100_000
# Longer ones are genomes, of which the pieces are compared.
_MAX_LENGTH = 20_000
_PIECE = 32
# A piece that so many sequences have tells no more of them apart; reads of one amplicon would
# otherwise be compared each with each.
_MAX_HOLDERS = 1_000
_NAMED = 3  # names that a warning gives
# What comes after a piece: the next one, nothing more, or, where one alone must do, this.
_ANY = ""

_SAME = {pair for code, other in EQUALITIES for pair in ((code, other), (other, code))}


@dataclass(frozen=True, slots=True)
class Known:
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
        self._pieces = KmerFilter(_PIECE)

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
        places = range(0, max(1, len(sequence) - _PIECE + 1), _PIECE)
        pieces = [sequence[place : place + _PIECE] for place in places]
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
            holders = known.get(sequence[place : place + _PIECE])
            if holders is None:
                continue
            after = place + _PIECE
            keys = holders if alone else (_ANY, sequence[after : after + _PIECE])
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


def read_haplotypes(files: Iterable[str | os.PathLike]) -> Haplotypes:
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
        compare_with: Sequence[str | os.PathLike[str]] = (),
        elimination: str | os.PathLike[str] | None = None,
        *,
        one_sample: bool = False,
    ) -> None:
        self._given = read_haplotypes(compare_with)
        try:
            self._staff = read_haplotypes(() if elimination is None else (elimination,))
        except InputError as error:
            # Its message would name a person.
            raise InputError(
                _("the elimination set cannot be read; look at it with the person who keeps it"),
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
