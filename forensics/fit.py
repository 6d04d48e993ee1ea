"""A check of fit before a statement: do the data look as the model says that such data look?

A posterior says which of the explanations that were considered is the best one, however bad it is.
So before a result is stated, the data are compared with what the fitted model predicts: replicates
are drawn from it, and the p-value is the share of them that fit no better than the data do. A
statement is made only where the check passes; its numbers stand in the result either way.

Several statistics of one check are looked at together: the least p-value is multiplied by their
number (Bonferroni).

References
----------
Gelman, Meng & Stern 1996, Posterior predictive assessment of model fitness via realized
discrepancies, Statistica Sinica 6:733-807 (the check; its p-values are cautious where parameters
were fitted to the same data). Davison & Hinkley 1997, doi:10.1017/CBO9780511802843, section 4.2
(one is added to both counts, so that no p-value of simulated data is 0).
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from forensics.messages import numeral

# Share of right inputs that a check may refuse. The aim of the project is under 2 %
# (benchmarks/destructive.py counts them).
LEVEL = 0.01
# Below this a p-value rests on the far tail of a distribution that nobody has checked there.
_LEAST_SHOWN = 1e-9


@dataclass(frozen=True, slots=True)
class FitStatistic:
    """One comparison of the data with what the model predicts.

    Attributes
    ----------
    name : str
        Code of what was compared, such as ``deviance``; never translated.
    observed : float
        The statistic of the data.
    expected : float
        Its mean under the model.
    p : float
        Share of data of the model that fit no better, 0-1.
    replicates : int
        Simulated data sets; 0 where the distribution is known.
    """

    name: str
    observed: float
    expected: float
    p: float
    replicates: int = 0

    def to_dict(self) -> dict[str, str | float | int]:
        """Return plain values for JSON."""
        return {
            "name": self.name,
            "observed": self.observed,
            "expected": self.expected,
            "p": self.p,
            "replicates": self.replicates,
        }


class _PValue(float):
    """A p-value that a text shows with two digits; a tiny one never as 0.

    The signs are those of English: texts of other languages replace them, as of every number.
    """

    __slots__ = ()

    def __format__(self, form: str) -> str:
        if form:
            return format(float(self), form)
        return f"< {_LEAST_SHOWN:g}" if self < _LEAST_SHOWN else f"{float(self):.2g}"


@dataclass(frozen=True, slots=True)
class Fit:
    """Whether the data fit the model that a statement rests on.

    Attributes
    ----------
    statistics : tuple of FitStatistic
    level : float
        The check fails where `p` is at most this.
    """

    statistics: tuple[FitStatistic, ...]
    level: float = LEVEL

    @property
    def p(self) -> float:
        """The least p-value times the number of statistics, at most 1; 1 without any."""
        least = min((statistic.p for statistic in self.statistics), default=1.0)
        return min(1.0, least * max(1, len(self.statistics)))

    @property
    def passed(self) -> bool:
        """Whether a statement may be made."""
        return self.p > self.level

    def shown(self) -> dict[str, str]:
        """Return ``p`` and ``level`` as people read them; a tiny p-value is never written as 0."""
        p = f"< {numeral(_LEAST_SHOWN, 'g')}" if self.p < _LEAST_SHOWN else numeral(self.p, ".2g")
        return {"p": p, "level": numeral(self.level, ".2g")}

    def parameters(self) -> dict[str, float]:
        """Return ``p`` and ``level`` for the text of a notice, in which they are shown as `shown` does."""
        return {"p": _PValue(self.p), "level": _PValue(self.level)}

    @property
    def worst(self) -> FitStatistic | None:
        """The statistic with the least p-value; None without any."""
        return min(self.statistics, key=lambda statistic: statistic.p, default=None)

    def to_dict(self) -> dict:
        """Return plain values for JSON: the key ``fit`` of a result."""
        return {
            "passed": self.passed,
            "p": self.p,
            "level": self.level,
            "statistics": [statistic.to_dict() for statistic in self.statistics],
        }

    @classmethod
    def from_stored(cls, record: Mapping) -> "Fit":
        """Return the check that `to_dict` wrote; numbers may be texts, as the ledger has them."""
        return cls(
            tuple(
                FitStatistic(
                    str(row["name"]),
                    float(row["observed"]),
                    float(row["expected"]),
                    float(row["p"]),
                    int(row["replicates"]),
                )
                for row in record["statistics"]
            ),
            float(record["level"]),
        )


def predictive_p(observed: Sequence[float] | float, replicated: Sequence[float]) -> float:
    """Return the share of replicates that fit no better than the data.

    Parameters
    ----------
    observed : float, or sequence of float, length r
        Discrepancy of the data: greater is worse. A sequence where it depends on the parameters
        that each replicate was drawn with.
    replicated : sequence of float, length r
        Discrepancy of each replicate.

    Returns
    -------
    float
        ``(1 + count) / (1 + r)``; 1 without replicates.

    Examples
    --------
    >>> predictive_p(3.0, [1.0, 2.0, 3.0, 4.0])
    0.6
    >>> predictive_p([0.5, 9.0], [1.0, 2.0]) == 2 / 3
    True
    """
    values = [float(value) for value in replicated]
    if isinstance(observed, (int, float)):
        limits = [float(observed)] * len(values)
    else:
        limits = [float(value) for value in observed]
    if len(limits) != len(values):
        raise ValueError(f"{len(limits)} observed discrepancies, {len(values)} replicates")
    worse = sum(value >= limit for value, limit in zip(values, limits))
    return (1 + worse) / (1 + len(values))


def normal_p(z: float) -> float:
    """Return how often a normal value lies so many standard deviations away, either side.

    Examples
    --------
    >>> round(normal_p(3.0), 4)
    0.0027
    """
    return math.erfc(abs(z) / math.sqrt(2.0))
