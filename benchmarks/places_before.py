"""The method before: a kriged field of frequencies, tuned on a grid of settings, as the package had it.

It is kept for `benchmarks/places.py` alone, as it stood, to be compared with what the package has now. The
grid reaches a quarter of the extent beyond the sites and has no range.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from forensics.genetics.genotypes import Genotypes
from forensics.origin.fields import AlleleCopies, FrequencyField, copies_of, log_likelihood
from forensics.origin.geography import LEVELS, Grid, Surface, make_grid, surface_from_log
from forensics.origin.globe import great_circle, spherical_mean
from forensics.origin.sites import coordinates_of, sites_of
from forensics.origin.spatial import sampling_density
from forensics.origin.spatial_evaluation import Placement, SpatialEvaluation

TUNING_CELLS, EVALUATION_CELLS, OUTER_FOLDS = 25, 50, 5
SCHEMES = ("site",)

# The values tried. Widths are shares of the greatest distance between two sites.
WIDTHS = (0.03, 0.08, 0.2, 0.5, 1.2)
VARIANCES = (0.03, 0.1, 0.25, 0.5)
NUGGETS = (0.1, 0.3, 0.6, 0.85)
TEMPERS = (0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.7, 0.85, 1.0)
STRAYS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5)
SHARED = (0.0, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 1.0)
# Where the search begins.
START = (0.2, 0.1, 0.6)
# Groups of sites left out together while the field is chosen. With fewer sites each is a group.
FOLDS = 10
# A region of this level must hold so many of the left-out animals.
TARGET = 0.90


@dataclass(frozen=True)
class SpatialCalibration:
    """How the posterior was made true, and what that gave on left-out sites.

    Attributes
    ----------
    temper : float
        Power of the likelihood.
    stray : float
        Share of the posterior that is spread as the prior.
    score : float
        Mean log of posterior density over prior density at the true place, nats; each site
        counts once. Above 0 the model tells more than the prior.
    coverage : float
        Share of left-out animals that their 90 % region holds; each site counts once.
    shared : float
        How far animals of one place repeat each other (their common drift is told once), 0-1.
        The evidence of m animals of one place is their product to the power
        ``1 / (1 + (m - 1) shared)``, the design effect of clustered observations.
    joint_coverage : float
        Share of left-out sites that the 90 % region of all animals of the site holds.
    """

    temper: float
    stray: float
    score: float
    coverage: float
    shared: float
    joint_coverage: float


def left_out_logs(
    field: FrequencyField,
    copies: AlleleCopies,
    site_of: np.ndarray,
    groups: Sequence[np.ndarray],
    distances: np.ndarray,
) -> np.ndarray:
    """Return log-likelihoods of animals at places, by a field without their group of sites.

    Parameters
    ----------
    field : FrequencyField
    copies : AlleleCopies
        n animals.
    site_of : numpy.ndarray of int, shape (n,)
    groups : sequence of numpy.ndarray of int
        Sites that are left out together; each site is in one group.
    distances : numpy.ndarray of float64, shape (p, S)

    Returns
    -------
    numpy.ndarray of float64, shape (n, p)
    """
    apart = _site_distances(field)
    result = np.empty((len(site_of), len(distances)))
    for group in groups:
        others = np.setdiff1d(np.arange(len(field.counts)), group)
        rows = np.flatnonzero(np.isin(site_of, group))
        part = replace(
            field,
            counts=field.counts[others],
            latitudes=field.latitudes[others],
            longitudes=field.longitudes[others],
        )
        result[rows] = log_likelihood(
            part, copies.take(rows), distances[:, others], apart[np.ix_(others, others)]
        )
    return result


def _site_distances(field: FrequencyField) -> np.ndarray:
    """Return km between the sites, shape (S, S)."""
    return great_circle(
        field.latitudes[:, None], field.longitudes[:, None], field.latitudes, field.longitudes
    )


def mixed_ranks(
    logs: np.ndarray, weights: np.ndarray, truth: np.ndarray, temper: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return what is needed to score a tempered posterior under every stray share.

    Parameters
    ----------
    logs : numpy.ndarray of float64, shape (n, p)
        Log-likelihoods.
    weights : numpy.ndarray of float64, shape (p,)
        Prior of the cells; sums to 1.
    truth : numpy.ndarray of intp, shape (n,)
        Cell of the true place.

    Returns
    -------
    gain : numpy.ndarray of float64, shape (n,)
        Tempered posterior over prior in the true cell.
    posterior_above, prior_above : numpy.ndarray of float64, shape (n,)
        Posterior and prior in cells of higher gain, half of the true cell's own included.

    Notes
    -----
    Mixed with the prior in a share e the gain is ``(1 - e) gain + e``: the order of the cells
    stays, so the rank is ``(1 - e) posterior_above + e prior_above``.
    """
    ratios = temper * logs
    ratios = np.exp(ratios - ratios.max(axis=1, keepdims=True))
    ratios /= (ratios @ weights)[:, None]
    rows = np.arange(len(ratios))
    gain = ratios[rows, truth]
    higher = ratios > gain[:, None] * (1 + 1e-9)
    posterior = np.where(higher, ratios, 0.0) @ weights + gain * weights[truth] / 2
    prior = higher @ weights + weights[truth] / 2
    return gain, posterior, prior


def calibrate(
    logs: np.ndarray, weights: np.ndarray, truth: np.ndarray, site_of: np.ndarray
) -> SpatialCalibration:
    """Return the temper and the stray share that make regions of left-out animals true.

    Of the pairs whose 90 % region holds at least 90 % of the left-out animals, each site counted
    once, the one of highest score; where none does, the one that holds the most. Then the
    least `Calibration.shared` with which the joint 90 % region of all animals of a left-out site
    holds the site 90 % of the time.

    Parameters
    ----------
    logs : numpy.ndarray of float64, shape (n, p)
        Log-likelihoods by fields without the animal's site.
    weights : numpy.ndarray of float64, shape (p,)
        Prior of the cells; sums to 1.
    truth : numpy.ndarray of intp, shape (n,)
        Cell of the true place.
    site_of : numpy.ndarray of int, shape (n,)

    References
    ----------
    Kish 1965, Survey Sampling, section 5.4 (the design effect).
    """
    share = 1.0 / np.bincount(site_of)[site_of]
    share /= share.sum()
    tried = []
    for temper in TEMPERS:
        gain, posterior, prior = mixed_ranks(logs, weights, truth, temper)
        for stray in STRAYS:
            score = float(share @ np.log((1 - stray) * gain + stray))
            is_covered = (1 - stray) * posterior + stray * prior < TARGET
            tried.append((score, float(share @ is_covered), temper, stray))
    enough = [trial for trial in tried if trial[1] >= TARGET]
    if enough:
        score, coverage, temper, stray = max(enough)
    else:
        score, coverage, temper, stray = max(tried, key=lambda trial: (trial[1], trial[0]))
    gains = log_gains(logs, weights, temper, stray)
    sites = np.unique(site_of)
    sums = np.array([gains[site_of == site].sum(axis=0) for site in sites])
    sizes = np.array([(site_of == site).sum() for site in sites])
    # The site's place is the cell in which most of its animals were taken.
    places = np.array([np.bincount(truth[site_of == site]).argmax() for site in sites])
    for shared in SHARED:
        scaled = sums / (1 + (sizes - 1) * shared)[:, None]
        _gain, posterior, _prior = mixed_ranks(scaled, weights, places, 1.0)
        joint = float((posterior < TARGET).mean())
        if joint >= TARGET:
            break
    return SpatialCalibration(temper, stray, score, coverage, shared, joint)


def log_gains(logs: np.ndarray, weights: np.ndarray, temper: float, stray: float) -> np.ndarray:
    """Return the log of calibrated posterior over prior, cell by cell; shape (n, p)."""
    ratios = temper * logs
    ratios = np.exp(ratios - ratios.max(axis=1, keepdims=True))
    return np.asarray(np.log((1 - stray) * ratios / (ratios @ weights)[:, None] + stray))


def tune(
    field: FrequencyField,
    copies: AlleleCopies,
    site_of: np.ndarray,
    grid: Grid,
    truth: np.ndarray,
    *,
    seed: int,
) -> tuple[FrequencyField, SpatialCalibration]:
    """Return the field with its width, variance and nugget chosen, and its calibration.

    One value after the other is chosen by the score on left-out groups of sites, beginning with
    the width and ending with it. The calibration is by leaving out one site at a time.

    Parameters
    ----------
    field : FrequencyField
        Its width, variance and nugget are not used.
    copies : AlleleCopies
        n animals.
    site_of : numpy.ndarray of int, shape (n,)
    grid : Grid
        Coarse: the cells among which an animal is placed.
    truth : numpy.ndarray of intp, shape (n,)
        Allowed cell in which each animal was taken.
    seed : int
        Of the division of the sites into groups.
    """
    sites = len(field.counts)
    order = np.random.default_rng(seed).permutation(sites)
    groups = [order[start::FOLDS] for start in range(min(FOLDS, sites))]
    distances = grid.distances(field.latitudes, field.longitudes)
    weights = grid.areas()[grid.inside]
    weights = weights / weights.sum()
    extent = float(_site_distances(field).max())
    scores: dict[tuple[float, ...], float] = {}

    def score(values: tuple[float, ...]) -> float:
        if values not in scores:
            width, variance, nugget = values
            candidate = replace(field, width_km=width * extent, variance=variance, nugget=nugget)
            logs = left_out_logs(candidate, copies, site_of, groups, distances)
            scores[values] = _best_score(logs, weights, truth, site_of)
        return scores[values]

    values: tuple[float, ...] = START
    for place, choices in ((0, WIDTHS), (1, VARIANCES), (2, NUGGETS), (0, WIDTHS)):
        tried = [values[:place] + (choice,) + values[place + 1 :] for choice in choices]
        values = max(tried, key=score)
    chosen = replace(field, width_km=values[0] * extent, variance=values[1], nugget=values[2])
    alone = [np.array([site]) for site in range(sites)]
    logs = left_out_logs(chosen, copies, site_of, alone, distances)
    return chosen, calibrate(logs, weights, truth, site_of)


def _best_score(
    logs: np.ndarray, weights: np.ndarray, truth: np.ndarray, site_of: np.ndarray
) -> float:
    """Return the highest mean log gain over tempers and stray shares."""
    share = 1.0 / np.bincount(site_of)[site_of]
    share /= share.sum()
    best = -np.inf
    rows = np.arange(len(logs))
    for temper in TEMPERS:
        tempered = temper * logs
        top = tempered.max(axis=1)
        gain = np.exp(tempered[rows, truth] - top) / (np.exp(tempered - top[:, None]) @ weights)
        best = max(best, *(float(share @ np.log((1 - stray) * gain + stray)) for stray in STRAYS))
    return best


def evaluate_spatial(
    genotypes: Genotypes,
    *,
    seed: int,
    sites: Sequence[str] | None = None,
    schemes: Sequence[str] = SCHEMES,
    cells: int = EVALUATION_CELLS,
    margin_km: float | None = None,
    land: bool = True,
) -> dict[str, SpatialEvaluation]:
    """Return the figures of the method before, by scheme."""
    places = coordinates_of(genotypes)
    names = sites_of(genotypes) if sites is None else tuple(sites)
    site_names = tuple(sorted(set(names)))
    number = {name: place for place, name in enumerate(site_names)}
    site_of = np.array([number[name] for name in names])
    centres = np.array(
        [
            spherical_mean(places[0][site_of == site], places[1][site_of == site])
            for site in range(len(site_names))
        ]
    )
    sizes = np.array([len(alleles) for alleles in genotypes.alleles])
    copies, doses = copies_of(genotypes, sizes)
    counts = np.zeros((len(site_names), doses.shape[1]))
    np.add.at(counts, site_of, doses)
    offsets = np.concatenate(([0], np.cumsum(sizes + 1))).astype(np.intp)
    field = FrequencyField(offsets, counts, centres[:, 0], centres[:, 1], 1.0, 0.1, 0.5)
    grid = make_grid(*places, cells=cells, margin_km=margin_km, land=land)
    coarse = make_grid(*places, cells=TUNING_CELLS, margin_km=margin_km, land=land)
    order = np.cumsum(coarse.inside.ravel()).reshape(coarse.inside.shape) - 1
    truth = order[coarse.cell_of(*places)]

    apart = great_circle(centres[:, :1], centres[:, 1:], centres[:, 0], centres[:, 1])
    distances = grid.distances(centres[:, 0], centres[:, 1])
    prior = grid.areas()[grid.inside]
    prior = prior / prior.sum()
    animals_of = np.bincount(site_of)
    placements: dict[str, dict[int, Placement]] = {scheme: {} for scheme in schemes}
    mixed = np.random.default_rng(seed).permutation(len(site_names))
    for start in range(min(OUTER_FOLDS, len(site_names))):
        group = mixed[start::OUTER_FOLDS]
        others = np.setdiff1d(np.arange(len(site_names)), group)
        rows = np.flatnonzero(np.isin(site_of, others))
        tuned, calibration = tune(
            _leave_out(field, others, None),
            copies.take(rows),
            np.searchsorted(others, site_of[rows]),
            coarse,
            truth[rows],
            seed=seed,
        )
        chosen = replace(
            field,
            width_km=tuned.width_km,
            variance=tuned.variance,
            nugget=tuned.nugget,
        )
        for site in group:
            animals = np.flatnonzero(site_of == site)
            for scheme in schemes:
                logs = _left_out_logs(
                    chosen, copies, doses, animals, int(site), scheme, distances, apart
                )
                other = np.arange(len(site_names)) != site if scheme == "site" else animals_of > 0
                density = prior * sampling_density(
                    distances[:, other], animals_of[other], chosen.width_km
                )
                surfaces = _surfaces(grid, logs, prior, calibration)
                seconds = _surfaces(grid, logs, density / density.sum(), calibration)
                for animal, surface, second in zip(animals, surfaces, seconds):
                    placements[scheme][int(animal)] = _make_placement(
                        surface, second, genotypes, int(animal), site_names[site]
                    )
    return {
        scheme: SpatialEvaluation(
            scheme,
            tuple(placement for _row, placement in sorted(placements[scheme].items())),
            (float("nan"), float("nan")),
            grid.cell_km(),
            (),
        )
        for scheme in schemes
    }


def _leave_out(
    field: FrequencyField, kept: np.ndarray, counts: np.ndarray | None
) -> FrequencyField:
    """Return a field of some sites."""
    return replace(
        field,
        counts=(field.counts if counts is None else counts)[kept],
        latitudes=field.latitudes[kept],
        longitudes=field.longitudes[kept],
    )


def _left_out_logs(
    field: FrequencyField,
    copies: AlleleCopies,
    doses: np.ndarray,
    animals: np.ndarray,
    site: int,
    scheme: str,
    distances: np.ndarray,
    apart: np.ndarray,
) -> np.ndarray:
    """Return log-likelihoods of the animals of a site, without the site or without each."""
    every = np.arange(len(field.counts))
    if scheme == "site":
        kept = every[every != site]
        part = _leave_out(field, kept, None)
        return log_likelihood(
            part, copies.take(animals), distances[:, kept], apart[np.ix_(kept, kept)]
        )
    logs = []
    for animal in animals:
        counts = field.counts.copy()
        counts[site] -= doses[animal]
        part = replace(field, counts=counts)
        logs.append(log_likelihood(part, copies.take(np.array([animal])), distances, apart)[0])
    return np.array(logs)


def _surfaces(
    grid: Grid, logs: np.ndarray, prior: np.ndarray, calibration: SpatialCalibration
) -> list[Surface]:
    """Return calibrated posteriors."""
    gains = log_gains(logs, prior, calibration.temper, calibration.stray)
    return [surface_from_log(grid, row + np.log(prior)) for row in gains]


def _make_placement(
    surface: Surface, second: Surface, genotypes: Genotypes, animal: int, site: str
) -> Placement:
    """Return how a posterior compares with where the animal was."""
    latitudes, longitudes = coordinates_of(genotypes)
    truth = float(latitudes[animal]), float(longitudes[animal])
    return Placement(
        genotypes.animals[animal],
        site,
        float(great_circle(*truth, *surface.median())),
        float(great_circle(*truth, *second.median())),
        float(great_circle(*truth, *surface.mode())),
        surface.rank(*truth),
        tuple(surface.holds(level, *truth) for level in LEVELS),
    )
