"""Runs of equal bases, what reads say of them, and what is probably there.

Nanopores misread the length of a run (``TTTTT`` as ``TTTT``) more often than its letter, and
much more often short than long. A plain majority therefore makes long runs too short however
many reads there are. Here every candidate for a run is judged by how reads misread runs of its
length elsewhere in the same consensus.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, lgamma, log

__all__ = ["Habits", "Run", "call_run", "habits_of"]

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
