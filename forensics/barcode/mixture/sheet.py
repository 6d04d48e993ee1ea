"""Which read files are of which PCR, from a table or from files in a row; and their reads, in mates."""

import io
import os
import re
from collections import Counter
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, NamedTuple

from forensics.barcode.locus import reverse_complement
from forensics.barcode.reading.reads import FastqEntry, fastq_entries, numbered_lines
from forensics.errors import InputError, UsageError
from forensics.io.files import STDIN, AnyPath, Budget, open_input, report_damage, unpack
from forensics.messages import _

# Phred + 33 (Sanger, Illumina from 1.8 on) and Phred + 64 (Illumina 1.3 to 1.7): Cock et al. 2010,
# doi:10.1093/nar/gkp1137.
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


class RawRead(NamedTuple):
    """A read: bases in A, C, G, T, N; qualities as letters of Phred + 33, 41 at most."""

    sequence: str
    qualities: str

    def part(self, start: int, end: int | None = None) -> "RawRead":
        """Return the bases from start to end."""
        return RawRead(self.sequence[start:end], self.qualities[start:end])

    def turned(self) -> "RawRead":
        """Return the read of the other strand."""
        return RawRead(reverse_complement(self.sequence), self.qualities[::-1])


def read_pairs(
    files: Sequence[AnyPath],
    *,
    offset: int = 33,
    may_be_empty: bool = False,
    progress: Callable[[int], object] | None = None,
) -> Iterator[tuple[RawRead, RawRead | None]]:
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
    tuple of RawRead and (RawRead or None)

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


def first_name(file: AnyPath) -> str:
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

    def read(self, entry: FastqEntry, label: str, record: int) -> RawRead:
        sequence = entry.sequence
        if not _LETTERS.issuperset(sequence):
            sequence = sequence.translate(_NORMAL)
        if not _LETTERS.issuperset(sequence):
            foreign = next(letter for letter in sequence if letter not in _LETTERS)
            text = _("{letter!r} is not a base; is this FASTQ?").format(letter=foreign)
            raise InputError(text, source=label, record=record, line=entry.line)
        least = 33 if self._offset == 33 else _MIN_OF_64
        for letter in set(entry.qualities) - self._seen:
            if not least <= ord(letter) <= 126:
                text = _(
                    "{letter!r} is not a quality with the offset {offset}; give the right "
                    "--quality-offset"
                ).format(letter=letter, offset=self._offset)
                raise InputError(text, source=label, record=record, line=entry.line)
            self._seen.add(letter)
        return RawRead(sequence, entry.qualities.translate(self._table))

    def check(self, label: str) -> None:
        letters = list(map(ord, self._seen)) or [0]
        if self._offset == 33 and min(letters) >= _MIN_OF_64 and max(letters) > _MAX_OF_33:
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
            yield from fastq_entries(numbered_lines(text), label)
    finally:
        text.detach()


SAMPLE, BLANK, UNUSED, POSITIVE = "sample", "blank", "unused-tag", "positive"
ROLES = (SAMPLE, BLANK, UNUSED, POSITIVE)
COLUMNS = ("file1", "file2", "sample", "replicate", "role", "tag_forward", "tag_reverse", "note")
_NEEDED = ("file1", "sample")
# A run has some thousand PCRs at most.
_MAX_BYTES = 4 * 2**20
# The sign of the mate in names as sequencers and archives give them: x_R1_001.fastq.gz, x_1.fq.
_MATE = re.compile(
    r"(?<![A-Za-z0-9])(R?[12]|[FR])(?=(?:_\d+)?\.(?:fastq|fq)(?:\.gz)?$)", re.IGNORECASE
)
_OTHER = {"R1": "R2", "1": "2", "F": "R"}
_ENDING = re.compile(r"\.(?:fastq|fq)(?:\.gz)?$", re.IGNORECASE)
_TAG = re.compile(r"[ACGT]+$")


@dataclass(frozen=True)
class Pcr:
    """One PCR of the run.

    Attributes
    ----------
    sample : str
        Sample, or control, that it is of.
    replicate : str
        Tells the PCRs of a sample apart.
    role : str
        One of `ROLES`.
    files : tuple of str
        One file, or two mates.
    tags : tuple of str
        Tag before the forward and before the reverse primer; empty where each PCR has its files.
    """

    sample: str
    replicate: str
    role: str
    files: tuple[str, ...]
    tags: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """Sample and replicate."""
        return f"{self.sample}/{self.replicate}"

    @property
    def control(self) -> bool:
        """Whether limits are set from it."""
        return self.role in (BLANK, UNUSED)


def pair_files(
    files: Sequence[AnyPath],
    *,
    blanks: Sequence[AnyPath] = (),
    unused: Sequence[AnyPath] = (),
) -> list[Pcr]:
    """Return the PCRs of one sample, given by files alone.

    Parameters
    ----------
    files : sequence of path
        Mates follow one another, and their names differ in ``R1`` and ``R2``, ``1`` and ``2``, or
        ``F`` and ``R`` alone. Each file, or pair, is a PCR replicate of its own.
    blanks, unused : sequence of path
        Of blanks and of tag pairs that were not used, in the same way.

    Raises
    ------
    UsageError
        If there is no file, one is standard input or given twice, or a mate is missing.
    """
    if not files:
        raise UsageError(_("No files were given."))
    pcrs = []
    for role, given in ((SAMPLE, files), (BLANK, blanks), (UNUSED, unused)):
        mates = _mates([os.fspath(file) for file in given])
        for number, pair in enumerate(mates, 1):
            sample = _stem(mates[0][0]) if role == SAMPLE else _stem(pair[0])
            pcrs.append(Pcr(sample, str(number) if role == SAMPLE else "1", role, pair))
    return check_pcrs(pcrs)


def read_sheet(path: AnyPath) -> list[Pcr]:
    """Read a sample sheet: a table with a row a PCR.

    Columns are ``file1``, ``sample``, and where they apply ``file2``, ``replicate``, ``role``
    (``sample`` where it is empty), ``tag_forward``, ``tag_reverse``. Files are looked for beside
    the sheet.

    Raises
    ------
    InputError
        If it cannot be read, a column or cell is missing, or a role or tag is none.
    UsageError
        As `pair_files`.
    """
    from forensics.io.tables import read_table

    label = os.fspath(path)
    table = read_table(path, budget=Budget(max_bytes=_MAX_BYTES), blanks=True)
    header = [name.strip().casefold() for name in table.header]
    columns, fault = ", ".join(COLUMNS), ""
    # A misspelt column must not be passed over: without its role a blank would be a sample.
    if set(header) - set(COLUMNS) or len(set(header)) < len(header):
        fault = _("the columns are {found}; a sheet has the columns {columns}, each once").format(
            found=", ".join(name[:40] for name in header), columns=columns
        )
    elif missing := [name for name in _NEEDED if name not in header]:
        fault = _("the columns {missing} are missing; a sheet has the columns {columns}").format(
            missing=", ".join(missing), columns=columns
        )
    if fault:
        raise InputError(fault, source=label)
    folder, pcrs = Path(label).parent, []
    numbers: Counter[str] = Counter()
    for row in table.rows:
        cells = dict(zip(header, (cell.strip() for cell in row.cells), strict=True))
        pcr = _of_row({name: cells.get(name, "") for name in COLUMNS}, folder, label, row.line)
        numbers[pcr.sample] += 1
        pcrs.append(pcr if pcr.replicate else replace(pcr, replicate=str(numbers[pcr.sample])))
    return check_pcrs(pcrs)


def _of_row(cells: dict[str, str], folder: Path, label: str, line: int) -> Pcr:
    fault = ""
    if empty := [name for name in _NEEDED if not cells[name]]:
        fault = _("the cell {column} is empty; a file and a sample are needed").format(
            column=empty[0]
        )
    role = cells["role"].casefold() or SAMPLE
    if role not in ROLES:
        fault = fault or _("the role is {found!r}; expected one of {roles}").format(
            found=role[:40], roles=", ".join(ROLES)
        )
    tags = tuple(cells[name].upper() for name in ("tag_forward", "tag_reverse"))
    if any(tags) and not all(_TAG.match(tag) for tag in tags):
        fault = fault or _("a tag has only the letters A, C, G and T, and both ends need one")
    if fault:
        raise InputError(fault, source=label, line=line)
    files = tuple(str(folder / cells[name]) for name in ("file1", "file2") if cells[name])
    return Pcr(cells["sample"], cells["replicate"], role, files, tags if any(tags) else ())


def _mates(files: list[str]) -> list[tuple[str, ...]]:
    """Put mates together."""
    pairs: list[tuple[str, ...]] = []
    place = 0
    while place < len(files):
        first = files[place]
        own = _MATE.search(first)
        sign = own[1].upper() if own else ""
        second = files[place + 1] if place + 1 < len(files) else ""
        mate = _MATE.search(second)
        if (
            own
            and mate
            and second[: mate.start()] == first[: own.start()]
            and mate[1].upper() == _OTHER.get(sign)
            and second[mate.end() :] == first[own.end() :]
        ):
            pairs.append((first, second))
            place += 2
            continue
        # Half of a pair must not be taken for all there is. A bare 1 or 2 may number replicates.
        if sign in ("R1", "R2", "F", "R"):
            raise UsageError(
                _(
                    "{file} is one of two mates by its name, and the other does not follow it (R1, "
                    "then R2). Give both, or rename the file."
                ).format(file=first)
            )
        pairs.append((first,))
        place += 1
    return pairs


def _stem(file: str) -> str:
    name = os.path.basename(file)
    mate = _MATE.search(name)
    stem = name[: mate.start()].rstrip("._-") if mate else _ENDING.sub("", name)
    return stem or _ENDING.sub("", name)


def check_pcrs(pcrs: list[Pcr]) -> list[Pcr]:
    """Return the PCRs of a run, if they go together.

    Raises
    ------
    UsageError
        If one is given twice, a file cannot be read twice or is that of other PCRs, too, or a sample
        has two roles.
    """
    for file in (file for pcr in pcrs for file in pcr.files):
        # The first pass over a pipe would leave nothing for the second.
        if file == STDIN or (os.path.exists(file) and not os.path.isfile(file)):
            raise UsageError(
                _("{file}: read sets are read more than once; give files.").format(file=file)
            )
    _once((pcr.name for pcr in pcrs), _("PCR {name} is given twice; number the replicates."))
    _once(
        (f"{' '.join(pcr.files)} {' '.join(pcr.tags)}".strip() for pcr in pcrs),
        _("{name} is given twice."),
    )
    tagged: dict[tuple[str, ...], bool] = {}
    of_file: dict[str, tuple[str, ...]] = {}
    for pcr in pcrs:
        if tagged.setdefault(pcr.files, bool(pcr.tags)) != bool(pcr.tags):
            raise UsageError(
                _("Of {file} some rows have tags and some have none.").format(file=pcr.files[0])
            )
        for file in pcr.files:
            if of_file.setdefault(os.path.abspath(file), pcr.files) != pcr.files or (
                len(set(pcr.files)) != len(pcr.files)
            ):
                raise UsageError(_("{file} is given twice.").format(file=file))
    if not any(pcr.role == SAMPLE for pcr in pcrs):
        raise UsageError(_("Only controls were given; give at least one sample."))
    roles: dict[str, str] = {}
    for pcr in pcrs:
        if roles.setdefault(pcr.sample, pcr.role) != pcr.role:
            raise UsageError(
                _("{sample} is a {first} in one row and a {second} in another.").format(
                    sample=pcr.sample, first=roles[pcr.sample], second=pcr.role
                )
            )
    return pcrs


def _once(names: Iterable[str], message: str) -> None:
    for name, count in Counter(names).items():
        if count > 1:
            raise UsageError(message.format(name=name))
