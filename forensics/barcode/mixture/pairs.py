"""Read files of a sequencing run, one or two mates, checked record by record as they go by."""

import io
import os
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import ExitStack, closing
from typing import IO, NamedTuple

from forensics.barcode.quality import MAXIMUM_LENGTH
from forensics.barcode.reading.fastq import FastqEntry, fastq_entries
from forensics.errors import InputError
from forensics.io.inputs import open_input, report_damage, unpack
from forensics.messages import _

__all__ = ["OFFSETS", "Read", "first_name", "read_pairs"]

# Phred + 33 (Sanger, Illumina from 1.8 on) and Phred + 64 (Illumina 1.3 to 1.7): Cock et al. 2010,
# doi:10.1093/nar/gkp1137.
OFFSETS = (33, 64)
# Below it no file of Phred + 64 has a letter, not even of Solexa.
_MIN_OF_64 = 59
# A file whose letters lie all above that, some above Q42 of Phred + 33, is one of Phred + 64.
_MAX_OF_33 = 75
# By default VSEARCH takes no better one; above it, a quality is a claim.
_MAX_QUALITY = 41
_LETTERS = frozenset("ACGTN")
_NORMAL = str.maketrans("acgtnURYSWKMBDHVuryswkmbdhv.", "ACGTNTNNNNNNNNNNTNNNNNNNNNNN")
# The position in the file is reported after so many records.
_RECORDS_A_REPORT = 20_000


class Read(NamedTuple):
    """A read: bases in A, C, G, T, N; qualities as letters of Phred + 33, 41 at most."""

    sequence: str
    qualities: str


def read_pairs(
    files: Sequence[str | os.PathLike],
    *,
    offset: int = 33,
    may_be_empty: bool = False,
    progress: Callable[[int], None] | None = None,
) -> Iterator[tuple[Read, Read | None]]:
    """Read one file, or two mates side by side.

    Parameters
    ----------
    files : sequence of path, length 1 or 2
        FASTQ, plain or gzipped.
    offset : int
        What is added to a quality to make a letter: 33 or 64.
    may_be_empty : bool
        Whether no reads at all are no fault: a clean blank has none.
    progress : callable, optional
        Called, now and then, with the bytes of the first file that were read.

    Yields
    ------
    tuple of Read and (Read or None)

    Raises
    ------
    InputError
        Where a record is no FASTQ, mates have other names or another order, one file is longer,
        a letter is not a base, or the qualities have the other offset. The last is known for sure
        at the end alone.
    IncompleteInputError
        If a file ends inside a record, or its compression does.
    """
    labels = [os.fspath(file) for file in files]
    qualities = _Qualities(offset)
    with ExitStack() as stack:
        raws = [stack.enter_context(open_input(file, label)) for file, label in zip(files, labels)]
        entries = [
            stack.enter_context(closing(_entries(raw, label))) for raw, label in zip(raws, labels)
        ]
        record = 0
        while True:
            mates = [next(lines, None) for lines in entries]
            whole = [mate for mate in mates if mate is not None]
            if len(whole) < len(mates):
                break
            record += 1
            if len(whole) == 2:
                _check_names(whole, labels, record)
            reads = [qualities.read(entry, label, record) for entry, label in zip(whole, labels)]
            if progress and record % _RECORDS_A_REPORT == 0:
                progress(raws[0].tell())
            yield reads[0], reads[1] if len(reads) == 2 else None
        if any(mates):
            longer = 0 if mates[0] else 1
            raise InputError(
                _(
                    "this read has no mate: {other} ends after {count} reads. Were both files "
                    "filtered alike and copied whole?"
                ).format(other=labels[1 - longer], count=record),
                source=labels[longer],
                record=record + 1,
            )
        if not record and not may_be_empty:
            raise InputError(_("the file is empty; expected reads"), source=labels[0])
        qualities.check(labels[0])


def first_name(file: str | os.PathLike) -> str:
    """Return the name of the first read, as mates share it; nothing of a file without reads.

    Raises
    ------
    InputError
        If it cannot be read, or does not begin as FASTQ.
    """
    label = os.fspath(file)
    with open_input(file, label) as raw, closing(_entries(raw, label)) as entries:
        entry = next(entries, None)
    return _name(entry.header) if entry else ""


class _Qualities:
    """Turns qualities into Phred + 33, and notices those of the other offset."""

    def __init__(self, offset: int) -> None:
        self._offset = offset
        shift = offset - 33
        self._table = {
            letter: chr(min(max(letter - shift, 33), 33 + _MAX_QUALITY))
            for letter in range(33, 127)
        }
        self._seen: set[str] = set()

    def read(self, entry: FastqEntry, label: str, record: int) -> Read:
        sequence = entry.sequence
        if not _LETTERS.issuperset(sequence):
            sequence = sequence.translate(_NORMAL)
        if not _LETTERS.issuperset(sequence):
            foreign = next(letter for letter in sequence if letter not in _LETTERS)
            raise InputError(
                _("{letter!r} is not a base; is this FASTQ?").format(letter=foreign),
                source=label,
                record=record,
                line=entry.line,
            )
        if not self._seen.issuperset(entry.qualities):
            new = set(entry.qualities) - self._seen
            least = 33 if self._offset == 33 else _MIN_OF_64
            for letter in new:
                if not least <= ord(letter) <= 126:
                    raise InputError(
                        _(
                            "{letter!r} is not a quality with the offset {offset}; give the right "
                            "--quality-offset"
                        ).format(letter=letter, offset=self._offset),
                        source=label,
                        record=record,
                        line=entry.line,
                    )
            self._seen |= new
        return Read(sequence, entry.qualities.translate(self._table))

    def check(self, label: str) -> None:
        letters = list(map(ord, self._seen))
        if self._offset == 33 and min(letters, default=33) >= _MIN_OF_64:
            if max(letters) > _MAX_OF_33:
                raise InputError(
                    _(
                        "by their letters the qualities have the offset 64 (Illumina 1.3 to 1.7); "
                        "give --quality-offset 64"
                    ),
                    source=label,
                )


def _check_names(mates: Sequence[FastqEntry], labels: Sequence[str], record: int) -> None:
    first, second = (_name(entry.header) for entry in mates)
    if first != second:
        raise InputError(
            _(
                "the mate of {first!r} is called {second!r} in {other}; mates must be the same reads "
                "in the same order. Are these replicates? Then say so in a sheet (--sheet)"
            ).format(first=first[:80], second=second[:80], other=labels[1]),
            source=labels[0],
            record=record,
            line=mates[0].line,
        )


def _name(header: str) -> str:
    """Return the name that mates share: the first word, without ``/1`` or ``/2``."""
    word = header.split(None, 1)[0] if header.strip() else ""
    return word[:-2] if word.endswith(("/1", "/2")) else word


def _entries(raw: IO[bytes], label: str) -> Generator[FastqEntry, None, None]:
    # Bases and qualities are ASCII, and names are compared alone: no need to decode them well.
    text = io.TextIOWrapper(unpack(raw, label), encoding="latin-1")
    try:
        with report_damage(label):
            yield from fastq_entries(_lines(text), label)
    finally:
        text.detach()


def _lines(text: io.TextIOBase) -> Iterator[tuple[int, str]]:
    """Yield numbered lines without their ends; a line without end comes in pieces."""
    number = 0
    while line := text.readline(MAXIMUM_LENGTH):
        number += 1
        yield number, line.strip()
