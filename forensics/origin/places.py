"""The kind of model that places animals on a map by their genotypes: trained, stored, applied.

A map always has a best place, also for an animal from nowhere near the reference. So the model holds
a second thing beside the map: the reference sites as populations, with the exclusion test, which
says whether the animal fits any of them at all.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from forensics.core.provenance import Provenance
from forensics.errors import LibraryError, ModelError
from forensics.genetics.genotypes import Genotypes
from forensics.messages import _
from forensics.origin import populations
from forensics.origin.areas import RegionSet
from forensics.origin.assignment import MIN_LOCI
from forensics.origin.baseline import Baseline
from forensics.origin.exclusion import ExclusionFit, exclude
from forensics.origin.map_results import (
    Listings,
    PlaceOrigin,
    RangeShare,
    SecondPrior,
    summarise_surface,
)
from forensics.origin.options import CONFIDENCE, LEVEL
from forensics.origin.ranges import Range
from forensics.origin.regions import (
    LeftOutPosteriors,
    RegionCalibration,
    RegionReporter,
    calibrate_regions,
)
from forensics.origin.results import Origins
from forensics.origin.spatial import (
    Location,
    SpatialModel,
    fit_spatial,
    locate,
    prior_weights,
    sites_of,
)
from forensics.origin.spatial_storage import spatial_arrays, spatial_from_arrays
from forensics.origin.territories import Area, find_state, share_listings, share_listings_by_state

CALIBRATED_PRIOR = "area"
"""Prior of the posteriors that reporting regions are calibrated on, of `forensics.origin.spatial.PRIORS`."""

_SITES = "sites_"  # before the names of the second part's arrays


def train_model(
    genotypes: Genotypes,
    *,
    seed: int,
    sites: Sequence[str] | None = None,
    range_: Range | None = None,
) -> tuple[SpatialModel, Baseline, ExclusionFit]:
    """Return the map and the sites' exclusion of a reference with coordinates."""
    names = sites_of(genotypes) if sites is None else tuple(sites)
    spatial = fit_spatial(genotypes, seed=seed, sites=names, range_=range_)
    baseline, exclusion = populations.train_model(
        replace(genotypes, populations=names, units=None), method="rannala_mountain"
    )
    return spatial, baseline, exclusion


def pack_model(
    spatial: SpatialModel, baseline: Baseline, fit: ExclusionFit
) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    """Return labels, arrays and parameters, as `forensics.origin.models` stores them."""
    arrays, values = spatial_arrays(spatial)
    labels, more, parameters = populations.pack_model(baseline, fit)
    return (
        {"spatial": values, "sites": labels},
        {**arrays, **{_SITES + name: array for name, array in more.items()}},
        parameters,
    )


def unpack_model(
    labels: Mapping[str, Any],
    arrays: Mapping[str, np.ndarray],
    parameters: Mapping[str, Any],
) -> tuple[SpatialModel, Baseline, ExclusionFit]:
    """Return what `pack_model` took apart.

    Raises
    ------
    ModelError
        If labels and arrays do not belong together.
    """
    try:
        spatial = spatial_from_arrays(arrays, labels["spatial"])
        sites = labels["sites"]
    except (KeyError, TypeError, LibraryError) as error:
        raise ModelError(
            _("The labels and the arrays of the model do not belong together ({why}).").format(
                why=error
            )
        ) from error
    own = {
        name.removeprefix(_SITES): array
        for name, array in arrays.items()
        if name.startswith(_SITES)
    }
    return spatial, *populations.unpack_model(sites, own, parameters)


def calibrate(
    left_out: LeftOutPosteriors | None,
    regions: RegionSet | None,
    spatial: SpatialModel,
    confidence: float,
) -> RegionCalibration | None:
    """Return the calibration of reporting regions; None where there is nothing to calibrate."""
    if left_out is None or regions is None:
        return None
    return calibrate_regions(left_out, regions, spatial.known_sites, confidence=confidence)


def assign_places(
    genotypes: Genotypes,
    spatial: SpatialModel,
    baseline: Baseline,
    fit: ExclusionFit,
    *,
    provenance: Provenance,
    limits: tuple[str, ...] = (),
    prior: str = "area",
    confidence: float = CONFIDENCE,
    level: float = LEVEL,
    range_map: np.ndarray | Sequence[np.ndarray] | None = None,
    listings: Sequence[Area] | Mapping[str, str] | None = None,
    beyond_range: bool = False,
    regions: RegionSet | None = None,
    left_out: LeftOutPosteriors | None = None,
    seed: int = 1,
) -> Origins:
    """Place animals on the map, and say which fit no reference site.

    Parameters
    ----------
    genotypes : Genotypes
    spatial, baseline, fit
        Of `unpack_model` or `train_model`.
    provenance : Provenance
    limits : tuple of str
        Of the model's card.
    prior : {"area", "sampling"}
        See `forensics.origin.spatial.PRIORS`; the result is shown under the other one too.
    confidence : float
        Posterior from which on a country is named.
    level : float
        Of the exclusion.
    range_map : optional
        See `forensics.origin.spatial.locate`.
    beyond_range : bool
        Allow places outside the model's range.
    listings : sequence of Area, or mapping of str to str, optional
        Listed populations: areas (`listing_files.read_listings`), or the listing of each
        country by its name or numeric code. The listings that remain possible are a set.
    regions : RegionSet, optional
        Reporting regions. Where their posterior is calibrated, the one that reaches the confidence is
        named, in place of a country. It is calibrated under `CALIBRATED_PRIOR`, within the range.
    left_out : LeftOutPosteriors, optional
        What the posterior of the regions is calibrated on.
    seed : int
        Of the exclusion's simulated genotypes.
    """
    if prior != CALIBRATED_PRIOR or beyond_range:
        # What was left out was placed under one prior, within the range: elsewhere its figures say
        # nothing. Countries are named by the map alone then, as by models without evaluation.
        left_out = None
        regions = None if regions is None or regions.kind == "countries" else regions
    calibration = calibrate(left_out, regions, spatial, confidence)
    reporter: RegionReporter | None = None
    tested = exclude(genotypes, baseline, fit, level=level, seed=seed)
    results = []
    locations = locate(
        spatial, genotypes, prior=prior, range_map=range_map, beyond_range=beyond_range
    )
    for row, location in enumerate(locations):
        result = PlaceOrigin(
            sample=location.animal,
            index=row + 1,
            status="inconclusive",
            rank=None,
            origin=None,
            probability=None,
            used=location.loci,
            loci=len(spatial.loci),
            sites=len(baseline.populations),
            prior=location.prior,
            exclusion=populations.describe_test(
                tested, row, location.loci / len(spatial.loci), sites=True
            ),
            notices=(*location.notices, *populations.describe_cross(tested, row, sites=True)),
            model_limits=limits,
            provenance=provenance,
        )
        if location.surface is None or location.loci < MIN_LOCI:
            result = replace(result, status="unusable")
        elif tested.excluded[row]:
            # A best place on the map would be read as an origin, so none is drawn.
            result = replace(result, status="none_of_the_reference")
        else:
            result = _with_map(result, location, spatial, listings, confidence)
            if regions is not None and result.surface is not None:
                if reporter is None:  # all samples have one grid
                    reporter = RegionReporter(
                        regions, result.surface.grid, spatial.known_sites,
                        confidence=confidence, calibration=calibration,
                    )  # fmt: skip
                    weights = prior_weights(spatial, result.surface.grid, prior)
                result = _with_regions(result, reporter, weights)
        results.append(result)
    return Origins(results)


def _with_map(
    result: PlaceOrigin,
    location: Location,
    spatial: SpatialModel,
    listings: Sequence[Area] | Mapping[str, str] | None,
    confidence: float,
) -> PlaceOrigin:
    """Return a result with the map of its location, and the country that may be named."""
    surface, second = location.surface, location.second
    assert surface is not None and second is not None  # where there is a surface there are two
    result = replace(
        result,
        **summarise_surface(surface).fields(),
        surface=surface,
        range=_share_range(location, spatial),
        territories=location.territories,
        listings=None if listings is None else _share_listings(location, spatial, listings),
        second=SecondPrior(**summarise_surface(second).fields(), prior=location.second_prior),
    )
    state = find_state(location.territories, confidence)
    if state is None:
        return result
    return replace(
        result, status="assigned", rank="state", origin=state.name, probability=state.probability
    )


def _share_range(location: Location, spatial: SpatialModel) -> RangeShare:
    """Return the model's range and what it cuts off."""
    values = spatial.range
    return RangeShare(
        values.kind, values.distance_km, values.land, values.source, location.outside_range
    )


def _with_regions(
    result: PlaceOrigin, reporter: RegionReporter, weights: np.ndarray
) -> PlaceOrigin:
    """Return a result with its reporting regions, and the one that may be named."""
    assert result.surface is not None
    answer = reporter.answer(result.surface, weights)
    result = replace(result, reporting=answer)
    if answer.measured is None:  # a country is named by the map alone
        return result
    single = answer.single
    if single is None:
        return replace(result, status="inconclusive", rank=None, origin=None, probability=None)
    return replace(
        result, status="assigned", rank=reporter.rank, origin=single.name,
        probability=single.probability,
    )  # fmt: skip


def _share_listings(
    location: Location, spatial: SpatialModel, listings: Sequence[Area] | Mapping[str, str]
) -> Listings:
    """Return the posterior of each listing and those that remain possible."""
    if isinstance(listings, Mapping):
        shares, possible = share_listings_by_state(location.territories, listings)
    else:
        assert location.surface is not None
        shares, possible = share_listings(
            listings, spatial.known_sites, location.surface, second=location.second
        )
    return Listings(possible, tuple(shares))
