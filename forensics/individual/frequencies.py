"""Allele frequencies of a population, as likelihood ratios need them, and the theta that goes with them.

No frequency is 0: an allele that was seen seldom counts as seen five times. Theta is the FST of the local population
relative to that from which frequencies were counted (Balding & Nichols 1994, doi:10.1016/0379-0738(94)90222-4). Where
the reference names its populations it is estimated from them, and never taken smaller than the default: with a theta
that is too small, unrelated animals of one population look like kin.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from forensics.errors import InputError, UsageError
from forensics.genetics.counts import count_alleles, doses, estimate_theta_among, offsets_of
from forensics.genetics.genotypes import Genotypes
from forensics.individual.options import THETA
from forensics.messages import _

if TYPE_CHECKING:
    import pandas


# Populations of fewer animals say too little of their allele frequencies to be compared (a stated choice).
MIN_ANIMALS = 5
# Where a theta can be from, as provenances name it.
SOURCES = ("stated", "reference", "default")


@dataclass(frozen=True, slots=True)
class Theta:
    """A theta with its source.

    Attributes
    ----------
    value : float
        What ratios are computed with; in [0, 1).
    source : str
        One of `SOURCES`: stated by the user, estimated from the reference, or the default; "" where a script that
        recorded a finding did not say.
    estimate, error : float or None
        What the populations of the reference show, and its standard error over loci; None where it cannot be
        estimated. Never below 0.
    populations : int
        Populations that it was estimated from.
    """

    value: float
    source: str
    estimate: float | None = None
    error: float | None = None
    populations: int = 0

    def parameters(self) -> dict[str, object]:
        """Return what a provenance records of it."""
        recorded: dict[str, object] = {"theta": self.value}
        if self.source:
            recorded["theta_source"] = self.source
        if self.estimate is not None:
            recorded["theta_estimate"] = round(self.estimate, 6)
        return recorded

    def explanation(self) -> str:
        """Return in one sentence which theta is used, and why."""
        if self.source == "stated":
            return _("theta {value:.3g}, as stated").format(value=self.value)
        if self.source == "reference":
            return _(
                "theta {value:.3g}, estimated from {count} populations of the reference (standard error "
                "{error:.2g}), since it is larger than the default of {default:g}"
            ).format(value=self.value, count=self.populations, error=self.error, default=THETA)
        if self.estimate is not None:
            return _(
                "theta {value:.3g}, the default; {count} populations of the reference show less "
                "({estimate:.3g})"
            ).format(value=self.value, count=self.populations, estimate=self.estimate)
        return _(
            "theta {value:.3g}, the default; the reference does not name two populations of "
            "{least} animals for an estimate"
        ).format(value=self.value, least=MIN_ANIMALS)


def choose_theta(reference: Genotypes, stated: float | None = None) -> Theta:
    """Return the theta to compute ratios with.

    Parameters
    ----------
    reference : Genotypes
        The animals from which frequencies are counted, with their populations if known.
    stated : float, optional
        What the user states, in [0, 1); it is taken as it is.

    Returns
    -------
    Theta
        Without `stated` the larger of `forensics.individual.options.THETA` and what the populations of the
        reference show.

    Raises
    ------
    UsageError
        If `stated` is not in [0, 1).
    """
    if stated is not None:
        if not 0 <= stated < 1:
            raise UsageError(
                _("theta is {value}; expected a number from 0 to below 1.").format(value=stated)
            )
        return Theta(float(stated), "stated")
    if reference.populations is None:
        return Theta(THETA, "default")
    names, sizes = np.unique([name for name in reference.populations if name], return_counts=True)
    large = set(names[sizes >= MIN_ANIMALS].tolist())
    if len(large) < 2:
        return Theta(THETA, "default")
    groups = [name if name in large else "" for name in reference.populations]
    counted = count_alleles(reference, groups)
    shown = estimate_theta_among(counted.counts, counted.offsets)
    if not math.isfinite(shown.theta):
        return Theta(THETA, "default")
    estimate = max(0.0, shown.theta)
    error = shown.theta_error if math.isfinite(shown.theta_error) else None
    if estimate > THETA:
        return Theta(round(estimate, 4), "reference", estimate, error, len(large))
    return Theta(THETA, "default", estimate, error, len(large))


def theta_of_parameters(recorded: Mapping[str, Any]) -> Theta:
    """Return the theta that a provenance records, so that a result can be computed again with it.

    Parameters
    ----------
    recorded : mapping
        Parameters of a provenance; numbers of a ledger may be texts.
    """
    source = recorded.get("theta_source", "")
    estimate = recorded.get("theta_estimate")
    return Theta(
        float(recorded["theta"]),
        source if source in SOURCES else "",
        None if estimate is None else float(estimate),
    )


# An allele seen fewer times than this counts as if it had been seen so often: the 5/2N rule of
# National Research Council 1996, The Evaluation of Forensic DNA Evidence, recommendation 4.
MINIMUM_COPIES = 5.0


@dataclass(frozen=True, eq=False)
class Frequencies:
    """Allele frequencies of one population.

    Attributes
    ----------
    loci : tuple of str, length L
    alleles : tuple of tuples of str, length L
    values : tuple of numpy.ndarray of float64, length L
        Of each locus its frequencies, above 0, with sum 1.
    raw : tuple of numpy.ndarray of float64, length L
        As counted, before the floor.
    copies : numpy.ndarray of float64, shape (L,)
        Copies counted at each locus.
    """

    loci: tuple[str, ...]
    alleles: tuple[tuple[str, ...], ...]
    values: tuple[np.ndarray, ...]
    raw: tuple[np.ndarray, ...]
    copies: np.ndarray

    def genotypes_of(self, genotypes: Genotypes) -> np.ndarray:
        """Return each genotype as one number; see `forensics.individual.kinship.genotype_index`.

        Returns
        -------
        numpy.ndarray of int32, shape (n, L)
            -1 where a copy was not typed.

        Raises
        ------
        InputError
            If an animal has an allele that these frequencies do not know, or a locus is haploid.
        """
        from forensics.individual.kinship import genotype_index

        coded, _ignored = genotypes.coded_as(self.loci, self.alleles)
        if coded.haploid.any():
            locus = self.loci[int(np.flatnonzero(coded.haploid)[0])]
            raise InputError(
                _("locus {locus} is haploid; match probabilities here are of diploid loci").format(
                    locus=locus
                ),
                source=genotypes.source,
            )
        for number, known in enumerate(self.alleles):
            strange = (coded.codes[:, number] >= len(known)).any(axis=1)
            if strange.any():
                row = int(np.flatnonzero(strange)[0])
                raise InputError(
                    _(
                        "animal {animal}, locus {locus}: allele {label} is not in the frequencies. "
                        "Make the frequencies with these samples as 'also', so that the rule for "
                        "unseen alleles gives it one."
                    ).format(
                        animal=coded.animals[row],
                        locus=self.loci[number],
                        label=coded.label(row, number),
                    ),
                    source=genotypes.source,
                )
        low, high = coded.codes[:, :, 0].astype(np.int32), coded.codes[:, :, 1].astype(np.int32)
        return np.where((low >= 0) & (high >= 0), genotype_index(low, high), -1)


def frequencies_of(
    reference: "Genotypes | pandas.DataFrame",
    *,
    also: "Sequence[Genotypes | pandas.DataFrame]" = (),
) -> Frequencies:
    """Count allele frequencies.

    An allele's frequency is at least `MINIMUM_COPIES` divided by the copies counted at its locus; the
    frequencies are then scaled to sum 1.

    Parameters
    ----------
    reference : Genotypes or pandas.DataFrame
        Unrelated animals of the population; a DataFrame as `forensics.genetics.reading` takes it.
    also : sequence of Genotypes or of pandas.DataFrame
        Questioned samples. They are not counted; alleles that only they have get the floor.

    Raises
    ------
    InputError
        If a locus was typed in no animal.
    """
    reference, also = _genotypes(reference), list(map(_genotypes, also))
    alleles = reference.alleles
    for other in also:
        alleles = other.coded_as(reference.loci, alleles)[0].alleles
    coded, _ignored = reference.coded_as(reference.loci, alleles)
    offsets = offsets_of(coded.alleles)
    counted = doses(coded).sum(axis=0)
    values, raw, copies = [], [], []
    for number, locus in enumerate(reference.loci):
        counts = counted[offsets[number] : offsets[number + 1]]
        total = float(counts.sum())
        if not total:
            raise InputError(
                _("locus {locus} was typed in no animal of the reference; leave it out").format(
                    locus=locus
                ),
                source=reference.source,
            )
        raised = np.maximum(counts, min(MINIMUM_COPIES, total)) / total
        values.append(raised / raised.sum())
        raw.append(counts / total)
        copies.append(total)
    return Frequencies(reference.loci, coded.alleles, tuple(values), tuple(raw), np.array(copies))


def _genotypes(given: "Genotypes | pandas.DataFrame") -> Genotypes:
    if isinstance(given, Genotypes):
        return given
    from forensics.genetics.reading import read_genotypes

    return read_genotypes(given)
