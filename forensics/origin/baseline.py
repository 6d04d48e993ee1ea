"""A reference of populations, counted once, from which animals are assigned.

The likelihood of an animal depends on the reference and on the animal alone, never on which other
animals are assigned in the same run.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from forensics.errors import InputError, UsageError
from forensics.genetics.counts import count_alleles, offsets_of
from forensics.genetics.genotypes import ABSENT, Genotypes
from forensics.learning.arrays import array, model_part
from forensics.messages import _
from forensics.origin.options import METHODS

# Below so many animals a population's frequencies are too uncertain to assign by: Guinand, Scribner,
# Page, Filcek, Main & Burnham-Curtis 2004, "Effects of coancestry and sample size on assignment".
MIN_ANIMALS = 50


@model_part
class Baseline:
    """Allele counts of reference populations (P), with the prior that makes them frequencies."""

    populations: tuple[str, ...]
    units: tuple[str, ...] | None  # reporting unit of each population
    loci: tuple[str, ...]  # L
    alleles: tuple[tuple[str, ...], ...]  # of each locus those seen in the reference
    offsets: np.ndarray = array(
        "O", np.intp
    )  # alleles of locus l: columns offsets[l]:offsets[l + 1]
    counts: np.ndarray = array("P, A", least=0)  # copies of each allele, of complete genotypes only
    animals: np.ndarray = array("P", np.int64)  # of each population, typed or not
    # Whether any animal has one copy of the locus, and any two; both at loci of sex chromosomes.
    single: np.ndarray = array("L", bool)
    double: np.ndarray = array("L", bool)
    # "rannala_mountain": every allele of a locus gets 1/K pseudo-copies. "shrunk": it gets
    # `concentration` times its frequency in the whole reference.
    method: str = "rannala_mountain"
    concentration: np.ndarray | None = array(
        "L", default=None
    )  # pseudo-copies a locus, of "shrunk"
    temperature: float = 1.0  # log-likelihoods are divided by it in a posterior

    def is_sound(self) -> bool:
        """Return whether the parts belong together, as they do not in a model that was damaged."""
        expected = np.cumsum([0, *map(len, self.alleles)])
        return (
            np.array_equal(self.offsets, expected)
            and self.counts.shape == (len(self.populations), expected[-1])
            and len(self.populations) > 1
            and len(self.loci) == len(self.single) == len(self.alleles)
            and (self.units is None or len(self.units) == len(self.populations))
            and (self.concentration is None) == (self.method == "rannala_mountain")
            and self.temperature > 0
        )

    @property
    def allele_numbers(self) -> np.ndarray:
        """Alleles of each locus; intp, shape (L,)."""
        return np.diff(self.offsets)

    @property
    def totals(self) -> np.ndarray:
        """Copies typed, by population and locus; float64, shape (P, L)."""
        return np.add.reduceat(self.counts, self.offsets[:-1], axis=1)

    @property
    def mass(self) -> np.ndarray:
        """Pseudo-copies of each locus; float64, shape (L,)."""
        return np.ones(len(self.loci)) if self.concentration is None else self.concentration

    @property
    def unit_names(self) -> tuple[str, ...]:
        """Reporting units, sorted; empty without units."""
        return () if self.units is None else tuple(sorted(set(self.units)))

    @property
    def membership(self) -> np.ndarray:
        """Which population is of which unit; float64 of 0 and 1, shape (P, U)."""
        place = {name: number for number, name in enumerate(self.unit_names)}
        result = np.zeros((len(self.populations), len(place)))
        for row, name in enumerate(self.units or ()):
            result[row, place[name]] = 1.0
        return result

    def pseudocopies(self, pooled: np.ndarray | None = None) -> np.ndarray:
        """Return the Dirichlet prior of the frequencies of every population.

        Parameters
        ----------
        pooled : numpy.ndarray of float64, shape (..., A), optional
            Copies of each allele in the whole reference, where an animal was taken out of it.

        Returns
        -------
        numpy.ndarray of float64, shape (..., A)
        """
        numbers = self.allele_numbers
        flat = np.repeat(1.0 / numbers, numbers)
        if self.concentration is None:
            return flat
        pooled = self.counts.sum(axis=0) if pooled is None else pooled
        total = np.add.reduceat(pooled, self.offsets[:-1], axis=-1) + 1.0
        return (
            np.repeat(self.concentration, numbers)
            * (pooled + flat)
            / np.repeat(total, numbers, axis=-1)
        )

    def without(self, populations: Sequence[str]) -> "Baseline":
        """Return the reference without some populations; alleles and prior mass are kept."""
        keep = [row for row, name in enumerate(self.populations) if name not in set(populations)]
        return replace(
            self,
            populations=tuple(self.populations[row] for row in keep),
            units=None if self.units is None else tuple(self.units[row] for row in keep),
            counts=self.counts[keep],
            animals=self.animals[keep],
        )


def build_baseline(
    genotypes: Genotypes,
    *,
    units: Mapping[str, str] | None = None,
    method: str = "rannala_mountain",
) -> Baseline:
    """Return a reference made of animals of known population.

    Parameters
    ----------
    genotypes : Genotypes
        Animals with a population; those with "" are left out.
    units : mapping of str to str, optional
        Reporting unit of each population; by default what the genotypes say, if anything.
    method : {"rannala_mountain", "shrunk"}
        How counts become frequencies; see `Baseline`. "shrunk" sets its strength and its
        temperature by leave-one-out within these animals (`shrinkage.fit_shrinkage`).

    Raises
    ------
    InputError
        If there are fewer than two populations, no typed locus, or a population in two units.
    UsageError
        If the method is unknown.

    References
    ----------
    Rannala & Mountain 1997, doi:10.1073/pnas.94.17.9197.
    """
    if method not in METHODS:
        raise UsageError(
            _("method {found} is unknown; expected one of: {known}").format(
                found=method, known=", ".join(METHODS)
            )
        )
    source = genotypes.source or None
    known = np.array([bool(name) for name in genotypes.populations or ()], dtype=bool)
    if genotypes.populations is None or not known.any():
        raise InputError(
            _(
                "no animal has a population; a reference needs a column that names the "
                "population of each animal. If it has one under another name, give that name "
                "with the option population"
            ),
            source=source,
        )
    known_animals = genotypes.take(known)
    assert known_animals.populations is not None
    counts = count_alleles(known_animals, known_animals.populations)
    if len(counts.groups) < 2:
        raise InputError(
            _(
                "the reference has one population, {name}; at least two are needed, since an "
                "assignment compares populations"
            ).format(name=counts.groups[0]),
            source=source,
        )
    seen = counts.counts.sum(axis=0) > 0
    alleles: list[tuple[str, ...]] = []
    loci: list[int] = []
    columns: list[int] = []
    for number, labels in enumerate(counts.alleles):
        start = counts.offsets[number]
        use = [place for place in range(len(labels)) if seen[start + place]]
        if use:
            loci.append(number)
            alleles.append(tuple(labels[place] for place in use))
            columns.extend(start + place for place in use)
    if not loci:
        raise InputError(
            _("no animal of the reference has a complete genotype at any locus"), source=source
        )
    is_single = known_animals.codes[:, :, 1] == ABSENT
    baseline = Baseline(
        populations=counts.groups,
        units=_units_of(known_animals, counts.groups, units, source),
        loci=tuple(counts.loci[number] for number in loci),
        alleles=tuple(alleles),
        offsets=offsets_of(alleles),
        counts=np.ascontiguousarray(counts.counts[:, np.array(columns, dtype=np.intp)]),
        animals=counts.animals,
        single=(known_animals.typed & is_single)[:, loci].any(axis=0),
        double=(known_animals.typed & ~is_single)[:, loci].any(axis=0),
    )
    if method == "shrunk":
        from forensics.origin.assignment import fit_shrinkage

        return fit_shrinkage(baseline, known_animals)
    return baseline


def small_populations(baseline: Baseline) -> tuple[str, ...]:
    """Return the populations with fewer than `MIN_ANIMALS` animals."""
    return tuple(
        name for name, count in zip(baseline.populations, baseline.animals) if count < MIN_ANIMALS
    )


def _units_of(
    genotypes: Genotypes,
    populations: Sequence[str],
    units: Mapping[str, str] | None,
    source: str | None,
) -> tuple[str, ...] | None:
    """Return the unit of each population, or None where none is known."""
    if units is None:
        if genotypes.units is None or not any(genotypes.units):
            return None
        units = {}
        for population, unit in zip(genotypes.populations or (), genotypes.units):
            if unit and units.setdefault(population, unit) != unit:
                raise InputError(
                    _(
                        "population {name} is in two reporting units, {one} and {two}; "
                        "a population belongs to one unit"
                    ).format(name=population, one=units[population], two=unit),
                    source=source,
                )
    lacking = [name for name in populations if not units.get(name)]
    if lacking:
        raise InputError(
            _("no reporting unit is given for: {names}").format(names=", ".join(lacking[:5])),
            source=source,
        )
    return tuple(units[name] for name in populations)
