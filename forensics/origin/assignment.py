"""Assignment of animals to reference populations and to the reporting units above them.

A posterior is conditional: it says which of the reference populations is the likelier one, given
that the animal comes from one of them. Whether it does is asked in `exclusion`.

**Reference.** Alleles are counted once (`Baseline`). The likelihood of an animal depends on the reference and on the
animal alone, never on which other animals are assigned in the same run.

**Likelihood.** With counts ``x``, pseudo-copies ``a`` and ``y = x + a``, ``n`` the sum of ``y`` over the alleles
of a locus, an animal that is not a part of the reference has

====================  ==========================================
homozygote ``ii``     ``y_i (y_i + 1) / (n (n + 1))``
heterozygote ``ij``   ``2 y_i y_j / (n (n + 1))``
one copy ``i``        ``y_i / n``
====================  ==========================================

(Rannala & Mountain 1997, doi:10.1073/pnas.94.17.9197, the compound Dirichlet-multinomial). Loci
are multiplied. A genotype that is not complete is left out, both copies, as rubias does.

**Shrinkage.** A small sample says little about rare alleles, and pseudo-copies of 1/K say less than the other
populations do. Frequencies of a population are taken to be Dirichlet with mean ``q`` (the pooled
frequencies) and concentration ``c`` (pseudo-copies; in the F-model ``c = 1 / FST - 1``: Balding &
Nichols 1995, doi:10.1007/BF01441146). ``c`` of each locus is the maximum of the
Dirichlet-multinomial likelihood of the counts, times one factor for all loci. Linked loci and
relatives make posteriors too sure, so log-likelihoods are divided by a temperature. The factor
and the temperature are those with the best mean log posterior of the true population when each
animal of the reference is left out; no other data are looked at.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from forensics.core.notice import Notice
from forensics.errors import InputError, UsageError
from forensics.genetics.counts import count_alleles, offsets_of
from forensics.genetics.genotypes import ABSENT, Genotypes
from forensics.learning.arrays import array, model_part
from forensics.messages import _
from forensics.notices import origin as notices
from forensics.origin.options import METHODS
from forensics.stats import TOLERANCE, evenly_spaced, greatest

# Below so many animals a population's frequencies are too uncertain to assign by: Guinand, Scribner,
# Page, Filcek, Main & Burnham-Curtis 2004, "Effects of coancestry and sample size on assignment".
MIN_ANIMALS = 50

# Values of one chunk's greatest array; 32 MB of float64.
CHUNK_VALUES = 4_000_000
# Of more loci than this the probabilities of some are multiplied before their logarithm is taken; those
# of 8 genotypes do not fall below 1e-200.
_MANY_LOCI, _MULTIPLIED = 500, 8
# Concentrations that are tried: FST from 0.83 down to 0.0002.
_GRID = np.exp(np.linspace(np.log(0.2), np.log(5000.0), 61))
# Factors on all concentrations that are tried.
_FACTORS = (0.125, 0.25, 0.5, 1.0, 2.0)
# Temperatures that are tried; below 1 a posterior would be made surer than the model says.
_TEMPERATURES = np.exp(np.linspace(0.0, np.log(8.0), 43))
# Animals that set the factor and the temperature; more change neither (two numbers).
MAX_ANIMALS = 2000
# Fewer where there are many loci and populations: animals x loci x populations, and animals at least.
_MAX_VALUES, _MIN_ANIMALS = 100_000_000, 300
# Fewer typed loci are said. No published limit holds for all markers, and the posterior already
# takes the loci into account; with five loci of four alleles chance resemblance is common.
MIN_LOCI = 5
PRIORS = ("populations", "units", "animals")
# Loci and populations that a notice names.
_MAX_NAMES = 10


# -- the reference ---------------------------------------------------------------------


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
    source = genotypes.source
    known = np.array([bool(name) for name in genotypes.populations or ()], dtype=bool)
    if genotypes.populations is None or not known.any():
        raise InputError(
            _(
                "no animal has a population; a reference needs a column with the population of "
                "each animal. If that column has another name, give the name with the option "
                "population"
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


# -- likelihoods -----------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class CodedAnimals:
    """Animals in the codes of a baseline.

    Attributes
    ----------
    animals : tuple of str, length n
    codes : numpy.ndarray of int16, shape (n, L, 2)
        Codes from K(l) on are alleles that the reference does not have.
    typed : numpy.ndarray of bool, shape (n, L)
        Complete genotypes.
    copies : numpy.ndarray of int8, shape (n, L)
        Copies of complete genotypes: 0, 1 or 2.
    unseen : numpy.ndarray of bool, shape (n, L)
        Complete genotypes with an allele that the reference does not have.
    ignored : tuple of str
        Loci that the reference does not have.
    """

    animals: tuple[str, ...]
    codes: np.ndarray
    typed: np.ndarray
    copies: np.ndarray
    unseen: np.ndarray
    ignored: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.animals)

    def doses(self, rows: slice, baseline: Baseline) -> tuple[np.ndarray, np.ndarray]:
        """Return copies of each allele and copies of each locus, without unseen alleles.

        Returns
        -------
        doses : numpy.ndarray of float64, shape (r, A)
        copies : numpy.ndarray of float64, shape (r, L)
        """
        codes, use = self.codes[rows], self.typed[rows] & ~self.unseen[rows]
        width = int(baseline.offsets[-1])
        result = np.zeros(len(codes) * width)
        first = np.arange(len(codes))[:, None] * width + baseline.offsets[:-1]
        for copy in range(2):  # each column once a copy
            there = use & (codes[:, :, copy] >= 0)
            result[(first + codes[:, :, copy])[there]] += 1.0
        return result.reshape(len(codes), width), np.where(use, self.copies[rows], 0).astype(
            np.float64
        )


def code_animals(genotypes: Genotypes, baseline: Baseline) -> CodedAnimals:
    """Return the animals in the codes of the baseline.

    Raises
    ------
    InputError
        If no locus is common to both, or a locus has one copy in one and two in the other.
    """
    known, ignored = genotypes.coded_as(baseline.loci, baseline.alleles)
    typed = known.typed
    coded = CodedAnimals(
        animals=known.animals,
        codes=known.codes,
        typed=typed,
        copies=np.where(typed, (known.codes >= 0).sum(axis=2), 0).astype(np.int8),
        unseen=typed & (known.codes >= baseline.allele_numbers[:, None]).any(axis=2),
        ignored=ignored,
    )
    wrong = (coded.copies == 2) & ~baseline.double
    wrong |= (coded.copies == 1) & ~baseline.single
    if wrong.any():
        row, locus = np.argwhere(wrong)[0]
        raise InputError(
            _(
                "animal {animal}, locus {locus}: {found} copies were typed, the reference has "
                "{expected}; write the genotype as in the reference"
            ).format(
                animal=coded.animals[row],
                locus=baseline.loci[locus],
                found=int(coded.copies[row, locus]),
                expected=2 if baseline.double[locus] else 1,
            ),
            source=genotypes.source,
        )
    return coded


def own_rows(genotypes: Genotypes, baseline: Baseline) -> np.ndarray:
    """Return the place of each animal's own population, -1 where it is none; intp, shape (n,)."""
    place = {name: number for number, name in enumerate(baseline.populations)}
    names = genotypes.populations or ("",) * len(genotypes)
    return np.array([place.get(name, -1) for name in names], dtype=np.intp)


def log_likelihoods(
    coded: CodedAnimals, baseline: Baseline, *, own: np.ndarray | None = None
) -> np.ndarray:
    """Return the log-likelihood of each animal in each population.

    Parameters
    ----------
    coded : CodedAnimals
        n animals.
    own : numpy.ndarray of intp, shape (n,), optional
        Population in which each animal was counted, -1 for none: its own copies are taken out
        (leave one out), for "shrunk" out of the frequencies of the whole reference as well.

    Returns
    -------
    numpy.ndarray of float64, shape (n, P)
        Natural logarithms; 0 for an animal without any typed locus.
    """
    result = np.zeros((len(coded), len(baseline.populations)))
    whole = own is not None and baseline.concentration is not None
    columns = int(baseline.offsets[-1])
    if whole:
        columns = max(columns, len(baseline.loci) * len(baseline.populations))
    for rows in _chunks(len(coded), columns):
        if whole and own is not None:
            result[rows] = _all_left_out(coded, baseline, rows, own[rows])
        else:
            result[rows] = _by_products(coded, baseline, rows)
            if own is not None:
                _leave_out(coded, baseline, rows, own[rows], result)
    for row, locus in zip(*np.nonzero(coded.unseen)):
        result[row] += _with_unseen(coded, baseline, row, locus)
    return result


def _chunks(animals: int, columns: int) -> Iterator[slice]:
    size = max(1, CHUNK_VALUES // max(1, columns))
    for start in range(0, animals, size):
        yield slice(start, min(start + size, animals))


def _by_products(coded: CodedAnimals, baseline: Baseline, rows: slice) -> np.ndarray:
    """Return log-likelihoods by products of doses and logarithms."""
    doses, copies = coded.doses(rows, baseline)
    y = baseline.counts + baseline.pseudocopies()
    n = np.add.reduceat(y, baseline.offsets[:-1], axis=1)
    pairs = (copies == 2).astype(np.float64)
    homozygous = (doses == 2).astype(np.float64)
    heterozygous = pairs.sum(axis=1) - homozygous.sum(axis=1)
    result: np.ndarray = (
        doses @ np.log(y).T
        + homozygous @ np.log1p(1 / y).T
        - (copies > 0).astype(np.float64) @ np.log(n).T
        - pairs @ np.log1p(n).T
        + heterozygous[:, None] * np.log(2)
    )
    return result


def _leave_out(
    coded: CodedAnimals, baseline: Baseline, rows: slice, own: np.ndarray, result: np.ndarray
) -> None:
    """Replace each animal's log-likelihood in its own population by the one without it."""
    inside = np.flatnonzero(own >= 0)
    if not len(inside):
        return
    doses, copies = coded.doses(rows, baseline)
    doses, copies = doses[inside], copies[inside]
    y = (baseline.counts + baseline.pseudocopies())[own[inside]] - doses
    values = log_probabilities(doses, copies, y, baseline.offsets)
    result[rows.start + inside, own[inside]] = values


def log_probabilities(
    doses: np.ndarray, copies: np.ndarray, y: np.ndarray, offsets: np.ndarray
) -> np.ndarray:
    """Return the log-probability of each animal, each with its own pseudo-counts; shape (n,)."""
    starts = offsets[:-1]
    n = np.add.reduceat(y, starts, axis=1)
    homozygous, pairs = doses == 2, copies == 2
    terms = doses * np.log(y) + np.where(homozygous, np.log1p(1 / y), 0.0)
    heterozygous = pairs.sum(axis=1) - homozygous.sum(axis=1)
    return np.asarray(
        terms.sum(axis=1)
        - np.where(copies > 0, np.log(n), 0.0).sum(axis=1)
        - np.where(pairs, np.log1p(n), 0.0).sum(axis=1)
        + np.log(2) * heterozygous
    )


def _all_left_out(
    coded: CodedAnimals, baseline: Baseline, rows: slice, own: np.ndarray
) -> np.ndarray:
    """Return log-likelihoods with each animal taken out of its population and of the pool.

    Only the alleles that the animal has are looked at: arrays of shape (r, L, P).
    """
    doses, copies = coded.doses(rows, baseline)
    left = np.where(own[:, None] >= 0, doses, 0.0)
    numbers, start = baseline.allele_numbers, baseline.offsets[:-1]
    pool = baseline.pseudocopies(baseline.counts.sum(axis=0) - left)
    codes = coded.codes[rows]
    use = copies[:, :, None] > np.arange(2)
    columns = start[:, None] + np.where(use & (codes < numbers[:, None]), codes, 0)
    flat = columns.reshape(len(codes), -1)
    prior = np.take_along_axis(pool, flat, axis=1).reshape(columns.shape)
    mine = np.take_along_axis(left, flat, axis=1).reshape(columns.shape)
    pairs = copies == 2
    same = pairs & (codes[:, :, 0] == codes[:, :, 1])
    own_copies = np.where((own >= 0)[:, None], copies, 0.0)
    inside = np.flatnonzero(own >= 0)
    n = np.repeat((baseline.totals + baseline.mass).T[None], len(codes), axis=0)  # (r, L, P)
    n[inside, :, own[inside]] -= own_copies[inside]
    by_allele = np.ascontiguousarray(baseline.counts.T)
    terms = by_allele[columns[:, :, 0]] + prior[:, :, :1]
    terms[inside, :, own[inside]] -= mine[inside, :, 0]
    terms /= n
    second = by_allele[columns[:, :, 1]] + (prior[:, :, 1] + same)[:, :, None]
    second[inside, :, own[inside]] -= mine[inside, :, 1]
    n += 1.0
    second /= n
    second[~pairs] = 1.0
    terms *= second
    terms[~use[:, :, 0]] = 1.0
    doubled = np.log(2) * (pairs & ~same).sum(axis=1)
    if terms.shape[1] > _MANY_LOCI:  # the logarithm of the product of some is that of each, summed
        starts = np.arange(0, terms.shape[1], _MULTIPLIED)
        terms = np.multiply.reduceat(terms, starts, axis=1)
    return np.asarray(np.log(terms, out=terms).sum(axis=1) + doubled[:, None])


def _with_unseen(coded: CodedAnimals, baseline: Baseline, row: int, locus: int) -> np.ndarray:
    """Return the terms of a genotype with alleles that the reference lacks; shape (P,).

    The locus is taken to have these alleles too, so K is greater for this genotype.
    """
    codes = [code for code in coded.codes[row, locus] if code >= 0]
    known = int(baseline.allele_numbers[locus])
    number = known + len({int(code) for code in codes if code >= known})
    start = baseline.offsets[locus]
    counts = baseline.counts[:, start : start + known]
    mass = baseline.mass[locus]
    pooled = counts.sum()

    def y(code: int) -> np.ndarray:
        own = counts[:, code] if code < known else np.zeros(len(counts))
        if baseline.concentration is None:
            return np.asarray(own + mass / number)
        return np.asarray(own + mass * (own.sum() + 1.0 / number) / (pooled + 1.0))

    n = counts.sum(axis=1) + mass
    result: np.ndarray = np.log(y(codes[0]) / n)
    if len(codes) == 2:
        same = codes[0] == codes[1]
        result += np.log((y(codes[1]) + same) / (n + 1.0)) + (0.0 if same else np.log(2))
    return result


# -- shrinkage -------------------------------------------------------------------------


def locus_concentrations(baseline: Baseline) -> np.ndarray:
    """Return the concentration of each locus; float64, shape (L,).

    The maximum of the Dirichlet-multinomial likelihood over a grid of 61 values from 0.2 to 5000,
    made finer by a parabola through the best three.
    """
    return fit_concentrations(
        baseline.counts, baseline.totals, baseline.offsets[:-1], baseline.allele_numbers
    )


def fit_concentrations(
    counts: np.ndarray, totals: np.ndarray, starts: np.ndarray, numbers: np.ndarray
) -> np.ndarray:
    """Return the concentration of each locus; float64, shape (L,); see `locus_concentrations`.

    Parameters
    ----------
    counts : numpy.ndarray of float64, shape (P, A)
        Copies of each allele in each population.
    totals : numpy.ndarray of float64, shape (P, L)
        Typed copies.
    starts : numpy.ndarray of int, shape (L,)
        First column of each locus.
    numbers : numpy.ndarray of int, shape (L,)
        Columns of each locus.
    """
    from scipy.special import gammaln

    pooled = counts.sum(axis=0) + np.repeat(1.0 / numbers, numbers)
    q = pooled / np.repeat(np.add.reduceat(pooled, starts), numbers)
    scores = np.empty((len(_GRID), len(starts)))
    for row, value in enumerate(_GRID):
        prior = value * q
        terms = (gammaln(prior + counts) - gammaln(prior)).sum(axis=0)
        scores[row] = np.add.reduceat(terms, starts)
        scores[row] += (gammaln(value) - gammaln(value + totals)).sum(axis=0)
    best = greatest(scores, axis=0, are_logs=True)
    inner = np.clip(best, 1, len(_GRID) - 2)
    at = np.arange(len(starts))
    low, mid, high = scores[inner - 1, at], scores[inner, at], scores[inner + 1, at]
    bend = low - 2 * mid + high
    shift = np.where(
        (best == inner) & (bend < 0), (low - high) / (2 * np.minimum(bend, -1e-300)), 0
    )
    step = np.log(_GRID[1] / _GRID[0])
    return np.asarray(np.where(best == inner, _GRID[inner] * np.exp(shift * step), _GRID[best]))


def mean_log_posterior(values: np.ndarray, own: np.ndarray, temperature: float) -> float:
    """Return the mean log posterior of the true population under equal priors.

    Parameters
    ----------
    values : numpy.ndarray of float64, shape (n, P)
        Log-likelihoods.
    own : numpy.ndarray of intp, shape (n,)
    """
    scaled = values / temperature
    scaled = scaled - scaled.max(axis=1, keepdims=True)
    return float((scaled[np.arange(len(own)), own] - np.log(np.exp(scaled).sum(axis=1))).mean())


def fit_shrinkage(baseline: Baseline, genotypes: Genotypes) -> Baseline:
    """Return the baseline with method "shrunk", fitted to its own animals.

    Parameters
    ----------
    genotypes : Genotypes
        The animals of which the baseline was made.
    """
    most = _MAX_VALUES // (len(baseline.loci) * len(baseline.populations))
    own = own_rows(genotypes, baseline)
    # Evenly spaced animals of the list sorted by population: each population is represented by its share.
    rows = np.argsort(own, kind="stable")
    rows = rows[evenly_spaced(len(rows), min(MAX_ANIMALS, max(_MIN_ANIMALS, most)))]
    coded, own = code_animals(genotypes.take(rows), baseline), own[rows]
    concentrations = locus_concentrations(baseline)
    best: tuple[float, Baseline] | None = None
    for factor in _FACTORS:
        trial = replace(baseline, method="shrunk", concentration=factor * concentrations)
        values = log_likelihoods(coded, trial, own=own)
        for temperature in _TEMPERATURES:
            score = mean_log_posterior(values, own, float(temperature))
            if best is None or score > best[0] + TOLERANCE:
                best = (score, replace(trial, temperature=float(temperature)))
    assert best is not None
    return best[1]


# -- assignment ------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class SampleValues:
    """Log-likelihoods of samples, before the temperature of the reference.

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

    def __len__(self) -> int:
        return len(self.animals)


@dataclass(frozen=True, eq=False)
class Assignment(SampleValues):
    """Populations and units that animals are assigned to.

    Attributes
    ----------
    populations : tuple of str, length P
    units : tuple of str, length U
        Empty where the reference has none.
    prior : numpy.ndarray of float64, shape (P,)
    prior_name : str
        "populations", "units", "animals" or "given".
    posterior : numpy.ndarray of float64, shape (n, P)
    unit_posterior : numpy.ndarray of float64, shape (n, U)
        Sum of the posterior over the populations of each unit.
    """

    populations: tuple[str, ...]
    units: tuple[str, ...]
    prior: np.ndarray
    prior_name: str
    posterior: np.ndarray
    unit_posterior: np.ndarray

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


def prior_of(baseline: Baseline, prior: str | Mapping[str, float]) -> tuple[np.ndarray, str]:
    """Return the prior probability of each population and the name of the prior.

    Parameters
    ----------
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
                _("a prior by reporting units was requested, but the reference has no units")
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
        **vars(values),
        populations=baseline.populations,
        units=baseline.unit_names,
        prior=weights,
        prior_name=name,
        posterior=posterior,
        unit_posterior=posterior @ baseline.membership,
    )


def values_of(
    samples: Genotypes,
    baseline: Baseline,
    *,
    own: np.ndarray | None = None,
) -> SampleValues:
    """Return the log-likelihood of each animal in each population, and what must be known of it.

    Parameters
    ----------
    own : numpy.ndarray of intp, shape (n,), optional
        See `forensics.origin.assignment.log_likelihoods`.

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
