"""The map that several kinds of evidence are brought to: its cells, what they have beforehand, its range.

With genotypes it is the map of the model of places. Without, it is that of the isoscape; and of
haplotypes alone the range map, or the land around the localities.
"""

from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from forensics.errors import InputError, UsageError
from forensics.messages import _
from forensics.origin.combination_results import Domain
from forensics.origin.evidence_tables import HaplotypeEvidence, IsotopeEvidence
from forensics.origin.geography import Grid, Surface, make_grid
from forensics.origin.haplotypes import HaplotypeReference
from forensics.origin.range_map import RangeMap
from forensics.origin.ranges import Range, lay_grid, range_of_sites
from forensics.origin.reporting_regions import Sites
from forensics.origin.spatial import SpatialModel, allowed_grid, prior_weights

__all__ = ["BY_AREA", "EvidenceMap", "lay_map"]

BY_AREA = "area"
# Around a range map that is the whole map, km: cells at its border are whole.
_MARGIN_KM = 1.0


@dataclass(frozen=True, eq=False)
class EvidenceMap:
    """Cells where a sample may come from, and what they have beforehand.

    Attributes
    ----------
    grid : Grid
    prior : numpy.ndarray of float64, shape (allowed cells,)
        Sums to 1.
    prior_name : str
        A key of `forensics.origin.spatial.PRIORS`, or the prior of the isotope model in words.
    domain : Domain
        Where the cells come from.
    sites : Sites or None
        Reference sites: of the model of places, or the localities of the haplotypes; None of isotopes.
    wide : EvidenceMap or None
        The map without the range map that was given; None where none was.
    is_within : numpy.ndarray of bool, shape (allowed cells of `wide`,)
        Which of its cells are in the range map.
    """

    grid: Grid
    prior: np.ndarray
    prior_name: str
    domain: Domain
    sites: Sites | None
    wide: "EvidenceMap | None" = None
    is_within: np.ndarray = field(default_factory=lambda: np.empty(0, dtype=bool))

    def surface(self, posterior: np.ndarray) -> Surface:
        """Return the surface of the posterior of its allowed cells."""
        probabilities = np.zeros(self.grid.inside.shape)
        probabilities[self.grid.inside] = posterior
        return Surface(self.grid, probabilities)


def lay_map(
    spatial: SpatialModel | None,
    haplotypes: HaplotypeEvidence | None,
    isotopes: IsotopeEvidence | None,
    *,
    range_map: RangeMap | None,
    prior: str | None,
) -> EvidenceMap:
    """Return the map of the evidence that there is.

    Parameters
    ----------
    spatial : SpatialModel or None
        Of the genotypes; its map is taken, else that of the isotopes, else one of the haplotypes.
    haplotypes : HaplotypeEvidence or None
    isotopes : IsotopeEvidence or None
    range_map : RangeMap or None
        Cells outside it are impossible.
    prior : str or None
        A key of `forensics.origin.spatial.PRIORS`; None for the prior of the isotope model where that
        gives the map, else for ``area``.

    Raises
    ------
    UsageError
        If the prior needs reference animals and there is no model of places.
    InputError
        If no cell of the map is in the range map.
    """
    if spatial is not None:
        return _map_of_places(spatial, range_map, prior or BY_AREA)
    if prior not in (None, BY_AREA):
        raise UsageError(
            _(
                "prior {prior} needs a model of places and genotypes; without them it is 'area'"
            ).format(prior=prior)
        )
    if isotopes is not None:
        return _map_of_isotopes(isotopes, haplotypes, range_map, prior)
    assert haplotypes is not None  # `combine_evidence` has refused to combine nothing
    return _map_of_haplotypes(haplotypes.reference, range_map)


def _map_of_places(spatial: SpatialModel, range_map: RangeMap | None, prior: str) -> EvidenceMap:
    grid = allowed_grid(spatial, None)
    values = spatial.range
    field_ = spatial.field
    whole = EvidenceMap(
        grid,
        prior_weights(spatial, grid, prior),
        prior,
        Domain(values.kind, values.distance_km, values.land, Path(values.source).name),
        Sites(spatial.sites, field_.latitudes, field_.longitudes, spatial.animals),
    )
    if range_map is None:
        return whole
    inside = grid.inside & range_map.mask(grid)
    cut = replace(grid, inside=inside)
    return _cut(whole, cut, prior_weights(spatial, cut, prior), range_map)


def _map_of_isotopes(
    isotopes: IsotopeEvidence,
    haplotypes: HaplotypeEvidence | None,
    range_map: RangeMap | None,
    prior: str | None,
) -> EvidenceMap:
    model = isotopes.isotopes
    grid = replace(model.grid, inside=model.grid.inside & (model.prior > 0))
    weights = model.prior if prior is None else grid.areas()
    whole = EvidenceMap(
        grid,
        _share(weights[grid.inside]),
        model.prior_name if prior is None else BY_AREA,
        Domain("grid", None, False, ", ".join(model.isotopes)),
        None if haplotypes is None else _localities(haplotypes.reference),
    )
    if range_map is None:
        return whole
    cut = replace(grid, inside=grid.inside & range_map.mask(grid))
    return _cut(whole, cut, _share(weights[cut.inside]), range_map)


def _map_of_haplotypes(reference: HaplotypeReference, range_map: RangeMap | None) -> EvidenceMap:
    sites = _localities(reference)
    places = sites.latitudes, sites.longitudes
    near = range_of_sites().of_sites(*places)
    if range_map is None:
        grid, _wide = lay_grid(near, places, places)
        domain = Domain("sites", near.distance_km, near.land, "")
        return EvidenceMap(grid, _share(grid.areas()[grid.inside]), BY_AREA, domain, sites)
    north, east = Range("polygons", shape=range_map).corners()
    frame = make_grid(north, east, margin_km=_MARGIN_KM, land=False)
    grid = replace(frame, inside=range_map.mask(frame))
    # What the range cuts off is measured on a map that holds the range and the localities.
    everywhere = make_grid(np.append(places[0], north), np.append(places[1], east), land=True)
    within = range_map.mask(replace(everywhere, inside=np.ones_like(everywhere.inside)))
    everywhere = replace(everywhere, inside=everywhere.inside | within)
    domain = Domain("polygons", None, False, Path(range_map.source).name)
    wide = EvidenceMap(
        everywhere, _share(everywhere.areas()[everywhere.inside]), BY_AREA, domain, sites
    )
    return EvidenceMap(
        grid, _share(grid.areas()[grid.inside]), BY_AREA, domain, sites, wide,
        within[everywhere.inside],
    )  # fmt: skip


def _cut(whole: EvidenceMap, grid: Grid, prior: np.ndarray, range_map: RangeMap) -> EvidenceMap:
    """Return a map cut to a range map."""
    if not grid.inside.any():
        raise InputError(
            _("no cell of the map lies in this range"), source=range_map.source or None
        )
    domain = replace(whole.domain, range_map=Path(range_map.source).name)
    return replace(
        whole, grid=grid, prior=prior, domain=domain, wide=whole,
        is_within=grid.inside[whole.grid.inside],
    )  # fmt: skip


def _localities(reference: HaplotypeReference) -> Sites:
    """Return the localities of a reference of haplotypes as reference sites."""
    return Sites(
        reference.localities, reference.latitudes, reference.longitudes,
        reference.counts.sum(axis=1).astype(int),
    )  # fmt: skip


def _share(weights: np.ndarray) -> np.ndarray:
    return np.asarray(weights / weights.sum())
