"""What alleles say of a place: frequencies smoothed or kriged over the reference sites, and a regression.

**Kernels.** At a place x the frequency of allele a is that of weighted copies, as Rannala and Mountain have it
for one population::

    p_a(x) = (sum_s k(d_xs) c_sa + g_a) / (sum_s k(d_xs) c_s + 1),   k(d) = exp(-d / width)

with d the great-circle distance and g the one copy that the prior counts for, shared equally by the alleles of the
locus. Nothing is pulled to the mean of the reference: far from all sites every allele is equally likely, so that a
common allele speaks against such a place. A site of n copies weighs ``c_s = n / (1 + n / 50)``: what a site's own
drift adds does not shrink with more animals of it. The log-likelihood of a genotype at a place is the sum of the logs
over its copies, a product of matrices: doses of alleles by logs of frequencies.

**Kriging** is around the base frequencies g, by the concentration A of a locus, the maximum of the
Dirichlet-multinomial likelihood of the sites' counts (``A = 1 / FST - 1``).

**Fewer cells.** Frequencies vary smoothly, so that their logarithms at p cells are combinations of those at far fewer
(an interpolative decomposition). The cells and the weights are learnt from a sample of the alleles, are
tried on others, and are used only where both are near enough; then time and memory fall by p over the
number of cells that are left. A log-likelihood is a sum over alleles, so the same weights hold for it.

**Regression.** Places are points in three dimensions, so that no longitude is an edge. Each site's animals weigh less
the more they are, as they share their place (`site_weights`). A locus that was not typed counts as the
mean of the reference (ridge regression).

References
----------
Cheng, Gimbutas, Martinsson & Rokhlin 2005, SIAM Journal on Scientific Computing 26:1389,
doi:10.1137/030602678 (interpolative decomposition).
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from forensics.core.stored import stored
from forensics.genetics.genotypes import MISSING, Genotypes
from forensics.learning.arrays import array, model_part
from forensics.origin.assignment import fit_concentrations
from forensics.origin.geography import EARTH_RADIUS_KM

# Copies of a locus that the prior of the smoothed frequencies counts for (Rannala & Mountain 1997). 0.1, 1, 3 and 10 were
# tried on `benchmarks/simulated_elephants.py`, seeds 1 to 3: 1 had the least error.
PRIOR_COPIES = 1.0
# The base frequencies add this many sites of equal frequencies (Jeffreys' half a count, of a
# site): an allele that was not seen at any site keeps a probability.
BASE_SITES = 0.5
# The least mean frequency at a place, as a share of the base frequency. A linear prediction can
# be below 0 beside a site where the allele is common; a frequency cannot.
MIN_FREQUENCY = 0.02

# Copies beyond which a site says little more: 1 / FST of a site's own drift, at a drift of 0.02.
SATURATION = 50.0
# Share of the variance between sites that is of one site alone, in kriging.
NUGGET = 0.4
# Bounds of the concentrations: FST from 0.5 down to 0.002.
CONCENTRATIONS = (1.0, 500.0)
# Numbers held at once for the frequencies of a block of places.
_SMOOTHED_BLOCK = 8_000_000
# Numbers of a table up to which they are of double precision.
_DOUBLE = 4_000_000


def locus_of(offsets: np.ndarray) -> np.ndarray:
    """Return the locus of each column; intp, shape (A,)."""
    return np.repeat(np.arange(len(offsets) - 1), np.diff(offsets))


@dataclass(frozen=True, eq=False)
class Doses:
    """Genotypes as counts of alleles.

    Attributes
    ----------
    offsets : numpy.ndarray of intp, shape (L + 1,)
        Columns of each locus. The last column of a locus is for all alleles never seen.
    alleles : numpy.ndarray of float, shape (n, A)
        Copies of each allele. A genotype of which one of two copies was not typed is left out.
    typed : numpy.ndarray of float, shape (n, L)
        Copies that were typed. Single precision where the table is large, see `doses_of`.
    """

    offsets: np.ndarray
    alleles: np.ndarray
    typed: np.ndarray

    def take(self, rows: np.ndarray) -> "Doses":
        """Return some animals."""
        return Doses(self.offsets, self.alleles[rows], self.typed[rows])

    @property
    def locus_of(self) -> np.ndarray:
        """Locus of each column; intp, shape (A,)."""
        return locus_of(self.offsets)

    @property
    def typed_share(self) -> np.ndarray:
        """Share of the loci that each animal was typed at; float, shape (n,)."""
        return np.asarray((self.typed > 0).mean(axis=1))


def doses_of(genotypes: Genotypes, sizes: np.ndarray) -> Doses:
    """Return genotypes as counts of alleles.

    Parameters
    ----------
    genotypes : Genotypes
        Coded as the reference is (`Genotypes.coded_as`).
    sizes : numpy.ndarray of int, shape (L,)
        Alleles that the reference knows at each locus; a code from there on is one never seen.

    Returns
    -------
    Doses
        Of double precision; of single precision where more than 4 million numbers make memory and
        time matter more than the seventh digit.
    """
    sizes = np.asarray(sizes)
    offsets = np.concatenate(([0], np.cumsum(sizes + 1))).astype(np.intp)
    dtype = np.float64 if len(genotypes) * offsets[-1] <= _DOUBLE else np.float32
    alleles = np.zeros((len(genotypes), offsets[-1]), dtype=dtype)
    complete = (genotypes.codes != MISSING).all(axis=2)
    every = np.arange(len(genotypes))
    for locus in range(len(sizes)):
        for copy in range(2):
            codes = genotypes.codes[:, locus, copy]
            rows = every[(codes >= 0) & complete[:, locus]]
            alleles[rows, offsets[locus] + np.minimum(codes[rows], sizes[locus])] += 1.0
    return Doses(offsets, alleles, np.add.reduceat(alleles, offsets[:-1], axis=1))


@dataclass(frozen=True, eq=False)
class SiteCounts:
    """What the sites know of the frequencies.

    Attributes
    ----------
    offsets : numpy.ndarray of intp, shape (L + 1,)
    counts : numpy.ndarray of float64, shape (S, A)
        Copies of each allele at each site.
    weighted : numpy.ndarray of float, shape (S, A)
        The same, with the weight of a site's copies saturated.
    totals : numpy.ndarray of float, shape (S, L)
        Sums of `weighted` over the alleles of a locus.
    typed : numpy.ndarray of float64, shape (S, L)
        Sums of `counts`.
    concentrations : numpy.ndarray of float64, shape (L,)
        Copies that the base frequencies count for, in kriging.
    """

    offsets: np.ndarray
    counts: np.ndarray
    weighted: np.ndarray
    totals: np.ndarray
    typed: np.ndarray
    concentrations: np.ndarray

    @property
    def prior(self) -> np.ndarray:
        """Copies of each allele that the prior of smoothed frequencies counts for; float64, shape (A,)."""
        sizes = np.diff(self.offsets)
        return np.repeat(PRIOR_COPIES / sizes, sizes)

    @cached_property
    def base(self) -> np.ndarray:
        """Base frequency of each allele; float64, shape (A,)."""
        return base_frequencies(self.counts, self.offsets)

    @cached_property
    def differences(self) -> np.ndarray:
        """Frequencies at the sites less the base, 0 where not typed; float64, shape (S, A)."""
        loci = locus_of(self.offsets)
        differs = self.counts / np.maximum(self.typed, 1.0)[:, loci] - self.base
        differs[(self.typed == 0)[:, loci]] = 0.0
        return np.asarray(differs)

    def copies_at(
        self, kernel: np.ndarray, columns: slice | np.ndarray = slice(None)
    ) -> np.ndarray:
        """Return the copies of alleles that count at places, with those of the prior; float, shape (p, A).

        Parameters
        ----------
        kernel : numpy.ndarray of float, shape (p, S)
            Weight of each site.
        columns : slice, or numpy.ndarray of intp
            Of the alleles.
        """
        copies = kernel @ self.weighted[:, columns]
        copies += self.prior[columns].astype(copies.dtype)
        return np.asarray(copies)

    def without(self, left_out: np.ndarray) -> "SiteCounts":
        """Return the sites that are not left out; `left_out` is bool, shape (S,)."""
        kept = ~left_out
        return SiteCounts(
            self.offsets,
            self.counts[kept],
            self.weighted[kept],
            self.totals[kept],
            self.typed[kept],
            self.concentrations,
        )


def count_sites(
    counts: np.ndarray,
    offsets: np.ndarray,
    dtype: Any,
    concentrations: np.ndarray | None = None,
) -> SiteCounts:
    """Return what sites know, from the copies of each allele, shape (S, A).

    The concentrations of the loci are fitted where none are given. `dtype` is that of the doses.
    """
    totals = np.add.reduceat(counts, offsets[:-1], axis=1)
    if concentrations is None:
        fitted = fit_concentrations(counts, totals, offsets[:-1], np.diff(offsets))
        concentrations = np.clip(fitted, *CONCENTRATIONS)
    weight = 1.0 / (1.0 + totals / SATURATION)
    return SiteCounts(
        offsets,
        counts,
        (counts * weight[:, locus_of(offsets)]).astype(dtype),
        (totals * weight).astype(dtype),
        totals,
        np.asarray(concentrations, dtype=np.float64),
    )


def smoothed_logs(
    sites: SiteCounts, doses: Doses, distances: np.ndarray, widths_km: np.ndarray
) -> np.ndarray:
    """Return log-likelihoods of animals at places, by frequencies smoothed at several widths.

    Parameters
    ----------
    doses : Doses
        n animals.
    distances : numpy.ndarray of float64, shape (p, S)
        km from the places to the sites.
    widths_km : numpy.ndarray of float64, shape (K,)

    Returns
    -------
    numpy.ndarray of the dtype of the doses, shape (K, n, p)

    References
    ----------
    Rannala & Mountain 1997, PNAS 94:9197 (one population); Wasser et al. 2004, PNAS 101:14847
    (smooth frequencies over a map).
    """
    dtype, columns = doses.alleles.dtype, _columns_of(doses)
    alleles = doses.alleles[:, columns]
    result = np.empty((len(widths_km), len(doses.alleles), len(distances)), dtype=dtype)
    step = max(1, _SMOOTHED_BLOCK // max(1, alleles.shape[1]))
    for start in range(0, len(distances), step):
        block = distances[start : start + step]
        for number, width in enumerate(widths_km):
            kernel = np.exp(-block / width).astype(dtype)
            logs = sites.copies_at(kernel, columns)
            np.log(logs, out=logs)
            totals = kernel @ sites.totals
            totals += dtype.type(PRIOR_COPIES)
            np.log(totals, out=totals)
            result[number, :, start : start + step] = alleles @ logs.T - doses.typed @ totals.T
    return result


def _columns_of(doses: Doses) -> slice | np.ndarray:
    """Return the columns with information on these animals.

    In single precision those of which an animal has a copy: the others are multiplied by 0. In double
    precision all: sums keep the order that they always had.
    """
    if doses.alleles.dtype == np.float64:
        return slice(None)
    return np.flatnonzero(doses.alleles.any(axis=0))


def _sum_loci(table: np.ndarray, offsets: np.ndarray) -> np.ndarray:
    """Return sums over the columns of each locus; float, shape (p, L)."""
    numbers = np.diff(offsets)
    if table.dtype == np.float64 or numbers.max() != numbers.min():
        return np.add.reduceat(table, offsets[:-1], axis=1)
    # Loci of as many columns, such as SNP: whole columns are added, four times as fast.
    result = table[:, 0 :: numbers[0]].copy()
    for place in range(1, numbers[0]):
        result += table[:, place :: numbers[0]]
    return result


def kriged_logs(
    sites: SiteCounts,
    doses: Doses,
    distances: np.ndarray,
    apart: np.ndarray,
    widths_km: np.ndarray,
) -> np.ndarray:
    """Return log-likelihoods of animals at places, by frequencies kriged at several widths.

    Simple kriging around the base frequencies, with ``F = 1 / (A + 1)`` of the median concentration
    A, a share `NUGGET` of it of one site alone, and one matrix for all loci by the mean copies of a
    site. Sites that stand close together share their weight, which no kernel knows. Frequencies below
    a fiftieth of the base are cut off there.

    Parameters
    ----------
    sites, doses, distances, widths_km
        As for `smoothed_logs`.
    apart : numpy.ndarray of float64, shape (S, S)
        km between the sites.

    Returns
    -------
    numpy.ndarray of the dtype of the doses, shape (K, n, p)

    References
    ----------
    Cressie 1993, Statistics for Spatial Data, section 3.4.
    """
    dtype, columns = doses.alleles.dtype, _columns_of(doses)
    alleles, base = doses.alleles[:, columns], sites.base
    differs = sites.differences.astype(dtype)
    variance = 1.0 / (float(np.median(sites.concentrations)) + 1.0)
    smooth, local = variance * (1 - NUGGET), variance * NUGGET
    noise = (1 - variance) / np.maximum(sites.typed.mean(axis=1), 0.5)
    result = np.empty((len(widths_km), len(doses.alleles), len(distances)), dtype=dtype)
    step = max(1, _SMOOTHED_BLOCK // max(1, sites.counts.shape[1]))
    floor, base = (MIN_FREQUENCY * base).astype(dtype), base.astype(dtype)
    for number, width in enumerate(widths_km):
        common = smooth * np.exp(-apart / width) + np.diag(local + noise)
        weights = (smooth * np.exp(-distances / width)) @ np.linalg.inv(common)
        for start in range(0, len(distances), step):
            logs = weights[start : start + step].astype(dtype) @ differs
            logs += base
            np.maximum(logs, floor, out=logs)
            totals, logs = _sum_loci(logs, sites.offsets), logs[:, columns]
            result[number, :, start : start + step] = (
                alleles @ np.log(logs, out=logs).T - doses.typed @ np.log(totals, out=totals).T
            )
    return result


def logs_without_animal(
    sites: SiteCounts, doses: Doses, animal: int, site: int, kernels: np.ndarray
) -> np.ndarray:
    """Return log-likelihoods of an animal of the reference by frequencies without itself.

    The same as `smoothed_logs` with the animal's copies taken out, for its own alleles alone.

    Parameters
    ----------
    animal : int
        Row in `doses`.
    site : int
        The animal's site.
    kernels : numpy.ndarray of float, shape (K, p, S)
        ``exp(-distance / width)``.

    Returns
    -------
    numpy.ndarray of the dtype of the doses, shape (K, p)
    """
    dtype = doses.alleles.dtype
    columns = np.flatnonzero(doses.alleles[animal])
    own = doses.alleles[animal, columns]
    loci, locus = np.unique(doses.locus_of[columns], return_inverse=True)
    typed = doses.typed[animal, loci]
    totals = sites.typed[:, loci]
    counts = sites.counts[:, columns]
    counts[site] -= own
    totals[site] -= typed
    weight = 1.0 / (1.0 + totals / SATURATION)
    weighted = (counts * weight[:, locus]).astype(dtype)
    logs = np.log(kernels @ weighted + sites.prior[columns].astype(dtype)) @ own
    sums = kernels @ (totals * weight).astype(dtype) + dtype.type(PRIOR_COPIES)
    return np.asarray(logs - np.log(sums) @ typed)


def base_frequencies(counts: np.ndarray, offsets: np.ndarray) -> np.ndarray:
    """Return the mean of the sites' frequencies, each site counted once; float64, shape (A,)."""
    loci = locus_of(offsets)
    totals = np.add.reduceat(counts, offsets[:-1], axis=1)
    frequencies = counts / np.maximum(totals, 1.0)[:, loci]
    sites = (totals > 0).sum(axis=0)
    flat = BASE_SITES / np.diff(offsets)
    return np.asarray((frequencies.sum(axis=0) + flat[loci]) / (sites + BASE_SITES)[loci])


# Alleles that the weights are learnt from, and alleles that they are tried on.
_LEARNT, _TRIED = 600, 200
# Size, relative to the greatest, below which what a further cell adds is left out.
_TOLERANCE = 1e-3
# Greatest root mean square error of a log frequency, nats: over 10,000 alleles some 0.5 in all.
_MAX_ERROR = 5e-3
_SEED = 1


@dataclass(frozen=True, eq=False)
class CellInterpolation:
    """Cells at which log-likelihoods are computed, and how the others follow from them.

    Attributes
    ----------
    cells : numpy.ndarray of intp, shape (r,)
        Places among all p cells.
    weights : numpy.ndarray of float32, shape (p, r)
        Each row sums to 1.
    """

    cells: np.ndarray
    weights: np.ndarray

    def spread(self, logs: np.ndarray) -> np.ndarray:
        """Return log-likelihoods at all cells, shape (..., p), from those at `cells`, (..., r)."""
        # Relative to the first, so that the size of a likelihood costs no digits.
        first = logs[..., :1]
        return np.asarray(first + (logs - first) @ self.weights.T)


def learn_interpolation(
    compute: Callable[[Doses], np.ndarray], offsets: np.ndarray, dtype: np.dtype
) -> CellInterpolation | None:
    """Return which cells stand for all; None where too many are needed, or they do not do.

    Parameters
    ----------
    compute : callable
        Gives the log-likelihoods, shape (m, p), of m animals.
    offsets : numpy.ndarray of intp, shape (L + 1,)
        Columns of each locus.
    dtype : dtype
        Of the doses.
    """
    from scipy.linalg import qr, solve_triangular

    # Alleles that were seen: the last column of a locus is for those never seen.
    columns = np.setdiff1d(np.arange(offsets[-1]), offsets[1:] - 1)
    if len(columns) < _LEARNT + _TRIED:
        return None
    chosen = np.random.default_rng(_SEED).choice(columns, _LEARNT + _TRIED, replace=False)
    alleles = np.zeros((len(chosen), offsets[-1]), dtype=dtype)
    typed = np.zeros((len(chosen), len(offsets) - 1), dtype=dtype)
    every = np.arange(len(chosen))
    alleles[every, chosen] = 1.0
    typed[every, np.searchsorted(offsets, chosen, side="right") - 1] = 1.0
    logs = compute(Doses(offsets, alleles, typed)).astype(np.float64)
    learnt, tried = logs[:_LEARNT], logs[_LEARNT:]
    centre = int(np.abs(learnt - learnt.mean(axis=1, keepdims=True)).sum(axis=0).argmin())
    factor, pivots = qr(
        learnt - learnt[:, [centre]], mode="r", pivoting=True, check_finite=False
    )  # fmt: skip
    sizes = np.abs(np.diag(factor))
    rank = int((sizes > _TOLERANCE * sizes[0]).sum())
    cells = np.concatenate([[centre], pivots[:rank]])
    if not rank or 2 * len(cells) > logs.shape[1]:
        return None
    weights = np.empty((logs.shape[1], rank))
    weights[pivots] = solve_triangular(factor[:rank, :rank], factor[:rank]).T
    weights = np.column_stack([1.0 - weights.sum(axis=1), weights]).astype(np.float32)
    interpolation = CellInterpolation(cells.astype(np.intp), weights)
    errors = interpolation.spread(tried[:, cells]) - tried
    return interpolation if np.sqrt((errors**2).mean()) <= _MAX_ERROR else None


# Penalties that are tried, as shares of the mean squared length of a genotype.
PENALTIES = (0.03, 0.1, 0.3, 1.0, 3.0)
# Correlation of animals of one site, for their weights: the design effect is 1 + (n - 1) x this.
SITE_CORRELATION = 0.1
# The intercept is a column so long that its penalty does not matter.
_INTERCEPT = 30.0
# Rows of a matrix up to which it is inverted by its LU factors.
_SMALL = 1500


@model_part
class PlaceRidge:
    """A regression of places, in Earth radii, on doses of alleles."""

    means: np.ndarray = array(
        "A", key="ridge_means"
    )  # dose of each allele where its locus was typed
    slopes: np.ndarray = array("A, 3", key="ridge_slopes")
    intercept: np.ndarray = array("3", key="ridge_intercept")
    # Error of a coordinate on left-out sites; and where the mean place of the reference is named.
    sd_km: float = field(metadata=stored("ridge_sd_km"))
    spread_km: float = field(metadata=stored("ridge_spread_km"))
    penalty: float = field(metadata=stored("ridge_penalty"))  # of `PENALTIES`

    def is_sound(self) -> bool:
        """Return whether the errors are possible, as they may not be in a model that was damaged."""
        return 0 < self.sd_km <= self.spread_km < np.inf

    def predict(self, doses: Doses) -> np.ndarray:
        """Return places as vectors in Earth radii; float64, shape (n, 3)."""
        return np.asarray(_centred(doses, self.means) @ self.slopes + self.intercept)


def site_weights(site_of: np.ndarray) -> np.ndarray:
    """Return the weight of each animal, 1 / design effect of its site; float64, shape (n,).

    References
    ----------
    Kish 1965, Survey Sampling, section 5.4.
    """
    sizes = np.bincount(site_of)[site_of]
    return np.asarray(1.0 / (1.0 + (sizes - 1) * SITE_CORRELATION))


def _means_of(doses: Doses, weights: np.ndarray) -> np.ndarray:
    """Return the weighted mean dose of each allele where its locus was typed."""
    weights = weights.astype(doses.alleles.dtype)
    typed = weights @ (doses.typed > 0)
    return np.asarray((weights @ doses.alleles) / np.maximum(typed, 1e-9)[doses.locus_of])


def _centred(doses: Doses, means: np.ndarray) -> np.ndarray:
    """Return doses less their means; 0 where a locus was not typed; float, shape (n, A)."""
    result = doses.alleles - means.astype(doses.alleles.dtype)
    untyped = doses.typed == 0
    if untyped.any():
        result[untyped[:, doses.locus_of]] = 0.0
    return np.asarray(result)


def _design(doses: Doses, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray, float]:
    """Return the weighted design with its intercept, the means, and the mean squared length."""
    means = _means_of(doses, weights)
    table = _centred(doses, means)
    scale = float((table**2).sum(axis=1).mean()) or 1.0
    column = np.full((len(table), 1), _INTERCEPT * np.sqrt(scale), dtype=table.dtype)
    root = np.sqrt(weights).astype(table.dtype)[:, None]
    return np.hstack([table, column]) * root, means, scale


def fit_ridge(
    doses: Doses,
    places: np.ndarray,
    weights: np.ndarray,
    penalty: float,
    sd_km: float,
    spread_km: float,
) -> PlaceRidge:
    """Return the regression of places, unit vectors of shape (n, 3), with a penalty."""
    design, means, scale = _design(doses, weights)
    target = (places * np.sqrt(weights)[:, None]).astype(design.dtype)
    size = design.shape[1]
    if size <= len(design):
        matrix = design.T @ design + penalty * scale * np.eye(size, dtype=design.dtype)
        slopes = np.linalg.solve(matrix.astype(np.float64), (design.T @ target).astype(np.float64))
    else:
        matrix = design @ design.T + penalty * scale * np.eye(len(design), dtype=design.dtype)
        slopes = design.T @ np.linalg.solve(matrix, target)
    return PlaceRidge(
        means.astype(np.float64),
        slopes[:-1].astype(np.float64),
        (slopes[-1] * _INTERCEPT * np.sqrt(scale)).astype(np.float64),
        sd_km,
        spread_km,
        penalty,
    )


def left_out_places(
    doses: Doses,
    places: np.ndarray,
    weights: np.ndarray,
    groups: np.ndarray,
    penalties: tuple[float, ...] = PENALTIES,
) -> list[np.ndarray]:
    """Return the places of animals by regressions without their group, for each penalty.

    Parameters
    ----------
    doses : Doses
        n animals.
    places : numpy.ndarray of float64, shape (n, 3)
        Unit vectors.
    weights : numpy.ndarray of float64, shape (n,)
    groups : numpy.ndarray of int, shape (n,)
        Animals of one group are left out together.

    Returns
    -------
    list of numpy.ndarray of float64, shape (n, 3)
        Earth radii.

    Notes
    -----
    No regression is fitted anew: with the hat matrix H the residuals of a group without itself are
    ``(I - H_gg)^-1`` times those with it. Only the means that stand for untyped loci are of all
    animals.
    """
    design, _means, scale = _design(doses, weights)
    root = np.sqrt(weights)[:, None]
    target = places * root
    members = [np.flatnonzero(groups == group) for group in np.unique(groups)]
    results = []
    few_columns = design.shape[1] <= len(design)
    product = design.T @ design if few_columns else design @ design.T
    for penalty in penalties:
        ridge = penalty * scale
        matrix = product + ridge * np.eye(len(product), dtype=design.dtype)
        result = np.empty_like(places)
        if few_columns:
            inverse = _invert(matrix.astype(np.float64))
            half = design @ inverse
            errors = target - half @ (design.T @ target)
        else:
            inverse = _invert(matrix)
            errors = ridge * (inverse @ target)
        for rows in members:
            if few_columns:
                block = np.eye(len(rows)) - half[rows] @ design[rows].T
            else:
                block = ridge * inverse[np.ix_(rows, rows)].astype(np.float64)
            result[rows] = places[rows] - np.linalg.solve(block, errors[rows]) / root[rows]
        results.append(result)
    return results


def _invert(matrix: np.ndarray) -> np.ndarray:
    """Return the inverse of a symmetric, positive definite matrix.

    A large one by its Cholesky factor, which takes half of the time; a small one as it always was.
    """
    if len(matrix) <= _SMALL:
        return np.linalg.inv(matrix)
    from scipy.linalg.lapack import get_lapack_funcs

    factorise, invert = get_lapack_funcs(("potrf", "potri"), (matrix,))
    factor, failed = factorise(matrix, lower=False, clean=False)
    if failed:
        return np.linalg.inv(matrix)
    inverse, _failed = invert(factor, lower=False, overwrite_c=True)
    upper = np.triu(inverse)
    return np.asarray(upper + np.triu(inverse, 1).T)


def error_km(predicted: np.ndarray, places: np.ndarray, weights: np.ndarray) -> tuple[float, float]:
    """Return the weighted mean error and the sd of a coordinate, km, of vectors in Earth radii."""
    away = np.sqrt(((predicted - places) ** 2).sum(axis=1)) * EARTH_RADIUS_KM
    share = weights / weights.sum()
    return float(share @ away), float(np.sqrt((share @ away**2) / 2))
