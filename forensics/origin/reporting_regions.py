"""Reporting regions: countries, or the areas that a laboratory names, as answers with a posterior.

A region is named where its posterior reaches the confidence, otherwise the smallest set of regions that
does. The posterior of the regions is that of the map, made true on left-out sites
(`forensics.origin.region_calibration`).
"""

from operator import attrgetter
from typing import TYPE_CHECKING

import numpy as np

from forensics.origin.areas import MIN_SHARE, REFERENCE_KM, MapAreas, RegionSet, Sites
from forensics.origin.geography import Grid, Surface
from forensics.origin.region_results import RegionAnswer, RegionShare
from forensics.stats.choice import ranked, smallest_set

if TYPE_CHECKING:
    from forensics.origin.region_calibration import RegionCalibration


class RegionReporter:
    """Gives the posterior of regions for surfaces of one grid.

    Parameters
    ----------
    regions : RegionSet
    grid : Grid
        Of the surfaces.
    sites : Sites
    confidence : float
        Posterior from which on a region is named.
    calibration : RegionCalibration, optional
        None where nothing was left out to calibrate on: the posterior is that of the map.
    """

    def __init__(
        self,
        regions: RegionSet,
        grid: Grid,
        sites: Sites,
        *,
        confidence: float,
        calibration: "RegionCalibration | None" = None,
    ) -> None:
        self.regions, self.confidence, self.calibration = regions, confidence, calibration
        self.areas = MapAreas(grid, regions, sites)

    def answer(self, surface: Surface, prior: np.ndarray) -> RegionAnswer:
        """Return the regions of one posterior.

        Parameters
        ----------
        surface : Surface
            On the grid of the reporter.
        prior : numpy.ndarray of float64, shape (cells,)
            Of its allowed cells; sums to 1.
        """
        allowed = np.zeros(surface.grid.inside.shape)
        allowed[surface.grid.inside] = prior
        areas = self.areas
        before = np.array([allowed[cells].sum() for cells in areas.cells])
        posteriors = areas.share(surface)
        if self.calibration is not None:
            posteriors = self.calibration.apply(posteriors, before)
        named = smallest_set(posteriors, self.confidence)
        shares = []
        for label, animals, sites, nearest, mass, prior_mass, is_named in zip(
            areas.labels, areas.animals, areas.sites, areas.nearest_km, posteriors.tolist(),
            before.tolist(), named.tolist(),
        ):  # fmt: skip
            assessable = nearest <= REFERENCE_KM
            if mass < MIN_SHARE and not is_named:
                continue
            name = self.regions.names[label] if label >= 0 else ""
            shares.append(
                RegionShare(
                    name, mass if assessable else None, mass, prior_mass, is_named, animals, sites,
                    assessable,
                )
            )  # fmt: skip
        shares = ranked(sorted(shares, key=attrgetter("name")), attrgetter("mass"))
        return RegionAnswer(
            regions=self.regions.name,
            confidence=self.confidence,
            probability=min(
                1.0, float(posteriors[named].sum())
            ),  # the last digit of a sum of floats
            shares=tuple(shares),
            measured=None if self.calibration is None else self.calibration.measured,
        )

    @property
    def rank(self) -> str:
        """What a named region is, of `forensics.origin.results`."""
        return "state" if self.regions.kind == "countries" else "region"
