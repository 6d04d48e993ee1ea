"""Reads sorted by PCR and amplicon, primers and tags cut off, each on the strand of the locus.

The primers tell an amplicon and its strand. Before them lie tags, spacers and adapters, which are
not the animal's either. A read without both primers is counted and left out: nobody can know what
it is.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from operator import attrgetter
from pathlib import Path

from forensics.barcode.locus import IUPAC, LOCI
from forensics.barcode.matching.kernel import semiglobal_placements
from forensics.barcode.mixture.sheet import UNUSED, Pcr, RawRead, read_pairs
from forensics.barcode.reading.primers import MAX_ERROR_SHARE, masked
from forensics.core.grouping import grouped
from forensics.errors import UsageError
from forensics.messages import _

# Bases before a primer: spacers of up to 7, tags of up to 12, and the longest tail of an adapter
# (33, `forensics.barcode.reading.primers.TAILS`). The primers are those that the laboratory says
# it used, so they may be looked for further in than unknown ones.
MAX_PREFIX = 52
# A shorter one with an error occurs by chance: in 52 places, 15 bases with one error are expected
# in 52 * 46 / 4^15 = 2e-6 of random reads.
MIN_PRIMER = 15

_BY_NAME = {primer.name.casefold(): (locus, primer) for locus in LOCI for primer in locus.primers}


@dataclass(frozen=True)
class Amplicon:
    """A pair of primers.

    Attributes
    ----------
    name : str
        As results call it.
    forward, reverse : str
        Primers, 5' to 3' in IUPAC codes; both empty where the reads are trimmed already.
    locus : str
        Locus to compare with, or ``auto``.
    """

    name: str
    forward: str = ""
    reverse: str = ""
    locus: str = "auto"


def read_primers(pairs: Sequence[Sequence[str]], *, locus: str = "auto") -> list[Amplicon]:
    """Return the amplicons of pairs of primers.

    Parameters
    ----------
    pairs : sequence of (str, str)
        Forward and reverse primer of each, by name (`forensics.barcode.locus`) or as sequences
        5' to 3'. None: the reads are trimmed, and one amplicon stands for all.
    locus : str
        Locus to compare all with; ``auto``: that of the primers, as far as it is known.

    Raises
    ------
    UsageError
        If one is neither a name nor a sequence, is too short, or two pairs share both primers.

    Examples
    --------
    >>> read_primers([("12S-V5-F", "12S-V5-R1")])[0].locus
    '12S'
    """
    if not pairs:
        return [Amplicon(_("reads"), locus=locus)]
    amplicons: list[Amplicon] = []
    seen = set()
    for number, pair in enumerate(pairs, 1):
        forward, reverse = (_primer(text) for text in pair)
        if (forward[0], reverse[0]) in seen:
            raise UsageError(
                _("The primers {first} and {second} are given twice.").format(
                    first=pair[0], second=pair[1]
                )
            )
        seen.add((forward[0], reverse[0]))
        known = forward[1] if forward[1] == reverse[1] else ""
        name = f"{pair[0]} {pair[1]}" if known else _("primers {number}").format(number=number)
        amplicons.append(
            Amplicon(name, forward[0], reverse[0], locus if locus != "auto" else known or "auto")
        )
    return amplicons


def _primer(text: str) -> tuple[str, str]:
    """Return the bases of a primer and its locus, or nothing for that."""
    known = _BY_NAME.get(text.strip().casefold())
    if known:
        return known[1].sequence, known[0].name
    # Inosine pairs with any base.
    bases = text.strip().upper().replace("U", "T").replace("I", "N")
    if not bases or not set(bases) <= IUPAC.keys():
        raise UsageError(
            _(
                "{text!r} is neither a primer that is known by name nor a sequence of IUPAC codes."
            ).format(text=text[:60])
        )
    if len(bases) < MIN_PRIMER:
        raise UsageError(
            _("The primer {text} has {length} bases; at least {least} are needed.").format(
                text=text, length=len(bases), least=MIN_PRIMER
            )
        )
    for locus in LOCI:
        if any(primer.sequence == bases for primer in locus.primers):
            return bases, locus.name
    return bases, ""


def find_site(primer: str, read: str) -> tuple[int, int] | None:
    """Return start and end of a primer near the start of a read (upper case), or None.

    As many errors are allowed as `MAX_ERROR_SHARE` of its length; the last base, from which
    the polymerase reads on, must fit.
    """
    window = read[: MAX_PREFIX + len(primer)]
    exact = _pattern(primer).search(window)
    if exact:  # most reads; an alignment is ten times slower
        return exact.span()
    errors = int(MAX_ERROR_SHARE * len(primer))
    if len(window) < len(primer) - errors:
        return None
    _errors, places = semiglobal_placements(primer, masked(window), errors)
    fits = IUPAC[primer[-1]]
    fitting = [site for site in places if window[site[1] - 1] in fits]
    # Of equally good places the one without insertions and deletions.
    return min(fitting, key=lambda site: abs(site[1] - site[0] - len(primer)), default=None)


@cache
def _pattern(primer: str) -> re.Pattern[str]:
    return re.compile("".join(f"[{IUPAC[code]}]" for code in primer))


PcrGroup = tuple[tuple[str, ...], list[Pcr]]
"""A set of files, and the PCRs that are in it."""

# Letters kept before they are written; PCRs may be more than files that a system lets one have open.
_BUFFERED = 1 << 24
# Bases left of a mate, or read, without primers; with less there is nothing to merge.
MIN_INSERT = 10


@dataclass(frozen=True)
class Sorted:
    """A read, or pair, that belongs to an amplicon.

    Attributes
    ----------
    amplicon : int
        Its place among the amplicons.
    reads : tuple of RawRead
        Without primers; the first one begins at the forward primer.
    before : tuple of str
        What stood before the forward and before the reverse primer.
    """

    amplicon: int
    reads: tuple[RawRead, ...]
    before: tuple[str, str] = ("", "")


def group_pcrs(pcrs: Sequence[Pcr]) -> list[PcrGroup]:
    """Return the PCRs of each set of files; of tagged ones also the tag pairs that were not used.

    Those of a forward tag are one control: its reads are as many as those of all its unused pairs
    together, so that a limit set from it is rather too high than too low.
    """
    groups = grouped(pcrs, attrgetter("files"))
    for number, (files, members) in enumerate(groups.items(), 1):
        tags = [pcr.tags for pcr in members if pcr.tags]
        reverse = {second for _first, second in tags}
        for first in sorted({first for first, _second in tags}):
            if any((first, second) not in tags for second in reverse):
                name = f"unused tags {first.lower()}"
                members.append(Pcr(name, str(number), UNUSED, files, (first, "")))
    return list(groups.items())


def sort_reads(
    files: Sequence[str],
    pcrs: Sequence[Pcr],
    amplicons: Sequence[Amplicon],
    folder: Path,
    *,
    offset: int = 33,
    progress: Callable[[int], object] | None = None,
) -> dict[str, dict[str, int]]:
    """Write the reads of each PCR and amplicon to files of their own.

    Parameters
    ----------
    files : sequence of str, length 1 or 2
    pcrs : sequence of Pcr
        All that are in these files, as `group_pcrs` returns them.
    amplicons : sequence of Amplicon
    folder : Path
        Gets FASTQ files (`file_name`) with numbers for names.
    offset, progress
        As in `forensics.barcode.mixture.sheet.read_pairs`.

    Returns
    -------
    dict of str to dict of str to int
        Of each PCR, by its name, ``reads`` that were given and ``sorted`` ones; under the empty
        name what belongs to no PCR: ``reads``, ``no_primers``, ``unknown_tags``.

    Raises
    ------
    InputError
        As `read_pairs`.
    """
    sinks = _Sinks(folder)
    owners = _Owners(pcrs)
    places = {pcr.name: place for place, pcr in enumerate(pcrs)}
    counts: dict[str, Counter[str]] = {name: Counter() for name in ("", *places)}
    given = read_pairs(
        files,
        offset=offset,
        may_be_empty=all(pcr.control for pcr in pcrs),
        progress=progress,
    )
    for number, pair in enumerate(given, 1):
        counts[""]["reads"] += 1
        trimmed = cut_primers(pair, amplicons)
        if trimmed is None:
            counts[""]["no_primers"] += 1
            continue
        owner = owners.find(trimmed.before)
        if owner is None:
            counts[""]["unknown_tags"] += 1
            continue
        counts[owner.name]["sorted"] += 1
        for mate, read in enumerate(trimmed.reads, 1):
            sinks.write(
                file_name(places[owner.name], trimmed.amplicon, mate),
                f"@{number}\n{read.sequence}\n+\n{read.qualities}\n",
            )
    sinks.flush()
    if len(pcrs) == 1:  # what has no primers is its own, too
        counts[pcrs[0].name]["reads"] = counts[""]["reads"]
    return {name: dict(of_pcr) for name, of_pcr in counts.items()}


def file_name(pcr: int, amplicon: int, mate: int) -> str:
    """Return the name of the file of a PCR, an amplicon (their places) and a mate (1, 2)."""
    return f"{pcr}-{amplicon}.{mate}.fastq"


def cut_primers(
    pair: tuple[RawRead, RawRead | None], amplicons: Sequence[Amplicon]
) -> Sorted | None:
    """Return a read or pair without primers, or None if it has not both of an amplicon."""
    first, second = pair
    # The far end of a single read is where its mate would begin.
    mate = first.turned() if second is None else second
    for place, amplicon in enumerate(amplicons):
        if not amplicon.forward:
            return Sorted(place, (first,) if second is None else (first, second))
        for start_read, end_read in ((first, mate), (mate, first)):
            start = find_site(amplicon.forward, start_read.sequence)
            end = find_site(amplicon.reverse, end_read.sequence) if start else None
            if not start or not end:
                continue
            before = start_read.sequence[: start[0]], end_read.sequence[: end[0]]
            if second is None:
                last = len(start_read.sequence) - end[1]
                reads: tuple[RawRead, ...] = (start_read.part(start[1], last),)
            else:
                reads = start_read.part(start[1]), end_read.part(end[1])
            if min(len(read.sequence) for read in reads) < MIN_INSERT:
                return None  # primers alone
            return Sorted(place, reads, before)
    return None


class _Owners:
    """Tells the PCR of a read by the tags that stand right before its primers."""

    def __init__(self, pcrs: Sequence[Pcr]) -> None:
        self._only = pcrs[0] if not pcrs[0].tags else None
        self._used = {pcr.tags: pcr for pcr in pcrs if pcr.tags and pcr.tags[1]}
        self._unused = {pcr.tags[0]: pcr for pcr in pcrs if pcr.tags and not pcr.tags[1]}
        # Of two tags that fit, one the end of the other, the longer one.
        self._first = _by_length(tags[0] for tags in self._used)
        self._second = _by_length(tags[1] for tags in self._used)

    def find(self, before: tuple[str, str]) -> Pcr | None:
        """Return the PCR; None for a tag that nobody used. A tag with an error is such a one."""
        if self._only:
            return self._only
        first = next((tag for tag in self._first if before[0].endswith(tag)), None)
        second = next((tag for tag in self._second if before[1].endswith(tag)), None)
        if first is None or second is None:
            return None
        return self._used.get((first, second)) or self._unused.get(first)


def _by_length(tags: Iterator[str]) -> list[str]:
    return sorted(set(tags), key=lambda tag: (-len(tag), tag))


class _Sinks:
    """Many files that are written to by turns, none of which stays open."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._buffers: defaultdict[str, list[str]] = defaultdict(list)
        self._size = 0

    def write(self, name: str, text: str) -> None:
        self._buffers[name].append(text)
        self._size += len(text)
        if self._size > _BUFFERED:
            self.flush()

    def flush(self) -> None:
        for name, texts in self._buffers.items():
            with open(self._folder / name, "a", encoding="ascii", newline="\n") as stream:
                stream.write("".join(texts))
        self._buffers.clear()
        self._size = 0
