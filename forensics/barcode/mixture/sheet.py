"""Which read files are of which PCR: from a table, or from files in a row."""

import os
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from forensics.errors import InputError, UsageError
from forensics.io.inputs import STDIN, Budget
from forensics.messages import _

__all__ = ["BLANK", "POSITIVE", "ROLES", "SAMPLE", "UNUSED", "Pcr", "pair_files", "read_sheet"]

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
    files: Sequence[str | os.PathLike],
    *,
    blanks: Sequence[str | os.PathLike] = (),
    unused: Sequence[str | os.PathLike] = (),
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
    return _checked(pcrs)


def read_sheet(path: str | os.PathLike) -> list[Pcr]:
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
    # A misspelt column must not be passed over: without its role a blank would be a sample.
    if set(header) - set(COLUMNS) or len(set(header)) < len(header):
        raise InputError(
            _("the columns are {found}; a sheet has the columns {columns}, each once").format(
                found=", ".join(name[:40] for name in header), columns=", ".join(COLUMNS)
            ),
            source=label,
        )
    missing = [name for name in _NEEDED if name not in header]
    if missing:
        raise InputError(
            _("the columns {missing} are missing; a sheet has the columns {columns}").format(
                missing=", ".join(missing), columns=", ".join(COLUMNS)
            ),
            source=label,
        )
    folder, pcrs = Path(label).parent, []
    numbers: Counter[str] = Counter()
    for row in table.rows:
        cells = dict(zip(header, (cell.strip() for cell in row.cells), strict=True))
        pcr = _of_row({name: cells.get(name, "") for name in COLUMNS}, folder, label, row.line)
        numbers[pcr.sample] += 1
        pcrs.append(pcr if pcr.replicate else replace(pcr, replicate=str(numbers[pcr.sample])))
    return _checked(pcrs)


def _of_row(cells: dict[str, str], folder: Path, label: str, line: int) -> Pcr:
    for name in _NEEDED:
        if not cells[name]:
            raise InputError(
                _("the cell {column} is empty; a file and a sample are needed").format(column=name),
                source=label,
                line=line,
            )
    role = cells["role"].casefold() or SAMPLE
    if role not in ROLES:
        raise InputError(
            _("the role is {found!r}; expected one of {roles}").format(
                found=role[:40], roles=", ".join(ROLES)
            ),
            source=label,
            line=line,
        )
    tags = tuple(cells[name].upper() for name in ("tag_forward", "tag_reverse"))
    if any(tags) and not all(_TAG.match(tag) for tag in tags):
        raise InputError(
            _("a tag is made of the letters A, C, G and T, and both ends have one"),
            source=label,
            line=line,
        )
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


def _checked(pcrs: list[Pcr]) -> list[Pcr]:
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
        raise UsageError(_("There are controls and no sample."))
    kinds: dict[str, str] = {}
    for pcr in pcrs:
        if kinds.setdefault(pcr.sample, pcr.role) != pcr.role:
            raise UsageError(
                _("{sample} is a {first} in one row and a {second} in another.").format(
                    sample=pcr.sample, first=kinds[pcr.sample], second=pcr.role
                )
            )
    return pcrs


def _once(names: Iterable[str], message: str) -> None:
    for name, count in Counter(names).items():
        if count > 1:
            raise UsageError(message.format(name=name))
