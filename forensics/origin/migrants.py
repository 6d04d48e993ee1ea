"""Animals of a reference that were sampled in one population and may have been born in another.

The statistic is the ratio of the likelihood of an animal at home to its greatest likelihood in any
population, -ln(L_home / L_max), the animal left out of its own population. Its null distribution is that
of animals born at home, simulated: genotypes are drawn from the predictive distribution of the home
population, on the loci at which the animal was typed (Paetkau et al. 2004). A migrant is not a fault of a
reference, but an animal that was written under a wrong population is, and looks the same.
"""

from dataclasses import dataclass

import numpy as np

from forensics.genetics.genotypes import Genotypes
from forensics.origin.baseline import Baseline, build_baseline
from forensics.origin.crosses import with_flat_prior
from forensics.origin.defaults import LEVEL
from forensics.origin.likelihood import CodedAnimals, code_animals, log_likelihoods, own_rows
from forensics.stats.choice import greatest, ranked

__all__ = ["SIMULATED", "Migrants", "find_migrants"]

# Simulated animals a population: p-values down to 0.001.
SIMULATED = 1000
# Animals that were typed at the same loci are compared together, so many at a time.
_MAX_PATTERNS = 100


@dataclass(frozen=True, eq=False)
class Migrants:
    """How likely each animal of a reference was born where it was sampled.

    Attributes
    ----------
    animals : tuple of str, length n
    populations : tuple of str, length P
    own : numpy.ndarray of intp, shape (n,)
    statistic : numpy.ndarray of float64, shape (n,)
        -ln(L_home / L_max); 0 where home is the likeliest.
    nearest : numpy.ndarray of intp, shape (n,)
        The likeliest population.
    p_values : numpy.ndarray of float64, shape (n,)
        Share of simulated animals born at home with as great a statistic.
    """

    animals: tuple[str, ...]
    populations: tuple[str, ...]
    own: np.ndarray
    statistic: np.ndarray
    nearest: np.ndarray
    p_values: np.ndarray

    def rows(self, level: float = LEVEL) -> list[dict[str, object]]:
        """Return a row for each animal whose p-value is at most the level, the smallest first."""
        rows = np.flatnonzero((self.p_values <= level) & (self.nearest != self.own))
        return [
            {
                "animal": self.animals[row],
                "sampled in": self.populations[self.own[row]],
                "likeliest": self.populations[self.nearest[row]],
                "-ln(L_home/L_max)": float(self.statistic[row]),
                "p": float(self.p_values[row]),
            }
            for row in ranked(ranked(rows, self.statistic.item), lambda row: -self.p_values[row])
        ]

    def to_dict(self, level: float = LEVEL) -> dict[str, object]:
        """Return plain values for JSON: how many are noticed, how many by chance, and `rows`."""
        rows = self.rows(level)
        return {
            "level": level,
            "noticed": len(rows),
            "by chance, at most": round(level * len(self.animals), 1),
            "animals": rows,
        }


def find_migrants(
    genotypes: Genotypes, baseline: Baseline | None = None, *, seed: int = 1
) -> Migrants:
    """Return the test of each animal of a reference: was it born in the population of its sample?

    Parameters
    ----------
    genotypes : Genotypes
        Animals of known population; others are left out.
    baseline : Baseline, optional
        Of the same animals. The prior of Rannala & Mountain is used, whatever its method.
    seed : int
        Of the simulated animals.

    References
    ----------
    Paetkau, Slade, Burden & Estoup 2004, doi:10.1111/j.1365-294X.2004.02008.x.
    """
    genotypes = genotypes.take([bool(name) for name in genotypes.populations or ()])
    baseline = with_flat_prior(build_baseline(genotypes) if baseline is None else baseline)
    coded, own = code_animals(genotypes, baseline), own_rows(genotypes, baseline)
    values = log_likelihoods(coded, baseline, own=own)
    rows = np.arange(len(own))
    statistic = values.max(axis=1) - values[rows, own]
    p_values = np.ones(len(own))
    y = baseline.counts + baseline.pseudocopies()
    for place in np.unique(own):
        here = np.flatnonzero(own == place)
        generator = np.random.default_rng([seed, *baseline.populations[place].encode()])
        logs = _simulate_logs(baseline, y, int(place), generator)
        p_values[here] = _compare(coded, here, statistic[here], logs, int(place))
    return Migrants(
        coded.animals,
        baseline.populations,
        own,
        statistic,
        greatest(values, axis=1, are_logs=True),
        p_values,
    )


def _simulate_logs(
    baseline: Baseline, y: np.ndarray, home: int, generator: np.random.Generator
) -> dict[int, np.ndarray]:
    """Return log-probabilities, in each population, of animals born at home.

    Returns
    -------
    dict of int to numpy.ndarray of float32, shape (L, SIMULATED, P)
        By copies of a locus, 1 and 2.
    """
    result = {
        copies: np.zeros((len(baseline.loci), SIMULATED, len(y)), dtype=np.float32)
        for copies, present in ((1, baseline.single), (2, baseline.double))
        if present.any()
    }
    for locus, (start, stop) in enumerate(zip(baseline.offsets, baseline.offsets[1:])):
        part = y[:, start:stop]
        n = part.sum(axis=1)
        first = generator.choice(stop - start, SIMULATED, p=part[home] / n[home])
        if 1 in result:
            result[1][locus] = np.log(part[:, first] / n[:, None]).T
        if 2 not in result:
            continue
        # The second copy is drawn after the first was seen, as the predictive distribution has it.
        again = generator.random(SIMULATED) * (n[home] + 1.0) < 1.0
        second = generator.choice(stop - start, SIMULATED, p=part[home] / n[home])
        second = np.where(again, first, second)
        same = first == second
        logs = np.log(part[:, first]) + np.log(part[:, second] + same)
        logs += np.where(same, 0.0, np.log(2.0)) - np.log(n * (n + 1.0))[:, None]
        result[2][locus] = logs.T
    return result


def _compare(
    coded: CodedAnimals,
    rows: np.ndarray,
    statistic: np.ndarray,
    logs: dict[int, np.ndarray],
    home: int,
) -> np.ndarray:
    """Return the share of simulated animals with as great a statistic, on the same typed loci."""
    patterns, which = np.unique(coded.copies[rows], axis=0, return_inverse=True)
    which = which.ravel()
    result = np.ones(len(rows))
    for start in range(0, len(patterns), _MAX_PATTERNS):
        chunk = patterns[start : start + _MAX_PATTERNS]
        parts = [
            np.tensordot((chunk == copies).astype(np.float32), values, axes=(1, 0))
            for copies, values in logs.items()
        ]
        sums = np.sum(parts, axis=0)
        drawn = np.sort(sums.max(axis=2) - sums[:, :, home], axis=1)
        for place in np.flatnonzero((which >= start) & (which < start + len(chunk))):
            simulated = drawn[which[place] - start]
            above = SIMULATED - np.searchsorted(simulated, statistic[place] - 1e-4, side="left")
            result[place] = (1.0 + above) / (1.0 + SIMULATED)
    return result
