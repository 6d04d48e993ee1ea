"""Assignment of animals to reference populations and to the reporting units above them.

A posterior is conditional: it says which of the reference populations is the likelier one, given
that the animal comes from one of them. Whether it does is asked in `exclusion`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from forensics.core.notice import Notice
from forensics.errors import UsageError
from forensics.genetics.genotypes import Genotypes
from forensics.messages import _
from forensics.notices import origin as notices
from forensics.origin.baseline import MIN_ANIMALS, Baseline, small_populations
from forensics.origin.likelihood import CodedAnimals, code_animals, log_likelihoods, own_rows
from forensics.stats.choice import descending, greatest

if TYPE_CHECKING:
    import pandas

__all__ = [
    "MIN_LOCI",
    "PRIORS",
    "Assignment",
    "SampleValues",
    "assign",
    "notices_of_animals",
    "notices_of_reference",
    "posteriors",
    "prior_of",
    "values_of",
]

# Fewer typed loci are said. No published limit holds for all markers, and the posterior already
# takes the loci into account; with five loci of four alleles chance resemblance is common.
MIN_LOCI = 5

PRIORS = ("populations", "units", "animals")
# Loci and populations that a notice names.
_MAX_NAMES = 10


@dataclass(frozen=True, eq=False)
class Assignment:
    """Populations and units that animals are assigned to.

    Attributes
    ----------
    animals : tuple of str, length n
    populations : tuple of str, length P
    units : tuple of str, length U
        Empty where the reference has none.
    log_likelihoods : numpy.ndarray of float64, shape (n, P)
        Natural logarithms, before the temperature.
    prior : numpy.ndarray of float64, shape (P,)
    prior_name : str
        "populations", "units", "animals" or "given".
    posterior : numpy.ndarray of float64, shape (n, P)
    unit_posterior : numpy.ndarray of float64, shape (n, U)
        Sum of the posterior over the populations of each unit.
    loci : tuple of str, length L
    loci_typed : numpy.ndarray of int64, shape (n,)
        Loci that entered the likelihood.
    left_out : bool
        Whether animals of the reference were taken out of it before they were assigned.
    method : str
    temperature : float
    notices : tuple of Notice
        Of all animals.
    animal_notices : tuple of tuple of Notice, length n
        Of each animal.
    """

    animals: tuple[str, ...]
    populations: tuple[str, ...]
    units: tuple[str, ...]
    log_likelihoods: np.ndarray
    prior: np.ndarray
    prior_name: str
    posterior: np.ndarray
    unit_posterior: np.ndarray
    loci: tuple[str, ...]
    loci_typed: np.ndarray
    left_out: bool
    method: str
    temperature: float
    notices: tuple[Notice, ...]
    animal_notices: tuple[tuple[Notice, ...], ...]

    def __len__(self) -> int:
        return len(self.animals)

    def best(self) -> tuple[str, ...]:
        """Return the population with the greatest posterior of each animal."""
        return tuple(self.populations[place] for place in greatest(self.posterior, axis=1))

    def best_unit(self) -> tuple[str, ...]:
        """Return the unit with the greatest posterior of each animal.

        Raises
        ------
        UsageError
            If the reference has no units.
        """
        if not self.units:
            raise UsageError(_("the reference has no reporting units"))
        return tuple(self.units[place] for place in greatest(self.unit_posterior, axis=1))

    def to_frame(self) -> "pandas.DataFrame":
        """Return a row an animal and population, in order of posterior within an animal.

        Columns: animal, population, log_likelihood, prior, posterior, loci_typed.
        """
        import pandas

        order = descending(self.posterior)
        rows = np.repeat(np.arange(len(self)), len(self.populations))
        columns = order.ravel()
        return pandas.DataFrame(
            {
                "animal": np.array(self.animals, dtype=object)[rows],
                "population": np.array(self.populations, dtype=object)[columns],
                "log_likelihood": self.log_likelihoods[rows, columns],
                "prior": self.prior[columns],
                "posterior": self.posterior[rows, columns],
                "loci_typed": self.loci_typed[rows],
            }
        )


def prior_of(baseline: Baseline, prior: str | Mapping[str, float]) -> tuple[np.ndarray, str]:
    """Return the prior probability of each population and the name of the prior.

    Parameters
    ----------
    baseline : Baseline
    prior : {"populations", "units", "animals"} or mapping of str to float
        Every population equally likely; every unit equally likely and its populations equally
        within it; in proportion to the animals of the reference, which is right only where the
        reference was sampled as the unknown animals are; or weights by population, which are
        made to sum to 1.

    Raises
    ------
    UsageError
        If a weight is missing, negative or not finite, names an unknown population, or all are
        0; or if the prior is by units and the reference has none.
    """
    if isinstance(prior, str):
        if prior == "populations":
            return np.full(len(baseline.populations), 1.0 / len(baseline.populations)), prior
        if prior == "animals":
            return baseline.animals / baseline.animals.sum(), prior
        if prior != "units":
            raise UsageError(
                _("prior {found} is unknown; expected {known}, or a weight a population").format(
                    found=prior, known=", ".join(PRIORS)
                )
            )
        if not baseline.units:
            raise UsageError(
                _("a prior by reporting units was asked for, and the reference has no units")
            )
        sizes = baseline.membership.sum(axis=0)
        return (baseline.membership / sizes).sum(axis=1) / len(sizes), prior
    unknown = sorted(set(prior) - set(baseline.populations))
    lacking = [name for name in baseline.populations if name not in prior]
    if unknown or lacking:
        raise UsageError(
            _(
                "the prior must name every population once. Unknown: {unknown}. Without a "
                "weight: {lacking}"
            ).format(
                unknown=", ".join(unknown[:5]) or _("none"),
                lacking=", ".join(lacking[:5]) or _("none"),
            )
        )
    weights = np.array([float(prior[name]) for name in baseline.populations])
    if not np.isfinite(weights).all() or (weights < 0).any() or weights.sum() <= 0:
        raise UsageError(_("weights of a prior must be 0 or more, and one of them greater than 0"))
    return weights / weights.sum(), "given"


def posteriors(values: np.ndarray, prior: np.ndarray, *, temperature: float = 1.0) -> np.ndarray:
    """Return posteriors; rows sum to 1.

    Parameters
    ----------
    values : numpy.ndarray of float64, shape (n, P)
        Log-likelihoods.
    prior : numpy.ndarray of float64, shape (P,)
    temperature : float
        Log-likelihoods are divided by it.
    """
    with np.errstate(divide="ignore"):
        scaled = values / temperature + np.log(prior)
    scaled = np.exp(scaled - scaled.max(axis=1, keepdims=True))
    return np.asarray(scaled / scaled.sum(axis=1, keepdims=True))


def assign(
    genotypes: Genotypes,
    baseline: Baseline,
    *,
    prior: str | Mapping[str, float] = "populations",
    leave_one_out: bool = False,
) -> Assignment:
    """Assign animals to the populations of a reference.

    Parameters
    ----------
    genotypes : Genotypes
        n animals. Loci and alleles are matched by their names.
    baseline : Baseline
    prior : {"populations", "units", "animals"} or mapping of str to float
        See `prior_of`.
    leave_one_out : bool
        The animals are those of the reference: each is taken out of its own population first.

    Returns
    -------
    Assignment
        An animal without any typed locus gets the prior, and a caution.

    Raises
    ------
    InputError
        If no locus is common to both.
    UsageError
        If the prior does not fit, or an animal that is to be left out has no population here.

    References
    ----------
    Rannala & Mountain 1997, doi:10.1073/pnas.94.17.9197; reporting units as in Moran & Anderson
    2019, doi:10.1139/cjfas-2018-0016 (rubias).
    """
    weights, name = prior_of(baseline, prior)
    own = None
    if leave_one_out:
        own = own_rows(genotypes, baseline)
        if (own < 0).any():
            raise UsageError(
                _(
                    "animal {animal} is to be left out of the reference, and its population is "
                    "not in it"
                ).format(animal=genotypes.animals[int(np.flatnonzero(own < 0)[0])])
            )
    values = values_of(genotypes, baseline, own=own)
    posterior = posteriors(values.log_likelihoods, weights, temperature=baseline.temperature)
    return Assignment(
        animals=values.animals,
        populations=baseline.populations,
        units=baseline.unit_names,
        log_likelihoods=values.log_likelihoods,
        prior=weights,
        prior_name=name,
        posterior=posterior,
        unit_posterior=posterior @ baseline.membership,
        loci=baseline.loci,
        loci_typed=values.loci_typed,
        left_out=leave_one_out,
        method=baseline.method,
        temperature=baseline.temperature,
        notices=values.notices,
        animal_notices=values.animal_notices,
    )


@dataclass(frozen=True, eq=False)
class SampleValues:
    """Log-likelihoods of samples.

    Attributes
    ----------
    animals : tuple of str, length n
    log_likelihoods : numpy.ndarray of float64, shape (n, P)
    loci_typed : numpy.ndarray of int64, shape (n,)
        Loci with a complete genotype.
    notices : tuple of Notice
        Of all animals.
    animal_notices : tuple of tuple of Notice, length n
    """

    animals: tuple[str, ...]
    log_likelihoods: np.ndarray
    loci_typed: np.ndarray
    notices: tuple[Notice, ...]
    animal_notices: tuple[tuple[Notice, ...], ...]


def values_of(
    samples: Genotypes,
    baseline: Baseline,
    *,
    own: np.ndarray | None = None,
) -> SampleValues:
    """Return the log-likelihood of each animal in each population, and what must be known of it.

    Parameters
    ----------
    samples : Genotypes
    baseline : Baseline
    own : numpy.ndarray of intp, shape (n,), optional
        See `forensics.origin.likelihood.log_likelihoods`.

    Raises
    ------
    InputError
        If no locus is common to both.
    """
    coded = code_animals(samples, baseline)
    return SampleValues(
        coded.animals,
        log_likelihoods(coded, baseline, own=own),
        coded.typed.sum(axis=1).astype(np.int64),
        notices_of_reference(coded.ignored, baseline),
        notices_of_animals(coded, baseline),
    )


def notices_of_animals(coded: CodedAnimals, baseline: Baseline) -> tuple[tuple[Notice, ...], ...]:
    """Return what must be known of each animal, whatever is computed of it."""
    return tuple(_notices_of_animal(coded, baseline, row) for row in range(len(coded.animals)))


def _notices_of_animal(coded: CodedAnimals, baseline: Baseline, row: int) -> tuple[Notice, ...]:
    unseen = [baseline.loci[locus] for locus in np.flatnonzero(coded.unseen[row])]
    typed = int(coded.typed[row].sum())
    result = []
    if not typed:
        result.append(notices.NO_LOCI("population"))
    elif typed < MIN_LOCI:
        result.append(notices.FEW_LOCI("population", count=typed, least=MIN_LOCI))
    if unseen:
        names = ", ".join(unseen[:_MAX_NAMES])
        result.append(notices.UNSEEN_ALLELES("population", loci=names))
    return tuple(result)


def notices_of_reference(ignored: Sequence[str], baseline: Baseline) -> tuple[Notice, ...]:
    """Return what must be known of all animals: of the reference, and of loci that it lacks."""
    common = []
    if ignored:
        common.append(notices.IGNORED_LOCI(loci=", ".join(ignored[:_MAX_NAMES])))
    small = small_populations(baseline)
    if small:
        common.append(
            notices.SMALL_POPULATIONS(
                "baseline",
                count=len(small),
                least=MIN_ANIMALS,
                names=", ".join(small[:_MAX_NAMES]),
            )
        )
    return tuple(common)
