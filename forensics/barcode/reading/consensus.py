"""The consensus of the reads of one sample, by base quality and by votes on runs of equal bases.

Merges the reads of one sample into a consensus, by base quality.

Each base that a read calls is evidence for it: with the error probability p of its quality,
1 - p for the base and p/3 for each other one. Reads are independent, so what they say is
multiplied; for two reads this is the rule of Edgar & Flyvbjerg 2015. Agreeing bases gain
quality. In a conflict the better base is taken where it is clearly better (`CLEARLY`);
otherwise the IUPAC code of both is written. Where a base stands under another (a double peak),
the read is evidence for both alike.

References
----------
Edgar & Flyvbjerg 2015, doi:10.1093/bioinformatics/btv401. Ewing & Green 1998,
doi:10.1101/gr.8.3.186.

Runs of equal bases, what reads say of them, and what is probably there.

Nanopores misread the length of a run (``TTTTT`` as ``TTTT``) more often than its letter, and
much more often short than long. A plain majority therefore makes long runs too short however
many reads there are. Here every candidate for a run is judged by how reads misread runs of its
length elsewhere in the same consensus.

The consensus of reads of one sequence, by votes on runs of equal bases.

What a read says in place of a run of the draft (``TTTT``, ``A``) is its vote: another base,
another length, nothing. So a base too few or too many in a run, the usual error of a nanopore,
is one vote wherever the alignment puts it. The votes are weighed by runs.
"""

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from math import exp, lgamma, log
from statistics import median

from forensics.barcode.locus import IUPAC, reverse_complement
from forensics.barcode.matching.kernel import identity, semiglobal_path
from forensics.barcode.reading.chromatogram import DoublePeak, code_of

# Runs of five bases and more are rare and taken together.
_MAX_CLASS = 5
# Runs that continue the trend, added to those of each length.
_CONTINUED = 3
# The longest run that can be distinguished from a longer one.
_MAX_RUN = 20
# So many of the things that reads say in place of a run are weighed, the most frequent.
_CANDIDATES = 4
# How alike runs of one length are: the a + b of beta distributions. Measured on the 280 reads of
# benchmarks/nanopore.py (standard deviations 0.04-0.12 for bases missed, 0.01-0.03 for bases too
# many) and rounded towards less certainty.
_ALIKE_SHORTER, _ALIKE_LONGER, _ALIKE_OTHER = 8.0, 15.0, 10.0
# Something else than the run can be read in many ways; the commonest take about a tenth each.
_ONE_WAY = log(0.1)
# Beforehand a run goes on with one base of four.
_ONE_BASE_MORE = log(0.25)
# No rate is taken as lower than a base of quality 30 would have it.
_MIN_RATE = 0.001


class Run:
    """A run of a draft: what reads say in its place, their trust in sum, and who says it.

    Attributes
    ----------
    votes : dict of str to float
    voters : dict of str to int
        A bitmap of reads for each.
    """

    __slots__ = ("voters", "votes")

    def __init__(self) -> None:
        self.votes: dict[str, float] = {}
        self.voters: dict[str, int] = {}

    def add(self, bases: str, trust: float, number: int) -> None:
        """Count what read `number` says."""
        self.votes[bases] = self.votes.get(bases, 0.0) + trust
        self.voters[bases] = self.voters.get(bases, 0) | 1 << number

    def ranked(self) -> list[str]:
        """Return what was said, best first."""
        return sorted(self.votes, key=lambda bases: (-self.votes[bases], bases))

    def share(self, first: str, second: str) -> float:
        """Return the share of one of two candidates in the trust of both."""
        mine, its = self.votes.get(first, 0.0), self.votes.get(second, 0.0)
        return mine / (mine + its) if mine else 0.0

    def lengths(self, letter: str) -> tuple[list[float], float]:
        """Return the trust in 0, 1, 2 … bases of a letter, and in everything else."""
        trusts, other = [0.0] * (_MAX_RUN + 1), 0.0
        for bases, trust in self.votes.items():
            if bases == letter * len(bases):
                trusts[min(len(bases), _MAX_RUN)] += trust
            else:
                other += trust
        return trusts, other


@dataclass(frozen=True)
class Habits:
    """How runs of one length are misread, on average: shares of trust, 0-1."""

    shorter: float
    longer: float
    other: float


def habits_of(draft: Sequence[str], runs: Sequence[Run]) -> list[Habits]:
    """Return the habits for runs of 0, 1, 2 … bases (the last: as many and more).

    Parameters
    ----------
    draft : sequence of str
        The runs as the draft has them.
    runs : sequence of Run
        The votes on them.
    """
    sums = [[0.0] * 4 for _length in range(_MAX_CLASS + 1)]
    for truth, run in zip(draft, runs):
        trusts, other = run.lengths(truth[0])
        size = min(len(truth), _MAX_RUN)
        kind = sums[min(size, _MAX_CLASS)]
        trust_by_kind = trusts[size], sum(trusts[:size]), sum(trusts[size + 1 :]), other
        for place, trust in enumerate(trust_by_kind):
            kind[place] += trust
    before = usual = Habits(_MIN_RATE, _MIN_RATE, _MIN_RATE)
    habits = []
    # To the runs of each length some are added that continue the trend, for want of long ones.
    depth = _CONTINUED * sum(map(sum, sums)) / max(len(runs), 1)
    for same, shorter, longer, other in sums[1:]:
        trend = min(usual.shorter + max(usual.shorter - before.shorter, 0.0), 0.5)
        fitting = same + shorter
        rates = (
            (shorter + depth * trend) / (fitting + depth),
            (longer + depth * usual.longer) / (fitting + longer + depth),
            (other + depth * usual.other) / (fitting + longer + other + depth),
        )
        before, usual = usual, Habits(*(max(rate, _MIN_RATE) for rate in rates))
        habits.append(usual)
    return [habits[0], *habits]


def call_run(letter: str, run: Run, habits: Sequence[Habits]) -> list[tuple[str, float]]:
    """Return the candidates for a run with their probabilities, the most probable first.

    The share of reads that miss bases at a run follows a beta distribution around the mean of
    its length; so do bases too many and other errors. Hence more reads make sure what the share
    is, and never that the error is not common to all reads: the odds of two candidates stay
    those of the shares.
    """
    scored = []
    for truth in run.ranked()[:_CANDIDATES]:
        trusts, other = run.lengths(truth[:1] or letter)
        size = min(len(truth), _MAX_RUN)
        if truth != truth[:1] * len(truth):  # of several letters, which no run of the draft is
            other += sum(trusts) - run.votes[truth]
            trusts = [0.0] * size + [run.votes[truth]]
        usual = habits[min(size, _MAX_CLASS)]
        score = len(truth) * _ONE_BASE_MORE + other * _ONE_WAY
        score += _beta_binomial(other, sum(trusts), usual.other, _ALIKE_OTHER)
        score += _beta_binomial(
            sum(trusts[size + 1 :]), sum(trusts[: size + 1]), usual.longer, _ALIKE_LONGER
        )
        # Longer by one base or by more? Of that nothing is known; all shares are alike.
        for longer in range(size + 1, len(trusts) - 1):
            score += _beta_binomial(sum(trusts[longer + 1 :]), trusts[longer], 0.5, 2.0)
        # Shorter, then shorter by more than one base, and so on.
        for most in range(size, 0, -1):
            habit = habits[min(most, _MAX_CLASS)].shorter
            score += _beta_binomial(sum(trusts[:most]), trusts[most], habit, _ALIKE_SHORTER)
        scored.append((score, truth))
    best = max(scored)[0]
    total = sum(exp(score - best) for score, _truth in scored)
    ordered = sorted(scored, key=lambda pair: (-pair[0], pair[1]))
    return [(truth, exp(score - best) / total) for score, truth in ordered]


def _beta_binomial(hits: float, misses: float, mean: float, alike: float) -> float:
    """Return the logarithm of the probability of hits and misses in one order."""
    a, b = alike * mean, alike * (1 - mean)
    return _log_beta(a + hits, b + misses) - _log_beta(a, b)


def _log_beta(a: float, b: float) -> float:
    return lgamma(a) + lgamma(b) - lgamma(a + b)


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
        return "".join(map(code_of, map("".join, zip(first, call[1][0]))))
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


GAP = "-"

# How many times likelier one base must be than another to be written alone: 20 units of Phred
# quality apart in a conflict. Below it the consensus would have an error of 1 % and more there,
# above what an acceptable base has (Q20).
CLEARLY = 100.0
# Fewer bases in common may fit by chance, or be a primer that both reads share.
MIN_OVERLAP = 50
# Share of the bases that both reads call at Q20 and better (1 % error) which may differ. Errors
# alone come to under 2 %; reads of two species differ more, but most of those of one do not.
MAX_DISAGREEING = 0.02
_GOOD = 0.01
# A chance conflict or two in a short overlap is not a disagreement.
_FEW = 2
# An error is never taken as rarer: the highest quality that FASTQ can write.
_MIN_ERROR = 10**-9.3

# Alignment: a gap must cost more than two mismatches, since polymerases miss bases less often
# than base callers misread them.
_MATCH, _MISMATCH, _UNKNOWN, _OPEN, _EXTEND = 2.0, -3.0, 0.0, -7.0, -2.0


class ReadsDisagree(Exception):
    """Reads do not fit each other: they are of two samples, or do not meet.

    Attributes
    ----------
    read : int
        Number of the one that does not fit those before it.
    overlap : int
        Bases in common.
    compared, differing : int
        Bases that both call well, and those of them that differ.
    """

    def __init__(self, read: int, overlap: int, compared: int, differing: int) -> None:
        super().__init__(read, overlap, compared, differing)
        self.read, self.overlap, self.compared, self.differing = read, overlap, compared, differing


@dataclass(frozen=True)
class Seen:
    """What one read says of a column.

    Attributes
    ----------
    read : int
        Number of the read.
    position : int
        In the whole chromatogram, from 0; of the base before a gap.
    base : str
        On the strand of the consensus; `GAP` where the read has none, N where it cannot say.
    error : float
        Probability that it is wrong; of a gap, that of the worse of its neighbours.
    peak : DoublePeak or None
        The second peak, however low, on the strand of the consensus.
    double : bool
        Whether that peak is high enough to be a base.
    clear : bool
        Whether the bases around are well read.
    """

    read: int
    position: int
    base: str
    error: float
    peak: DoublePeak | None = None
    double: bool = False
    clear: bool = True

    @property
    def ratio(self) -> float:
        """Height of the second peak over the first's; 0 where there is none."""
        return self.peak.ratio if self.peak else 0.0

    @property
    def bases(self) -> str:
        """The bases that it is evidence for."""
        if self.double and self.peak:
            return self.peak.base + self.peak.other
        return IUPAC.get(self.base, "")

    @property
    def plain(self) -> str:
        """The base of the highest peak, also where it was not called."""
        return self.peak.base if self.peak and self.base not in "ACGT-" else self.base

    def complement(self) -> "Seen":
        """Return the same on the other strand."""
        peak = self.peak and replace(
            self.peak,
            base=reverse_complement(self.peak.base),
            other=reverse_complement(self.peak.other),
        )
        base = self.base if self.base == GAP else reverse_complement(self.base)
        return replace(self, base=base, peak=peak)


Column = tuple[Seen, ...]


@dataclass(frozen=True)
class Merged:
    """A consensus and what stands behind each of its bases.

    Attributes
    ----------
    sequence : str
        With IUPAC codes where no base is clearly better.
    errors : tuple of float
        Probability that a base is wrong; of a code, that it stands for none of its bases.
    columns : tuple of tuple of Seen
        Evidence of each base of `sequence`.
    reversed : tuple of bool
        Whether each read was turned to the other strand.
    overlap : int
        Bases that more than one read has.
    compared, differing : int
        Of those, the columns where reads call plain bases, and where these differ.
    conflicts : tuple of (int, Column)
        Where reads differ: place in `sequence` (of a base that was left out: of the one after
        it), and the evidence.
    """

    sequence: str
    errors: tuple[float, ...]
    columns: tuple[Column, ...]
    reversed: tuple[bool, ...]
    overlap: int
    compared: int
    differing: int
    conflicts: tuple[tuple[int, Column], ...]

    @property
    def expected_errors(self) -> float:
        """Wrong bases to be expected: the sum of `errors`."""
        return math.fsum(self.errors)

    @property
    def agreement(self) -> float | None:
        """Share of the columns compared where reads agree; None without any."""
        return 1 - self.differing / self.compared if self.compared else None


def merge(reads: Sequence[Sequence[Seen]]) -> Merged:
    """Merge reads, each on the strand that it was read from.

    Parameters
    ----------
    reads : sequence of sequence of Seen
        The kept bases of each. The consensus is on the strand of the first.

    Raises
    ------
    ReadsDisagree
        If one does not fit those before it on either strand.
    """
    columns: list[Column] = [(seen,) for seen in reads[0]]
    turned = [False]
    for number, read in enumerate(reads[1:], 1):
        given = list(read)
        other = [seen.complement() for seen in reversed(given)]
        called = "".join(_call(column)[0] or "N" for column in columns)
        forward, backward = (_aligner().score(called, _letters(one)) for one in (given, other))
        turned.append(backward > forward)
        strand = other if turned[-1] else given
        columns = _laid(columns, called, strand)
        _check(number, columns)
    kept: list[tuple[str, Column]] = []
    errors, conflicts = [], []
    for column in columns:
        base, error = _call(column)
        if _differs(column):
            conflicts.append((len(kept), column))
        if base:
            kept.append((base, column))
            errors.append(error)
    common = [column for column in columns if len(column) > 1]
    compared = [column for column in common if _plain(column)]
    return Merged(
        "".join(base for base, _column in kept),
        tuple(errors),
        tuple(column for _base, column in kept),
        tuple(turned),
        len(common),
        len(compared),
        sum(map(_differs, compared)),
        tuple(conflicts),
    )


def _call(column: Column) -> tuple[str, float]:
    """Return the base or code of a column and its error probability; no base for a gap."""
    present = [seen for seen in column if seen.base != GAP]
    gaps = [seen for seen in column if seen.base == GAP]
    if gaps and min(seen.error for seen in gaps) < min(seen.error for seen in present):
        return "", 0.0
    if len(present) == 1 and not present[0].double:  # a lone read is believed as it was called
        return present[0].base, present[0].error
    likelihood, named = dict.fromkeys("ACGT", 1.0), set()
    for seen in present:
        error, bases = max(seen.error, _MIN_ERROR), seen.bases
        if len(bases) == 4:
            continue
        named |= set(bases)
        for base in likelihood:
            if base in bases:
                likelihood[base] *= (1 - error) / len(bases)
            else:
                likelihood[base] *= error / (4 - len(bases))
    if not named:
        return "N", max(seen.error for seen in present)
    highest, total = max(likelihood[base] for base in named), sum(likelihood.values())
    # Only what a read shows is written. Rounding must not decide between equally likely bases.
    likely = [base for base in sorted(named) if likelihood[base] * CLEARLY > highest * (1 + 1e-9)]
    wrong = 1 - sum(likelihood[base] for base in likely) / total
    return code_of("".join(likely)), max(wrong, _MIN_ERROR)


def _plain(column: Column) -> bool:
    return all(seen.base in "ACGT-" and not seen.double for seen in column)


def _differs(column: Column) -> bool:
    """Whether reads that call one base each, or none, differ; double peaks are reported elsewhere."""
    return len({seen.base for seen in column if seen.base in "ACGT-" and not seen.double}) > 1


def _check(number: int, columns: Sequence[Column]) -> None:
    """Raise ReadsDisagree if the last read does not fit."""
    with_it = [c for c in columns if len(c) > 1 and any(seen.read == number for seen in c)]
    good = [c for c in with_it if _plain(c) and all(seen.error <= _GOOD for seen in c)]
    differing = sum(map(_differs, good))
    if len(with_it) < MIN_OVERLAP or (differing > _FEW and differing > MAX_DISAGREEING * len(good)):
        raise ReadsDisagree(number, len(with_it), len(good), differing)


# -- alignment --------------------------------------------------------------------


@cache
def _aligner():
    """Return an aligner that counts no gaps at the ends."""
    from Bio.Align import PairwiseAligner
    from Bio.Align.substitution_matrices import Array

    aligner = PairwiseAligner(mode="global")
    matrix = Array("".join(IUPAC), dims=2)
    matrix[:, :] = _UNKNOWN
    for code in "ACGT":
        for other in "ACGT":
            matrix[code, other] = _MATCH if code == other else _MISMATCH
    aligner.substitution_matrix = matrix
    aligner.open_gap_score, aligner.extend_gap_score = _OPEN, _EXTEND
    aligner.end_gap_score = 0.0
    return aligner


def _letters(strand: Sequence[Seen]) -> str:
    return "".join(code_of(seen.bases) if seen.double else seen.base for seen in strand)


def _laid(columns: list[Column], called: str, strand: Sequence[Seen]) -> list[Column]:
    """Return the columns with one more read in them."""
    alignment = next(iter(_aligner().align(called, _letters(strand))))
    starts, ends = alignment.aligned
    laid: list[Column] = []
    at, place = 0, 0  # in the columns, in the read
    blocks = list(zip(starts.tolist(), ends.tolist()))
    last = len(blocks) - 1
    for number, ((first, after), (start, stop)) in enumerate(blocks):
        inner = number > 0
        # Ahead of a block: what only one side has. Within the overlap the other has a gap there.
        read = strand[place].read if place < len(strand) else strand[-1].read
        missing = _gap(strand, place, read) if inner else None
        laid += [(*column, missing) if missing else column for column in columns[at:first]]
        absent = _gaps(columns, at) if inner else ()
        laid += [(*absent, seen) for seen in strand[place:start]]
        laid += [(*column, seen) for column, seen in zip(columns[first:after], strand[start:stop])]
        at, place = after, stop
        if number == last:
            laid += columns[at:]
            laid += [(seen,) for seen in strand[place:]]
    if not blocks:
        laid = [*columns, *((seen,) for seen in strand)]
    return laid


def _gap(strand: Sequence[Seen], place: int, read: int) -> Seen:
    """Return the evidence of a read for having nothing before its base `place`."""
    beside = strand[max(place - 1, 0) : place + 1]
    return Seen(read, beside[0].position, GAP, max(seen.error for seen in beside))


def _gaps(columns: Sequence[Column], place: int) -> Column:
    """Return the evidence of all reads in the columns for having nothing before `place`."""
    before, after = columns[max(place - 1, 0)], columns[min(place, len(columns) - 1)]
    return tuple(
        Seen(seen.read, seen.position, GAP, max(seen.error, other.error))
        for seen in before
        for other in after
        if other.read == seen.read
    )
