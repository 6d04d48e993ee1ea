"""Makes the posterior of reporting regions true: on animals whose whole site was left out.

A model keeps, of each reference animal, the posterior over the map by a model without its site. For any
set of regions these posteriors are summed by region and compared with the region of the animal's own
site. As with the map itself (`forensics.origin.tuning`), a power of the evidence and a share for anywhere
are chosen, so that sets of regions hold the truth as often as they say.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from forensics.errors import LibraryError, UsageError
from forensics.messages import _
from forensics.origin.areas import RegionSet, Sites
from forensics.origin.geography import Grid, Surface
from forensics.origin.region_results import MeasuredRegions
from forensics.stats.choice import greatest, smallest_set
from forensics.stats.intervals import clustered_rate

__all__ = [
    "LeftOutCollector",
    "LeftOutPosteriors",
    "RegionCalibration",
    "calibrate_regions",
    "evaluate_regions",
]

# The values tried. A power above 1 where the map is too wide for the regions.
TEMPERS = (0.3, 0.4, 0.5, 0.6, 0.7, 0.85, 1.0, 1.2, 1.5, 2.0)
STRAYS = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2)
# Confidence at which sets of regions must hold the truth, and single regions be right, as often.
TARGET = 0.90
# Confidences of which figures are given.
CONFIDENCES = (0.8, 0.9, 0.95)
# Groups of sites that are left out of the calibration in turn, for the figures.
FOLDS = 5
# Animals whose posteriors a model keeps; of more, some of every site.
MAX_ANIMALS = 2_000
_LEVELS = 255  # a posterior is kept as the square of so many steps


@dataclass(frozen=True, eq=False)
class LeftOutPosteriors:
    """Posteriors of reference animals, each by a model without the animal's site.

    Attributes
    ----------
    grid : Grid
    site_of : numpy.ndarray of intp, shape (n,)
        Site of each animal, in the order of the model's sites.
    probabilities : numpy.ndarray of float64, shape (n, cells)
        Of the allowed cells; each row sums to 1.
    """

    grid: Grid
    site_of: np.ndarray
    probabilities: np.ndarray

    def to_arrays(self) -> dict[str, np.ndarray]:
        """Return arrays for a model; posteriors in 256 steps of their root, relative to the greatest."""
        roots = np.sqrt(self.probabilities / self.probabilities.max(axis=1, keepdims=True))
        return {
            "left_out_latitudes": self.grid.latitudes,
            "left_out_longitudes": self.grid.longitudes,
            "left_out_inside": self.grid.inside,
            "left_out_site": self.site_of.astype(np.int32),
            "left_out_roots": np.round(roots * _LEVELS).astype(np.uint8),
        }

    @classmethod
    def from_arrays(
        cls, arrays: Mapping[str, np.ndarray], *, sites: int
    ) -> "LeftOutPosteriors | None":
        """Return what `to_arrays` wrote; None of a model that has none.

        Raises
        ------
        LibraryError
            If the arrays do not belong together.
        """
        if "left_out_roots" not in arrays:
            return None
        try:
            grid = Grid(
                arrays["left_out_latitudes"].astype(np.float64),
                arrays["left_out_longitudes"].astype(np.float64),
                arrays["left_out_inside"].astype(bool),
            )
            site_of = arrays["left_out_site"].astype(np.intp)
            weights = (arrays["left_out_roots"].astype(np.float64) / _LEVELS) ** 2
            totals = weights.sum(axis=1, keepdims=True)
            is_sound = (
                weights.shape == (len(site_of), int(grid.inside.sum()))
                and len(site_of) > 0
                and (totals > 0).all()
                and 0 <= site_of.min() <= site_of.max() < sites
            )
        except (KeyError, ValueError, UsageError) as error:
            raise LibraryError(
                _("the spatial model is damaged: {found}").format(found=error)
            ) from error
        if not is_sound:
            raise LibraryError(_("the spatial model is damaged: its arrays do not fit together"))
        return cls(grid, site_of, weights / totals)

    def join_sites(self, shared: float) -> "LeftOutPosteriors":
        """Return a posterior a site, by all of its animals together, as for the samples of a seizure.

        Parameters
        ----------
        shared : float
            How far animals of one place repeat each other, see `forensics.origin.tuning`.
        """
        areas = self.grid.areas()[self.grid.inside]
        prior = areas / areas.sum()
        # What was too small to be kept is half of the least step.
        least = self.probabilities.max(axis=1, keepdims=True) * (0.5 / _LEVELS) ** 2
        gains = np.log(np.maximum(self.probabilities, least) / prior)
        sites = np.unique(self.site_of)
        rows = []
        for site in sites:
            own = gains[self.site_of == site]
            log = own.sum(axis=0) / (1 + (len(own) - 1) * shared) + np.log(prior)
            weights = np.exp(log - log.max())
            rows.append(weights / weights.sum())
        return LeftOutPosteriors(self.grid, sites, np.array(rows))

    def share(self, labels: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
        """Return posterior and prior (by area) of each region, and of places without one at the end.

        Parameters
        ----------
        labels : numpy.ndarray of int, shape (R, C)
            Region of each cell; -1 for none.
        count : int
            Number of regions K.

        Returns
        -------
        posteriors : numpy.ndarray of float64, shape (n, K + 1)
        prior : numpy.ndarray of float64, shape (K + 1,)
        """
        own = np.where(labels[self.grid.inside] < 0, count, labels[self.grid.inside])
        areas = self.grid.areas()[self.grid.inside]
        member = np.zeros((len(own), count + 1))
        member[np.arange(len(own)), own] = 1.0
        return self.probabilities @ member, (areas / areas.sum()) @ member


class LeftOutCollector:
    """Gathers posteriors of animals that were left out, while a reference is evaluated."""

    def __init__(self) -> None:
        self._surfaces: dict[int, tuple[int, np.ndarray]] = {}
        self._grid: Grid | None = None

    def __call__(self, animal: int, site: int, surface: Surface) -> None:
        """Take the posterior of an animal by a model without its site."""
        self._grid = surface.grid
        probabilities = surface.probabilities[surface.grid.inside].astype(np.float32)
        self._surfaces[animal] = (site, probabilities)

    def collect(self) -> LeftOutPosteriors | None:
        """Return the posteriors, of at most `MAX_ANIMALS` animals; None where none came."""
        if self._grid is None:
            return None
        animals = sorted(self._surfaces)
        sites = np.array([self._surfaces[animal][0] for animal in animals], dtype=np.intp)
        # Animals in turn from every site: the first of each, the second of each …
        turn = np.zeros(len(animals), dtype=np.intp)
        for site in np.unique(sites):
            turn[sites == site] = np.arange((sites == site).sum())
        kept = np.sort(np.lexsort((sites, turn))[:MAX_ANIMALS])
        probabilities = np.array([self._surfaces[animals[place]][1] for place in kept], dtype=float)
        return LeftOutPosteriors(
            self._grid, sites[kept], probabilities / probabilities.sum(axis=1, keepdims=True)
        )


Observer = Callable[[int, int, Surface], None]
"""Is given animal, site and posterior without the site."""


@dataclass(frozen=True, slots=True)
class RegionCalibration:
    """How the posterior of regions was made true.

    Attributes
    ----------
    temper : float
        Power of posterior over prior.
    stray : float
        Share of the posterior that is spread as the prior.
    measured : MeasuredRegions
        At the confidence at which regions are named, by calibrations without the site.
    """

    temper: float
    stray: float
    measured: MeasuredRegions

    def apply(self, posteriors: np.ndarray, prior: np.ndarray) -> np.ndarray:
        """Return calibrated posteriors of regions.

        Parameters
        ----------
        posteriors : numpy.ndarray of float64, shape (..., K)
            That the map gives each region.
        prior : numpy.ndarray of float64, shape (K,)
        """
        return _apply(posteriors, prior, self.temper, self.stray)


def _apply(posteriors: np.ndarray, prior: np.ndarray, temper: float, stray: float) -> np.ndarray:
    """Return ``(1 - stray) prior (posterior / prior)^temper / sum + stray prior``."""
    with np.errstate(divide="ignore", invalid="ignore"):
        gains = np.where(prior > 0, posteriors / prior, 0.0) ** temper
    weights = prior * gains
    return np.asarray((1 - stray) * weights / weights.sum(axis=-1, keepdims=True) + stray * prior)


def _share_left_out(
    left_out: LeftOutPosteriors, regions: RegionSet, sites: Sites
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return posteriors, prior and true region of each animal that was left out."""
    count = len(regions.names)
    labels = regions.label_places(*left_out.grid.coordinates(), sites)
    own = regions.label_sites(sites)
    truth = np.where(own < 0, count, own)[left_out.site_of]
    posteriors, prior = left_out.share(labels, count)
    present = np.flatnonzero((prior > 0) | np.isin(np.arange(count + 1), truth))
    place = np.full(count + 1, -1)
    place[present] = np.arange(len(present))
    # A region smaller than a cell of this grid is not impossible beforehand.
    kept = np.maximum(prior[present], 1e-6)
    return posteriors[:, present], kept / kept.sum(), place[truth]


def _choose(
    posteriors: np.ndarray, prior: np.ndarray, truth: np.ndarray, site_of: np.ndarray
) -> tuple[float, float]:
    """Return the temper and the stray share of the best score among those that keep their word.

    Each site counts once. The word is kept where sets at `TARGET` hold the truth so often, and single
    regions are right so often; where no pair does, the pair nearest to it is taken.
    """
    weight = 1.0 / np.bincount(site_of)[site_of]
    weight /= weight.sum()
    rows = np.arange(len(truth))
    tried = []
    for temper in TEMPERS:
        for stray in STRAYS:
            calibrated = _apply(posteriors, prior, temper, stray)
            score = float(weight @ np.log(calibrated[rows, truth]))
            named = smallest_set(calibrated, TARGET)
            is_held = named[rows, truth]
            single = named.sum(axis=1) == 1
            total = float(weight[single].sum())
            right = float(weight[single] @ is_held[single]) / total if total > 0 else 1.0
            kept = min(float(weight @ is_held), right, TARGET)
            tried.append((kept, score, temper, stray))
    _kept, _score, temper, stray = max(tried)
    return temper, stray


def _left_out_of_calibration(
    posteriors: np.ndarray, prior: np.ndarray, truth: np.ndarray, site_of: np.ndarray
) -> np.ndarray:
    """Return posteriors of each animal, calibrated without its site; shape (n, K)."""
    result = np.empty_like(posteriors)
    sites = np.unique(site_of)
    for start in range(min(FOLDS, len(sites))):
        out = np.isin(site_of, sites[start::FOLDS])
        temper, stray = _choose(
            posteriors[~out], prior, truth[~out], np.unique(site_of[~out], return_inverse=True)[1]
        )
        result[out] = _apply(posteriors[out], prior, temper, stray)
    return result


def _measure(
    calibrated: np.ndarray, truth: np.ndarray, site_of: np.ndarray, confidence: float
) -> MeasuredRegions:
    named = smallest_set(calibrated, confidence)
    is_held = named[np.arange(len(truth)), truth]
    single = named.sum(axis=1) == 1
    right = clustered_rate(
        is_held[single & (site_of == site)].tolist() for site in np.unique(site_of)
    )
    return MeasuredRegions(
        animals=len(truth),
        sites=len(np.unique(site_of)),
        named=float(single.mean()),
        right=right.share,
        right_low=right.low,
        right_high=right.high,
        holds=float(is_held.mean()),
    )


def calibrate_regions(
    left_out: LeftOutPosteriors, regions: RegionSet, sites: Sites, *, confidence: float
) -> RegionCalibration | None:
    """Return the calibration of a set of regions; None where all sites are of one region.

    Parameters
    ----------
    left_out : LeftOutPosteriors
    regions : RegionSet
    sites : Sites
        Of the model.
    confidence : float
        At which regions are named.

    Raises
    ------
    InputError
        If the regions do not fit the sites.
    """
    posteriors, prior, truth = _share_left_out(left_out, regions, sites)
    if len(np.unique(truth)) < 2:
        return None
    temper, stray = _choose(posteriors, prior, truth, left_out.site_of)
    calibrated = _left_out_of_calibration(posteriors, prior, truth, left_out.site_of)
    return RegionCalibration(
        temper, stray, _measure(calibrated, truth, left_out.site_of, confidence)
    )


def evaluate_regions(
    left_out: LeftOutPosteriors, regions: RegionSet, sites: Sites
) -> dict[str, Any]:
    """Return figures of a set of regions as plain values, for the card; empty where nothing can be stated.

    Of each of `CONFIDENCES`: how often a single region is named and right, and how often the set holds
    the truth; and a row a region. Every animal is calibrated without its site.
    """
    posteriors, prior, truth = _share_left_out(left_out, regions, sites)
    if len(np.unique(truth)) < 2:
        return {}
    temper, stray = _choose(posteriors, prior, truth, left_out.site_of)
    calibrated = _left_out_of_calibration(posteriors, prior, truth, left_out.site_of)
    names = (*regions.names, "outside every region")
    count = len(regions.names)
    own = regions.label_sites(sites)
    own = np.where(own < 0, count, own)[left_out.site_of]
    rows = []
    best = greatest(calibrated, axis=1)
    for label in np.unique(own):
        here = own == label
        rows.append(
            {
                "region": names[label],
                "animals": int(here.sum()),
                "sites": len(np.unique(left_out.site_of[here])),
                "mean posterior": float(calibrated[here, truth[here]].mean()),
                "most probable": float((best[here] == truth[here]).mean()),
            }
        )
    return {
        "regions": regions.name,
        "temper": temper,
        "stray": stray,
        "by confidence": [
            _row_of_measure(confidence, _measure(calibrated, truth, left_out.site_of, confidence))
            for confidence in CONFIDENCES
        ],
        "by region": rows,
    }


def _row_of_measure(confidence: float, measured: MeasuredRegions) -> dict[str, Any]:
    return {
        "confidence": confidence,
        "animals": measured.animals,
        "single region": measured.named,
        "right": measured.right,
        "low": measured.right_low,
        "high": measured.right_high,
        "set holds": measured.holds,
    }
