"""From files and folders to samples: which files belong together, and what is read of them.

Which files of chromatograms are reads of one sample is told by their names. A strand stands at the
end of a name, apart from what precedes it: ``x_F`` and ``x_R``, ``x-Fwd``, ``x.REV``,
``x(LepF1,LepR1)_F``, ``x_M13F``, or a primer of `forensics.barcode.locus` (``x_LCO1490``). Behind it
a well (``_A01``), a time stamp of BOLD (``+1288149881``) and the endings of the file may stand. The
name is a hint only: whether reads fit, and on which strand each is, is found out when they are
merged.
"""

import os
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from forensics.barcode.locus import LOCI
from forensics.barcode.reading.reads import Query, query_from_assembly, read_queries
from forensics.errors import InputError, UsageError
from forensics.io.files import (
    STDIN,
    AnyPath,
    explain_unreadable,
    is_chromatogram,
    sha256,
    shown_name,
)
from forensics.messages import _
from forensics.notices import unusable as notices

if TYPE_CHECKING:
    from forensics.barcode.reading.sanger import AssemblyReport


# What ends like a chromatogram is read, or told why it cannot be.
_ENDINGS = (".ab1", ".abi", ".scf", ".ab1.gz", ".abi.gz", ".scf.gz")
_SEPARATOR = " + "


# What the name of a sample does without.
_SUFFIXES = (".gz", ".ab1", ".abi")


class Sample(NamedTuple):
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


class Gathered(NamedTuple):
    """The samples of what was given.

    Attributes
    ----------
    samples : list of Sample
        In the order of their first files.
    passed_over : list of str
        What lay in folders and is not examined, in words.
    """

    samples: list[Sample]
    passed_over: list[str]


def stem(file: AnyPath) -> str:
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
    inputs: Iterable[AnyPath],
    *,
    pairs: Iterable[Sequence[AnyPath]] = (),
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
        Whether files are put together by their names.

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
    _refuse_fault(sample)
    if len(sample.files) == 1:
        yield from read_queries(sample.files[0], report_position=report_position)
        return
    reads, faults = [], []
    for file in sample.files:
        try:
            reads.append(_read_chromatogram(file))
        except InputError as error:
            faults.append(error)
    if len(reads) > 1:
        yield query_from_assembly(sample.name, _assess(sample, reads))._replace(
            source=_SEPARATOR.join(read.source for read in reads),
            sha256=_SEPARATOR.join(read.sha256 for read in reads),
            chromatogram=reads[0].chromatogram,
            members=tuple(reads),
        )
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


def _refuse_fault(sample: Sample) -> None:
    if sample.fault:
        single = sample.files[0] if len(sample.files) == 1 else None
        raise InputError(sample.fault, source=single and shown_name(single))


def _read_chromatogram(file: str) -> Query:
    (query, *more) = read_queries(file)
    if more or not query.chromatogram:
        raise InputError(
            _("only chromatograms can be merged; this is not one"), source=shown_name(file)
        )
    return query


def _assess(sample: Sample, reads: Sequence[Query]) -> "AssemblyReport":
    """Make one sequence of the chromatograms of a sample, and say what was found."""

    from forensics.barcode.reading.sanger import assemble_and_assess

    strands = dict(zip(map(shown_name, sample.files), sample.strands))
    return assemble_and_assess(
        [read.chromatogram for read in reads if read.chromatogram],
        _names(reads),
        strands=[strands.get(read.source, "") for read in reads],
    )


def _names(reads: Sequence[Query]) -> list[str]:
    names = [stem(read.source) for read in reads]
    # Files of one name in two folders are distinguished by their folders.
    return names if len(set(names)) == len(names) else [read.source for read in reads]


def read_to_show(sample: Sample) -> "tuple[list[Query], AssemblyReport]":
    """Read chromatograms; of a person neither curves nor bases are shown."""
    from forensics.barcode.contamination import human, human_warning

    _refuse_fault(sample)
    reads = [_read_chromatogram(file) for file in sample.files]
    for read in reads:
        likeness = human(read.sequence)
        if likeness and likeness.sure:
            raise InputError(human_warning(likeness).message, source=read.source)
    return reads, _assess(sample, reads)


def paths_of(files: AnyPath | Sequence[AnyPath]) -> tuple[str, ...]:
    """Return the paths of files, or of one."""
    all_files = [files] if isinstance(files, (str, os.PathLike)) else files
    return tuple(os.fspath(file) for file in all_files)


def read_together(
    files: AnyPath | Sequence[AnyPath],
) -> "tuple[list[str], AssemblyReport]":
    """Read chromatograms of one sample, whatever their names; return their names and what they say.

    Raises
    ------
    InputError
        If one cannot be read, is not a chromatogram, or is of a person.
    """
    reads, report = read_to_show(Sample("", paths_of(files)))
    return _names(reads), report


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
                _(
                    "{path} is a folder inside a folder and was not examined; give it by itself"
                ).format(path=shown)
            )
        elif name.lower().endswith(_ENDINGS) or is_chromatogram(path):
            files.append(path)
        else:
            others.append(_("{path} is not a chromatogram and was not examined").format(path=shown))
    return files, others


# As people write the strands.
_STRANDS = {
    "+": ("f", "fw", "fwd", "for", "forw", "forward"),
    "-": ("r", "rv", "rev", "revers", "reverse"),
}
# Primers for sequencing that stand before those of the locus, or in the vector.
_SEQUENCING = {
    "+": ("m13f", "m13-f", "m13fwd", "m13f-20", "m13f-21", "m13(-21)", "m13f(-21)", "t7", "t7f"),
    "-": (
        "m13r",
        "m13-r",
        "m13rev",
        "m13r-26",
        "m13r-27",
        "m13(-27)",
        "m13r(-27)",
        "sp6",
        "t7term",
    ),
}
_STAMP = r"\+\d+$"
_WELL = r"(?i)[ _.\-][A-H](?:0[1-9]|1[0-2])$"
_APART = " _.-"


class Name(NamedTuple):
    """What the name of a file says.

    Attributes
    ----------
    sample : str
        Name of the sample; all of the name where no strand is in it.
    strand : str
        ``+``, ``-``, or nothing.
    mark : str
        The part of the name that gave the strand, in lower case; ``f2`` is another read than ``f``.
    locus : str
        Name of the primer that gave the strand, where it is one.
    """

    sample: str
    strand: str = ""
    mark: str = ""
    locus: str = ""


def read_name(file: AnyPath) -> Name:
    """Return what the name of a file says of sample and strand.

    Examples
    --------
    >>> read_name("BBBO400-11[RonMWASPdeg_t1,LepR1]_F+1313551803.ab1").sample
    'BBBO400-11[RonMWASPdeg_t1,LepR1]'
    >>> read_name("tusk 7_LCO1490_A01.ab1")
    Name(sample='tusk 7', strand='+', mark='lco1490', locus='COI')
    >>> read_name("elf.ab1").strand
    ''
    """
    whole = stem(file)
    left = re.sub(_WELL, "", re.sub(_STAMP, "", whole))
    known = Name("")
    while mark := _marks().search(left):
        text = mark["mark"].lower()
        strand, locus = _meaning(text)
        if known.strand and known.strand != strand:
            break  # x_R_F is the forward read of a sample x_R
        known = Name("", strand, f"{text} {known.mark}".rstrip(), locus or known.locus)
        left = left[: mark.start()]
    sample = left.rstrip(_APART)
    return known._replace(sample=sample) if known.strand and sample else Name(whole)


def group(
    files: Sequence[str],
    *,
    pairs: Iterable[Sequence[str]] = (),
    mergeable: Mapping[str, bool] | None = None,
) -> list[Sample]:
    """Return the samples of files, in the order of their first files.

    Parameters
    ----------
    files : sequence of str
    pairs : iterable of (str, str)
        Files that belong together, whatever their names; pairs that share a file make a group
        of three or more. They need not be among `files`.
    mergeable : mapping of str to bool, optional
        Whether a file is a chromatogram; others are never merged by name. Default: all are.

    Raises
    ------
    UsageError
        If a file is paired with itself.
    """
    order = list(dict.fromkeys([*(file for pair in pairs for file in pair), *files]))
    together = _united(pairs)
    chosen = {file: members for members in together for file in members}
    by_name: dict[tuple[str, str, str], list[tuple[str, Name]]] = {}
    for file in order:
        if file not in chosen and (mergeable is None or mergeable.get(file)):
            name = read_name(file)
            key = (os.path.dirname(file), name.sample.casefold(), name.locus)
            by_name.setdefault(key, []).append((file, name))
    named: dict[str, Sample] = {}
    for members in by_name.values():
        if {"+", "-"} <= {name.strand for _file, name in members}:
            sample = _sample_of_names([(file, name) for file, name in members if name.strand])
            named |= dict.fromkeys(sample.files, sample)
    samples: dict[Sample, None] = {}  # in order, each once
    for file in order:
        if file in chosen:
            given = tuple(chosen[file])
            samples[Sample(common_name(given), given, ("",) * len(given))] = None
        else:
            samples[named.get(file) or Sample(stem(file), (file,))] = None
    # A file that was given twice without a mate is examined twice.
    repeated = [
        file
        for file, count in Counter(files).items()
        if file not in chosen and file not in named
        for _time in range(count - 1)
    ]
    return [*samples, *(Sample(stem(file), (file,)) for file in repeated)]


def _sample_of_names(members: Sequence[tuple[str, Name]]) -> Sample:
    """Return the sample of files whose names belong together, forward reads first."""
    members = sorted(members, key=lambda member: (member[1].strand, member[1].mark))
    files = tuple(file for file, _name in members)
    marks: dict[str, str] = {}
    fault = ""
    for file, name in members:
        if name.mark in marks:
            fault = _(
                "{one} and {other} are by their names the same read of one sample; rename one of "
                "them, give only one, or say with --pair or --no-pair what belongs together"
            ).format(one=marks[name.mark], other=file)
        marks[name.mark] = file
    strands = tuple(name.strand for _file, name in members)
    return Sample(members[0][1].sample, files, strands, fault)


def _united(pairs: Iterable[Sequence[str]]) -> list[list[str]]:
    groups: list[list[str]] = []
    for pair in pairs:
        if len(set(pair)) < len(pair):
            raise UsageError(_("{file} is paired with itself.").format(file=pair[0]))
        joined = list(pair)
        for known in [known for known in groups if set(known) & set(pair)]:
            groups.remove(known)
            joined = [*known, *(file for file in joined if file not in known)]
        groups.append(joined)
    return groups


def common_name(files: Sequence[str]) -> str:
    """Return the name of the sample that all file names have, or the names of the files."""
    names = list(dict.fromkeys(read_name(file).sample for file in files))
    if len({name.casefold() for name in names}) == 1:
        return names[0]
    return "+".join(map(stem, files))


@cache
def _primers() -> dict[str, tuple[str, str]]:
    """Return strand and locus of each name of a primer, in lower case."""
    known = {name: (strand, "") for strand, names in _SEQUENCING.items() for name in names}
    for locus in LOCI:
        for primer in locus.primers:
            known[primer.name.lower()] = (primer.strand, locus.name)
    return known


@cache
def _marks() -> re.Pattern[str]:
    """Return the pattern of a strand at the end of a name."""
    words = sorted((word for words in _STRANDS.values() for word in words), key=len, reverse=True)
    primers = sorted(map(re.escape, _primers()), key=len, reverse=True)
    return re.compile(
        rf"(?:^|[ _.\-]|(?<=[)\]]))(?P<mark>(?:{'|'.join(words)})\d?|{'|'.join(primers)})$",
        re.IGNORECASE,
    )


def _meaning(mark: str) -> tuple[str, str]:
    """Return strand and locus of what `_marks` found."""
    if mark in _primers():
        return _primers()[mark]
    word = mark.rstrip("0123456789")
    return next(strand for strand, words in _STRANDS.items() if word in words), ""
