"""Finds out which files of chromatograms are reads of one sample, by their names.

A strand stands at the end of a name, apart from what precedes it: ``x_F`` and ``x_R``,
``x-Fwd``, ``x.REV``, ``x(LepF1,LepR1)_F``, ``x_M13F``, or a primer of `forensics.barcode.locus`
(``x_LCO1490``). Behind it a well (``_A01``), a time stamp of BOLD (``+1288149881``) and the
endings of the file may stand. The name is a hint only: whether reads fit, and on which strand
each is, is found out when they are merged.
"""

import os
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from forensics.barcode.locus import LOCI
from forensics.barcode.reading.samples import Sample, stem
from forensics.errors import UsageError
from forensics.messages import _

__all__ = ["Name", "group", "read_name"]

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
_STAMP = re.compile(r"\+\d+$")
_WELL = re.compile(r"[ _.\-][A-H](?:0[1-9]|1[0-2])$", re.IGNORECASE)
_APART = " _.-"


@dataclass(frozen=True)
class Name:
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


def read_name(file: str | os.PathLike) -> Name:
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
    left = _WELL.sub("", _STAMP.sub("", whole))
    known = None
    while mark := _marks().search(left):
        text = mark["mark"].lower()
        strand, locus = _meaning(text)
        if known and known.strand != strand:
            break  # x_R_F is the forward read of a sample x_R
        known = Name(
            "",
            strand,
            text if not known else f"{text} {known.mark}",
            locus or (known.locus if known else ""),
        )
        left = left[: mark.start()]
    sample = left.rstrip(_APART)
    if not known or not sample:
        return Name(whole)
    return Name(sample, known.strand, known.mark, known.locus)


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
            samples[Sample(_common_name(given), given, ("",) * len(given))] = None
        else:
            samples[named.get(file) or Sample(stem(file), (file,))] = None
    # A file that was given twice without a mate is examined twice, as ever.
    return [*samples, *_repeated(files, {*chosen, *named})]


def _repeated(files: Sequence[str], put_together: Collection[str]) -> list[Sample]:
    """Return a sample for each further time that a file without a mate was given."""
    seen: set[str] = set()
    repeated = []
    for file in files:
        if file in seen and file not in put_together:
            repeated.append(Sample(stem(file), (file,)))
        seen.add(file)
    return repeated


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


def _common_name(files: Sequence[str]) -> str:
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
