"""Does a query read like the gene that it is said to be?

A nuclear copy of a mitochondrial gene (NUMT) is amplified with the gene's own primers and
names a wrong species. Freed of selection it gathers what the gene never has: stop codons,
shifts of the reading frame, amino acids where the library has one alone (Song et al. 2008,
doi:10.1073/pnas.0803076105). A sequencing error may look the same.

The genetic code is not asked for. It is that of the nearest record's taxon where the library
knows the taxon, else every one of the locus under which the nearest record reads open; only
what is wrong under all of them counts. So a coral is not read as a vertebrate. What sticks
out of the record is not read.

Genetic codes: what a codon stands for, by NCBI translation table.

Kept as NCBI writes them, because Biopython, which has them too, costs more time to import
than a whole search; a test holds them against Biopython's.

References
----------
Elzanowski & Ostell, The Genetic Codes, NCBI.
"""

import itertools
import math
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from typing import NamedTuple

from forensics.barcode.locus import MITOCHONDRIAL, find_locus, reverse_complement
from forensics.barcode.matching.index import Index
from forensics.barcode.matching.search import GAP, Alignment, Hit, align, lay
from forensics.barcode.reference.records import ReferenceRecord
from forensics.core.notice import Notice
from forensics.messages import _
from forensics.notices import checks as notices

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
    return dict(zip(_CODONS, TABLES[code], strict=True))


_CODONS = tuple(a + b + c for a in "TCAG" for b in "TCAG" for c in "TCAG")
# What a base counts at each place of its codon, whose sum is the number in TABLES; of what is no base, the sum is too high.
_COUNTS = [
    bytes(place * at if (at := b"TCAG".find(byte)) >= 0 else 64 for byte in range(256))
    for place in (16, 4, 1)
]


@cache
def _amino_acids(code: int) -> bytes:
    """Return the amino acid of each sum of `_COUNTS`."""
    return TABLES[code].ljust(256, UNKNOWN).encode()


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
    count = len(sequence) // 3
    bases = sequence[: 3 * count].encode("ascii", "replace")
    # All codons are added up at once: no sum needs more than a byte.
    numbers = sum(
        int.from_bytes(bases[place::3].translate(counts), "little")
        for place, counts in enumerate(_COUNTS)
    )
    return numbers.to_bytes(count, "little").translate(_amino_acids(code)).decode()


# So many of the nearest records are asked for a reading frame before it is given up, and so
# many of those that have one must agree on a frameshift: one of them may be in error itself.
_MAX_RECORDS_READ = 5
_AGREEING = 3
# Insertions and deletions that together keep the frame, within so many columns, are taken for
# one: where a stretch differs much, an alignment writes substitutions so. Closer to an end than
# `_END` their place is not sure.
_TOGETHER = 15
_END = 10
# A run of one base of which reads lose or gain one by error (of pyrosequencing Huse et al. 2007,
# doi:10.1186/gb-2007-8-7-r143; nanopore and Sanger reads do so in longer ones). The length is
# chosen low: it decides words, not the call.
_RUN = 4
# Records that a query's amino acids are compared with, spread over the index, beside the
# nearest; so many must stand at a place before it is called conserved.
_SPREAD = 64
_MIN_SPREAD = 20
# So few tell which of two open frames is the gene's.
_FOR_FRAME = 10
# An amino acid that at most this share of them has, at a place where nearly all have another,
# is unexpected.
_SELDOM = 0.02
_CONSERVED = 0.95
# So many unexpected amino acids are reported, or this share of the codons where that is more: fewer
# are found in records without fault (benchmarks/checks.md has the figures).
UNEXPECTED = 3
UNEXPECTED_SHARE = 1 / 80
# Differences from the nearest record that change an amino acid, at least so many and this share of all: of clean
# mitochondrial records none of 2,667 had so many, where by chance two in three do (docs/checks.md).
MIN_REPLACED = 5
MIN_SHARE_REPLACED = 0.4
# The code of some flatworms, under which TAA is not a stop: taken only where no other code is open,
# or every gene would have an open frame more.
_RARE = {14}
# A record less like another is not of the same piece of the gene, or on the other strand.
_SAME_GENE = 0.65


class Shift(NamedTuple):
    """An insertion or deletion that shifts the reading frame.

    Attributes
    ----------
    column : int
        Of the alignment, where it begins.
    bases : int
        Bases that the query has more (positive) or fewer (negative) than the record.
    run : str
        The run of one base that it lies in; empty where it lies in none.
    """

    column: int
    bases: int
    run: str


def check_translation(
    sequence: str, hits: Sequence[Hit], index: Index, alignment: Alignment
) -> tuple[Notice, ...]:
    """Return what speaks for a nuclear copy, or an error, in the reading of a query.

    Parameters
    ----------
    sequence : str
        The clean query.
    hits : sequence of Hit
        What the search found, best first.
    index : Index
        The index that was searched.
    alignment : Alignment
        Of the query with the best hit.

    Returns
    -------
    tuple of Notice
        ``STOP_CODON``, ``FRAMESHIFT`` and ``UNEXPECTED_TRANSLATION``, each at most once;
        nothing where the locus is not coding or no near record can be read.
    """
    if not find_locus(index.locus).genetic_codes:
        return ()
    readable = _readable(hits, index)
    nearest = next(readable, None)
    if nearest is None:
        return ()
    hit, record = nearest
    if hit is not hits[0]:
        alignment = align(sequence, record.sequence, hit)
    alignment = _straightened(alignment)
    length = len(sequence)
    least = max(UNEXPECTED, math.ceil(UNEXPECTED_SHARE * len(alignment.query) / 3))
    read = _read(alignment, record)
    if any(reading.stops or len(reading.changes) >= least for reading in read):
        read = _in_frame_of_library(read, record.sequence, index)
    noted = []
    best = min(read, key=lambda reading: len(reading.stops))
    if best.stops:
        base = _base(alignment, best.stops[0], hit, length)
        name, number = _(NAMES[best.code]), len(best.stops)
        noted.append(
            notices.STOP_CODON("codons", number=number, base=base, code=best.code, name=name)
        )
    if shifts := frameshifts(alignment):
        beside = itertools.islice(readable, _AGREEING - 1)
        if all(frameshifts(align(sequence, o.sequence, other)) for other, o in beside):
            base = _base(alignment, shifts[0].column, hit, length)
            noted.append(_shift_warning(shifts, base, index, hit))
    if all(len(reading.changes) >= least for reading in read):
        near = [other.haplotype for other in hits[:_SPREAD]]
        others = _others(record.sequence, [*near, *_spread(index, _SPREAD)], index)
        number = min(_unexpected(reading, others) for reading in read)
        if number >= least:
            noted.append(
                notices.UNEXPECTED_TRANSLATION("seldom", number=number, records=len(others))
            )
            return tuple(noted)
    if find_locus(index.locus).genome == MITOCHONDRIAL:
        noted += _replacements(alignment, read)
    return tuple(noted)


def _replacements(alignment: Alignment, read: "Sequence[_Reading]") -> Iterator[Notice]:
    """Yield that more of the differences change an amino acid than selection lets stand."""
    gaps = alignment.query.count(GAP) + alignment.record.count(GAP)
    differences = len(alignment.differences()) - gaps
    changed = min(len(reading.changes) for reading in read)
    if changed >= MIN_REPLACED and changed >= MIN_SHARE_REPLACED * differences:
        yield notices.UNEXPECTED_TRANSLATION("replaced", number=changed, differences=differences)


def without_frame(sequence: str, locus: str) -> tuple[Notice, ...]:
    """Return ``STOP_CODON`` where no frame of either strand is open under any code of the locus.

    For a query that nothing of the library is near to.
    """
    known = find_locus(locus)
    if not known.genetic_codes or len(sequence) > 1.5 * known.expected_length:
        return ()  # of a longer piece more than the gene would be read
    fewest = min(
        number
        for strand in (sequence, reverse_complement(sequence))
        for frames in _stops_in(strand, known.genetic_codes).values()
        for number in frames
    )
    return (notices.STOP_CODON("frame", locus=locus, number=fewest),) if fewest else ()


# -- reading a record -----------------------------------------------------------------


class _Record(NamedTuple):
    """A haplotype that can be read, with the (code, frame) pairs under which it is open."""

    sequence: str
    open: tuple[tuple[int, int], ...]


def _readable(hits: Sequence[Hit], index: Index) -> Iterator[tuple[Hit, _Record]]:
    """Yield the nearest records that have an open frame."""
    for hit in hits[:_MAX_RECORDS_READ]:
        sequence = index.sequence(hit.haplotype)
        record = index.first_record(hit.haplotype)
        if frames := readings(sequence, record, index.locus):
            yield hit, _Record(sequence, frames)


def readings(sequence: str, record: ReferenceRecord, locus: str) -> tuple[tuple[int, int], ...]:
    """Return the (genetic code, frame) pairs under which a reference sequence reads open.

    Parameters
    ----------
    sequence : str
        Of the record, on the strand of the gene.
    record : ReferenceRecord
        Its phylum, where known, settles the code of a mitochondrial locus.
    locus : str
        Name of the locus.

    Returns
    -------
    tuple of (int, int)
        Empty where it is closed under every code of the locus.

    Examples
    --------
    >>> readings("ATGTGATGA", ReferenceRecord.named("A1", "Fictus albus"), "rbcL")
    ((11, 1), (11, 2))
    """
    known = find_locus(locus)
    codes = known.genetic_codes
    if known.genome == MITOCHONDRIAL and record.phylum:
        of_record = mitochondrial_code(record.phylum, record.class_)
        if of_record in codes and (frames := _open(sequence, (of_record,))):
            return frames
    usual = [code for code in codes if code not in _RARE]
    return _open(sequence, usual) or _open(sequence, codes)


def _open(sequence: str, codes: Sequence[int]) -> tuple[tuple[int, int], ...]:
    return tuple(
        (code, frame)
        for code, frames in _stops_in(sequence, codes).items()
        for frame, number in enumerate(frames)
        if not number
    )


def _stops_in(sequence: str, codes: Sequence[int]) -> dict[int, list[int]]:
    """Return by code the number of stop codons in each frame; the last codon may be the end of the gene."""
    of_codon: dict[str, list[int]] = {}
    for codon in set().union(*map(stops, codes)):
        frames, at = [0, 0, 0], -1
        while (at := sequence.find(codon, at + 1, -1)) >= 0:
            frames[at % 3] += 1
        of_codon[codon] = frames
    return {
        code: [sum(of_codon[codon][frame] for codon in stops(code)) for frame in range(3)]
        for code in codes
    }


# -- reading the query beside it ------------------------------------------------------


def _on_record(alignment: Alignment) -> str:
    """Return the query's letters at the record's bases, so that both have one frame."""
    if GAP not in alignment.record:
        return alignment.query
    return "".join(
        letter
        for letter, other in zip(alignment.query, alignment.record, strict=True)
        if other != GAP
    )


def _offset(alignment: Alignment, frame: int) -> int:
    """Return the bases of the record to skip until a codon begins."""
    return (frame - alignment.record_start) % 3


class _Reading(NamedTuple):
    """A query read under one code in one frame of its record.

    `stops` are columns where stop codons begin; `changes` are amino acids unlike the record's:
    base of the record, that of the query, that of the record.
    """

    code: int
    frame: int
    stops: list[int]
    changes: list[tuple[int, str, str]]


def _read(alignment: Alignment, record: _Record) -> list[_Reading]:
    """Read a query under every code and frame under which its record is open."""
    written = _on_record(alignment)
    if record.sequence.startswith(written, alignment.record_start):  # open as the record is
        return [_Reading(code, frame, [], []) for code, frame in record.open]
    columns = None
    if GAP in alignment.record:
        columns = [column for column, letter in enumerate(alignment.record) if letter != GAP]
    end = len(written)
    if alignment.record_start + end == len(record.sequence):
        end -= 1  # the last codon may be the end of the gene
    read = []
    for frame in sorted({frame for _code, frame in record.open}):
        first = _offset(alignment, frame)
        begins = range(first, end - 2, 3)
        own = [written[s : s + 3] for s in begins]
        start = alignment.record_start
        near = [record.sequence[start + s : start + s + 3] for s in begins]
        present = set(own)
        unlike = [pair for pair in zip(begins, own, near, strict=True) if pair[1] != pair[2]]
        for code in (code for code, its_frame in record.open if its_frame == frame):
            places = []
            if not present.isdisjoint(stops(code)):
                places = [s for s, codon in zip(begins, own, strict=True) if codon in stops(code)]
                places = [columns[place] for place in places] if columns else places
            amino = codons(code)
            changes = [
                (start + s, amino[query_codon], amino[record_codon])
                for s, query_codon, record_codon in unlike
                if query_codon in amino
                and record_codon in amino
                and amino[query_codon] != amino[record_codon]
            ]
            changes = [change for change in changes if "*" not in change]
            read.append(_Reading(code, frame, places, changes))
    return read


def _in_frame_of_library(read: list[_Reading], record: str, index: Index) -> list[_Reading]:
    """Return the readings in the frame that most other records have open.

    By chance a record may be open in a second frame, but not most of a library.
    """
    if len({reading.frame for reading in read}) == 1:
        return read
    others = _others(record, _spread(index, _FOR_FRAME), index)

    def closed(reading: _Reading) -> int:
        closing = stops(reading.code)
        return sum(
            any(other[s : s + 3] in closing for s in range(reading.frame, len(other), 3))
            for other in others
        )

    frame = min(read, key=closed).frame
    return [reading for reading in read if reading.frame == frame]


def frameshifts(alignment: Alignment) -> list[Shift]:
    """Return the insertions and deletions that shift the reading frame.

    Those that together keep it, close to each other, are not among them, nor those at the
    very ends of the alignment.

    Examples
    --------
    >>> frameshifts(Alignment("ACGTACGTACGT-CCCGTACGTACGTACGT", "ACGTACGTACGTCCCCGTACGTACGTACGT", 0, 0))
    [Shift(column=12, bases=-1, run='CCCC')]
    """
    shifts = []
    for group in _gaps(alignment):
        inner = [(c, change) for c, change in group if _END <= c < len(alignment.query) - _END]
        # What stands at the very end may belong to it or be the end's own.
        nets = [sum(change for _c, change in part) for part in (inner, group)]
        if all(net % 3 for net in nets):
            shifts.append(Shift(inner[0][0], nets[0], _run(alignment, inner[0][0])))
    return shifts


def _gaps(alignment: Alignment) -> list[list[tuple[int, int]]]:
    """Return the columns with gaps, those together that are close, as one base more or less."""
    groups: list[list[tuple[int, int]]] = []
    if GAP not in alignment.query and GAP not in alignment.record:
        return groups
    for column, (base, other) in enumerate(zip(alignment.query, alignment.record, strict=True)):
        if GAP not in (base, other):
            continue
        if not groups or column - groups[-1][-1][0] > _TOGETHER:
            groups.append([])
        groups[-1].append((column, 1 if other == GAP else -1))
    return groups


def _straightened(alignment: Alignment) -> Alignment:
    """Write substitutions where gaps close to each other cancel out.

    TTA over TAA may be aligned as a base lost and one gained, which would hide the codon.
    """
    rows: tuple[list[str], list[str]] = [], []
    done = 0
    for group in _gaps(alignment):
        if sum(change for _column, change in group):
            continue
        start, end = group[0][0], group[-1][0] + 1
        for row, written in zip(rows, (alignment.query, alignment.record), strict=True):
            row += [written[done:start], written[start:end].replace(GAP, "")]
        done = end
    if not done:
        return alignment
    query, record = ("".join(row) for row in rows)
    return alignment._replace(
        query=query + alignment.query[done:], record=record + alignment.record[done:]
    )


def _run(alignment: Alignment, column: int) -> str:
    """Return the run of one base that a gap lies in or beside, if it is long enough."""
    longest = ""
    for written in (alignment.query, alignment.record):
        for letter in {written[column - 1], written[column], written[column + 1]} - {GAP}:
            start = end = column
            while start and written[start - 1] in (letter, GAP):
                start -= 1
            while end < len(written) and written[end] in (letter, GAP):
                end += 1
            run = written[start:end].replace(GAP, "")
            longest = max(longest, run, key=len)
    return longest if len(longest) >= _RUN else ""


def _base(alignment: Alignment, column: int, hit: Hit, length: int) -> int:
    """Return the base of the query, as given and counted from 1, at a column."""
    before = alignment.query_start + column - alignment.query.count(GAP, 0, column)
    return before + 1 if hit.strand == "+" else length - before


# -- amino acids ----------------------------------------------------------------------


def _unexpected(reading: _Reading, others: list[str]) -> int:
    """Return how many amino acids of a reading are unexpected."""
    return sum(
        _is_unexpected(own, near, start, others, reading.code)
        for start, own, near in reading.changes
    )


def _is_unexpected(own: str, near: str, start: int, others: list[str], code: int) -> bool:
    seen = Counter(translate(other[start : start + 3], code) for other in others)
    del seen[UNKNOWN]
    total = seen.total()
    return (
        total >= _MIN_SPREAD and seen[own] <= _SELDOM * total and seen[near] >= _CONSERVED * total
    )


def _spread(index: Index, number: int) -> range:
    """Return some haplotypes spread over the index."""
    return range(0, index.size, max(1, index.size // number))


def _others(record: str, haplotypes: Iterable[int], index: Index) -> list[str]:
    """Return haplotypes, each once, base by base on the record."""
    return [
        written
        for haplotype in dict.fromkeys(haplotypes)
        if (written := lay(index.sequence(haplotype), record, least=_SAME_GENE))
    ]


# -- words ----------------------------------------------------------------------------


def _shift_warning(shifts: Sequence[Shift], base: int, index: Index, hit: Hit) -> Notice:
    accession = index.first_record(hit.haplotype).accession
    first = shifts[0]
    if len(shifts) == 1 and abs(first.bases) == 1 and first.run:
        return notices.FRAMESHIFT("in_run", base=base, accession=accession, run=first.run)
    return notices.FRAMESHIFT("several", base=base, accession=accession)
