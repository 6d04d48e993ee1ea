"""The consensus of reads of one sequence, by votes on runs of equal bases.

What a read says in place of a run of the draft (``TTTT``, ``A``) is its vote: another base,
another length, nothing. So a base too few or too many in a run, the usual error of a nanopore,
is one vote wherever the alignment puts it. `forensics.barcode.reading.runs` weighs the votes.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import median

from forensics.barcode.matching.kernel import semiglobal_path
from forensics.barcode.matching.pairwise import identity
from forensics.barcode.reading.runs import Run, call_run, habits_of
from forensics.barcode.sequence import IUPAC, reverse_complement

__all__ = ["Draft", "Read", "polish"]

# Polishing ends when the draft stays the same or comes back, and after so many rounds.
_ROUNDS = 12
# A run is called where at least half of the reads reach it; the ends that fewer reach are cut.
_REACH = 0.5
# Two bases of one place are both written (IUPAC) where the lesser has this probability.
_UNDECIDED = 0.05
# What comes second is tried in the draft where it has this share of the votes of the first two.
_WORTH_TRYING = 0.15
# So many reads, the best, decide whether it fits better, and make a draft for all to vote on.
_JURY = 40

_RUN = re.compile(r"(.)\1*")
_CODES = {frozenset(bases): code for code, bases in IUPAC.items()}


@dataclass(frozen=True)
class Read:
    """A read.

    Attributes
    ----------
    sequence : str
        Of A, C, G and T.
    trust : tuple of float
        Probability that each base is right, by its quality.
    error : float
        Expected share of wrong bases.
    reverse : bool
        Whether it was turned.
    """

    sequence: str
    trust: tuple[float, ...]
    error: float
    reverse: bool = False

    def turned(self) -> "Read":
        """Return the read of the other strand."""
        return Read(
            reverse_complement(self.sequence), self.trust[::-1], self.error, not self.reverse
        )


@dataclass(frozen=True)
class Draft:
    """A consensus.

    Attributes
    ----------
    sequence : str
        IUPAC codes where neither of two bases wins.
    errors : float
        Expected number of runs that are called wrongly.
    runs : tuple of Run
        The votes that it follows from, run by run.
    """

    sequence: str
    errors: float
    runs: tuple[Run, ...]


def polish(reads: Sequence[Read]) -> Draft:
    """Return the consensus of reads of one sequence, all on one strand, the best first."""
    usual = median(len(read.sequence) for read in reads)
    # The best read that is not cut off.
    draft = next(read.sequence for read in reads if len(read.sequence) >= usual)
    if len(reads) > _JURY:
        draft, _calls, _runs = _settled(draft, reads[:_JURY])
    _draft, calls, runs = _settled(draft, reads)
    return Draft(
        "".join(_written(call) for call in calls),
        sum(1 - call[0][1] for call in calls),
        tuple(runs),
    )


def _settled(
    draft: str, reads: Sequence[Read]
) -> tuple[str, list[list[tuple[str, float]]], list[Run]]:
    """Vote until the draft stays the same; return it, the calls of its runs, and the votes."""
    seen = set()
    for _round in range(_ROUNDS):
        pieces, runs = _vote(draft, reads)
        habits = habits_of(pieces, runs)
        calls = [call_run(piece[0], run, habits) for piece, run in zip(pieces, runs)]
        better = "".join(call[0][0] for call in calls)
        if better == draft:
            better = _with_seconds(pieces, runs, reads)
        if better == draft or better in seen:
            break
        seen.add(draft)
        draft = better
    return draft, calls, runs


def _with_seconds(pieces: Sequence[str], runs: Sequence[Run], reads: Sequence[Read]) -> str:
    """Return the draft with what came second wherever reads lie nearer to it then.

    A vote fails where the draft lacks a stretch, since what fills it differs from read to read.
    """
    jury = [read.sequence for read in reads[:_JURY]]

    def fit(draft: str) -> float:
        return sum(identity(draft, read) for read in jury)

    pieces = list(pieces)
    best = fit("".join(pieces))
    for place, run in enumerate(runs):
        first = pieces[place]
        second = next((candidate for candidate in run.ranked() if candidate != first), first)
        # The length of a run is for the vote alone.
        if set(second) == set(first) or run.share(second, first) < _WORTH_TRYING:
            continue
        pieces[place] = second
        fitted = fit("".join(pieces))
        if fitted > best:
            best = fitted
        else:
            pieces[place] = first
    return "".join(pieces)


def _written(call: Sequence[tuple[str, float]]) -> str:
    first = call[0][0]
    if len(call) > 1 and call[1][1] > _UNDECIDED and len(call[1][0]) == len(first):
        return "".join(_CODES[frozenset(pair)] for pair in zip(first, call[1][0]))
    return first


def _vote(draft: str, reads: Sequence[Read]) -> tuple[list[str], list[Run]]:
    """Return the runs of a draft that enough reads reach, and the votes on them."""
    places = [match.span() for match in _RUN.finditer(draft)]
    runs = [Run() for _place in places]
    reached = [0] * len(places)
    for number, read in enumerate(reads):
        for run, start, end in _pieces(draft, places, read.sequence):
            # What is missing is trusted as the bases beside the gap.
            trust = read.trust[start:end] or read.trust[max(start - 1, 0) : start + 1]
            runs[run].add(read.sequence[start:end], min(trust), number)
            reached[run] += 1
    enough = [place for place, count in enumerate(reached) if count >= _REACH * len(reads)]
    kept = slice(enough[0], enough[-1] + 1) if enough else slice(0)
    return [draft[start:end] for start, end in places[kept]], runs[kept]


def _pieces(
    draft: str, places: Sequence[tuple[int, int]], read: str
) -> Iterator[tuple[int, int, int]]:
    """Yield each run that a read covers whole, with start and end of what it says there."""
    low, before, after = _aligned(draft, read)
    high = low + len(before)
    cut = None
    for run, (start, end) in enumerate(places):
        # Where the read begins or ends inside the draft, the run may go on beyond it.
        if (start <= low and low > 0) or (end >= high and high < len(draft)):
            continue
        if cut is None:
            cut = before[start - low]
        next_cut = max(after[end - 1 - low], cut)
        if end < high:
            most, letters = before[end - low], draft[end - 1 : end + 1]
            if next_cut < most or read[next_cut - 1 : next_cut + 1] != letters:
                next_cut = _boundary(read, next_cut, cut, most, letters)
        yield run, cut, next_cut
        cut = next_cut


def _boundary(read: str, place: int, least: int, most: int, letters: str) -> int:
    """Return where a read passes from one run to the next, whose letters are given.

    `place` is where it does by the alignment, which takes a run that is a base longer and the
    next one a base shorter for one wrong base; `most` is where the bases between both end.
    """
    first_letter, other = letters[0], letters[1]
    while place < most and read[place] != other:
        place += 1
    down = up = place
    while down > least and read[down - 1] == other:
        down -= 1
    if least < down < place and read[down - 1] == first_letter:
        return down
    while up < len(read) and read[up] == first_letter:
        up += 1
    return up if place < up < len(read) and read[up] == other else place


def _aligned(draft: str, read: str) -> tuple[int, list[int], list[int]]:
    """Align a read: the first base of the draft that it reaches, and for each base from there
    the number of the read's bases before it and up to its end."""
    within = len(draft) <= len(read)
    inner, outer = (draft, read) if within else (read, draft)
    _edits, start, path = semiglobal_path(inner, outer, exact=True)
    low, here = (0, start) if within else (start, 0)
    extra = "D" if within else "I"  # bases of the read alone
    before: list[int] = []
    after: list[int] = []
    for count, step in path:
        if step == extra:
            here += count
        elif step in "=X":
            before += range(here, here + count)
            here += count
            after += range(here - count + 1, here + 1)
        else:
            before += [here] * count
            after += [here] * count
    return low, before, after
