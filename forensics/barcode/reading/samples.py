"""From files and folders to samples: which files belong together, and what is read of them."""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from forensics.barcode.reading.reads import Query, query_from_assembly, read_queries
from forensics.errors import InputError
from forensics.io.files import shown_name
from forensics.io.inputs import STDIN, explain_unreadable, is_chromatogram
from forensics.messages import _
from forensics.notices import unusable as notices
from forensics.resources import sha256

if TYPE_CHECKING:
    from forensics.barcode.reading.chromatogram import Chromatogram
    from forensics.barcode.reading.sanger_report import AssemblyReport

__all__ = [
    "Gathered",
    "Sample",
    "assess_reads",
    "chromatogram_of",
    "read_chromatograms",
    "read_sample",
    "read_together",
    "refuse_human",
    "samples_of",
    "stem",
    "unreadable",
]

# What ends like a chromatogram is read, or told why it cannot be.
_ENDINGS = (".ab1", ".abi", ".scf", ".ab1.gz", ".abi.gz", ".scf.gz")
_SEPARATOR = " + "


# What the name of a sample does without.
_SUFFIXES = (".gz", ".ab1", ".abi")


@dataclass(frozen=True, slots=True)
class Sample:
    """Files to be examined together.

    Attributes
    ----------
    name : str
    files : tuple of str
    strands : tuple of str
        What the name says of each: ``+``, ``-``, or nothing where it is not to be compared with it.
    fault : str
        Why it is not known which files belong together; nothing where it is.
    """

    name: str
    files: tuple[str, ...]
    strands: tuple[str, ...] = ()
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Gathered:
    """The samples of what was given.

    Attributes
    ----------
    samples : list of Sample
        In the order of their first files.
    passed_over : list of str
        What lay in folders and is not examined, in words.
    """

    samples: list[Sample]
    passed_over: list[str] = field(default_factory=list)


def stem(file: str | os.PathLike) -> str:
    """Return the name of a file without folder and the endings of chromatograms.

    Examples
    --------
    >>> stem("run 3/x_F.ab1.gz")
    'x_F'
    """
    name = shown_name(os.path.basename(os.fspath(file)))
    for ending in _SUFFIXES:
        if name.lower().endswith(ending) and len(name) > len(ending):
            name = name[: -len(ending)]
    return name


def samples_of(
    inputs: Iterable[str | os.PathLike[str]],
    *,
    pairs: Iterable[Sequence[str | os.PathLike[str]]] = (),
    paired: bool = True,
) -> Gathered:
    """Find out which files are of one sample.

    Parameters
    ----------
    inputs : iterable of path
        Files, ``-``, or folders of chromatograms. In a folder hidden files and subfolders are not
        looked at; what is not a chromatogram is reported in `Gathered.passed_over`.
    pairs : iterable of (path, path)
        Files that belong together, whatever their names.
    paired : bool
        Whether files are put together by their names (`forensics.barcode.reading.pairing`).

    Raises
    ------
    UsageError
        If a file is paired with itself.
    InputError
        If a folder cannot be read.
    """
    files: list[str] = []
    passed_over: list[str] = []
    empty: list[Sample] = []
    for path in inputs:
        name = os.fspath(path)
        if name != STDIN and os.path.isdir(name):
            chromatograms, others = _in_folder(name)
            files += chromatograms
            passed_over += others if chromatograms else []
            if not chromatograms:
                fault = _(
                    "this is a folder without chromatograms (.ab1); to examine others, give the "
                    "files in it"
                )
                empty.append(Sample(name, (name,), fault=fault))
        else:
            files.append(name)
    paired_files = [tuple(os.fspath(file) for file in pair) for pair in pairs]
    if paired_files or (len(files) > 1 and paired):
        from forensics.barcode.reading.pairing import group

        mergeable = {file: paired and file != STDIN and is_chromatogram(file) for file in files}
        samples = group(files, pairs=paired_files, mergeable=mergeable)
    else:
        samples = [Sample(stem(file), (file,)) for file in files]
    return Gathered([*samples, *empty], passed_over)


def read_sample(
    sample: Sample, *, report_position: Callable[[int], object] | None = None
) -> Iterator[Query]:
    """Read the files of a sample; several chromatograms become one query.

    Parameters
    ----------
    sample : Sample
    report_position : callable, optional
        As of `read_queries`, where the sample has a single file.

    Yields
    ------
    Query
        All sequences of a single file; of several files one, named after the sample.

    Raises
    ------
    InputError
        If a file cannot be read, after what the others hold has been yielded; if one of
        several files is not a chromatogram; if the names leave open what belongs together.
    """
    if sample.fault:
        raise _fault(sample)
    if len(sample.files) == 1:
        yield from read_queries(sample.files[0], report_position=report_position)
        return
    reads, faults = [], []
    for file in sample.files:
        try:
            reads += _read_chromatogram(file)
        except InputError as error:
            faults.append(error)
    if len(reads) > 1:
        yield _merged(sample, reads)
    else:
        yield from reads
    if len(faults) > 1:
        texts = "; ".join(map(str, faults))  # each is translated already
        raise InputError(texts)
    for fault in faults:
        raise fault


def unreadable(sample: Sample, error: InputError) -> Query:
    """Return the query that stands for files that cannot be read, with the reason as its problem."""
    return Query(
        sample.name,
        "",
        source=_SEPARATOR.join(map(shown_name, sample.files)),
        sha256=_SEPARATOR.join(map(_digest_of, sample.files)),
        problem=notices.UNREADABLE(reason=str(error)),
    )


def _digest_of(file: str) -> str:
    """Return the SHA-256 of a file; nothing where it cannot be hashed."""
    if file == STDIN or not os.path.isfile(file):
        return ""
    try:
        return sha256(Path(file))
    except OSError:
        return ""


def _fault(sample: Sample) -> InputError:
    return InputError(
        sample.fault, source=shown_name(sample.files[0]) if len(sample.files) == 1 else None
    )


def _read_chromatogram(file: str) -> list[Query]:
    (query, *more) = read_queries(file)
    if more or not query.chromatogram:
        raise InputError(
            _("only chromatograms can be merged; this is none"), source=shown_name(file)
        )
    return [query]


def _merged(sample: Sample, reads: Sequence[Query]) -> Query:
    return replace(
        query_from_assembly(sample.name, assess_reads(sample, reads)),
        source=_SEPARATOR.join(read.source for read in reads),
        sha256=_SEPARATOR.join(read.sha256 for read in reads),
        chromatogram=reads[0].chromatogram,
        members=tuple(reads),
    )


def assess_reads(sample: Sample, reads: Sequence[Query]) -> "AssemblyReport":
    """Make one sequence of the chromatograms of a sample, and say what was found."""

    from forensics.barcode.reading.sanger_report import assemble_and_assess

    strands = dict(zip(map(shown_name, sample.files), sample.strands))
    return assemble_and_assess(
        [chromatogram_of(read) for read in reads],
        _names(reads),
        strands=[strands.get(read.source, "") for read in reads],
    )


def chromatogram_of(read: Query) -> "Chromatogram":
    """Return the chromatogram of a read.

    Raises
    ------
    ValueError
        If it was not read from one.
    """
    if read.chromatogram is None:
        raise ValueError(f"{read.source} was not read from a chromatogram")
    return read.chromatogram


def _names(reads: Sequence[Query]) -> list[str]:
    names = [stem(read.source) for read in reads]
    # Files of one name in two folders are distinguished by their folders.
    return names if len(set(names)) == len(names) else [read.source for read in reads]


def read_together(files: Sequence[str | os.PathLike]) -> "tuple[list[str], AssemblyReport]":
    """Read chromatograms of one sample, whatever their names; return their names and what they say.

    Raises
    ------
    InputError
        If one cannot be read, is not a chromatogram, or is of a person.
    """
    reads = [read for file in files for read in _read_chromatogram(os.fspath(file))]
    refuse_human(reads)
    return _names(reads), assess_reads(Sample("", ()), reads)


def refuse_human(reads: Sequence[Query]) -> None:
    """Raise an error if a read is human: neither its curves nor its bases are shown."""
    from forensics.barcode.checking.contamination import human, human_warning

    for read in reads:
        likeness = human(read.sequence)
        if likeness and likeness.sure:
            raise InputError(human_warning(likeness).message, source=read.source)


def read_chromatograms(sample: Sample) -> list[Query]:
    """Read the files of a sample, all of which are chromatograms.

    Raises
    ------
    InputError
        If one cannot be read or is none; also if the names leave open what belongs together.
    """
    if sample.fault:
        raise _fault(sample)
    return [read for file in sample.files for read in _read_chromatogram(file)]


def _in_folder(folder: str) -> tuple[list[str], list[str]]:
    """Return the chromatograms in a folder, and words about the rest."""
    try:
        names = sorted(os.listdir(folder))
    except OSError as error:
        raise InputError(explain_unreadable(error), source=folder) from error
    files, others = [], []
    for name in names:
        path = os.path.join(folder, name)
        shown = shown_name(path)
        if name.startswith("."):
            continue
        if os.path.isdir(path):
            others.append(
                _("{path} is a folder in a folder; give it by itself to examine it").format(
                    path=shown
                )
            )
        elif name.lower().endswith(_ENDINGS) or is_chromatogram(path):
            files.append(path)
        else:
            others.append(_("{path} is not a chromatogram and was not examined").format(path=shown))
    return files, others
