"""The kind of model that places animals on a map by their genotypes: trained, stored, applied.

A map always has a best place, also for an animal from nowhere near the reference. So the model holds
a second thing beside the map: the reference sites as populations, with the exclusion test, which
says whether the animal fits any of them at all.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from forensics.core.notice import Notice
from forensics.core.provenance import Provenance
from forensics.errors import InputError
from forensics.genetics.counts import MIN_MARKERS
from forensics.genetics.genotypes import Genotypes
from forensics.messages import _
from forensics.notices import origin as notices
from forensics.origin import populations
from forensics.origin.areas import (
    Area,
    RegionSet,
    country_regions,
    find_state,
    share_listings,
    share_listings_by_state,
    sites_of_reference,
)
from forensics.origin.assignment import MIN_LOCI, Baseline
from forensics.origin.exclusion import (
    Exclusion,
    ExclusionFit,
    describe_power,
    evaluate_exclusion,
    exclude,
)
from forensics.origin.geography import Grid, Surface
from forensics.origin.models import Model, Reference, TrainedModel, arrays_below, unpacking
from forensics.origin.options import AssignmentOptions
from forensics.origin.place_fit import PLACE_LEVEL
from forensics.origin.polygons import RangeMap
from forensics.origin.ranges import Range
from forensics.origin.regions import (
    LeftOutCollector,
    LeftOutPosteriors,
    RegionAnswer,
    RegionReporter,
    calibrate_regions,
    evaluate_regions,
    pack_regions,
    unpack_regions,
)
from forensics.origin.results import (
    Listings,
    Origins,
    PlaceOrigin,
    RangeShare,
    SecondPrior,
    summarise_surface,
)
from forensics.origin.sample_fit import check_samples
from forensics.origin.site_fit import describe_doubts, find_doubtful_sites
from forensics.origin.spatial import (
    PRIORS,
    Location,
    SpatialModel,
    allowed_grid,
    evaluate_spatial,
    exchange_in_words,
    fit_spatial,
    locate,
    place_p_values,
    prior_weights,
    sites_of,
    span_of,
    spatial_arrays,
    spatial_from_arrays,
    without_place,
)

DEFAULT_PRIOR = "area"
"""Of `forensics.origin.spatial.PRIORS`: the one of the figures in a card, and of the samples of a seizure."""

# Animals x loci that a map is made of: 10,000 animals of 6,000 SNP take some 5 GB.
MAX_GENOTYPES = 60_000_000
_SITES = "sites_"  # before the names of the second part's arrays


def train(reference: Reference, *, is_evaluated: bool) -> TrainedModel:
    """Return a model of places."""
    genotypes, regions = reference.genotypes, reference.regions
    _check(genotypes)
    spatial, baseline, fit = train_model(
        genotypes, seed=reference.options.seed, range_=reference.range_
    )
    labels, arrays, parameters = pack_model(spatial, baseline, fit)
    values = labels["spatial"]
    if doubts := find_doubtful_sites(genotypes, sites_of(genotypes)):
        labels["doubts"] = doubts
    parameters |= {key: each for key, each in values.items() if isinstance(each, (int, float))}
    parameters |= {"engine": values["engine"], "range": spatial.range.in_words()}
    if regions is not None:
        regions.label_sites(spatial.known_sites)  # refuses what does not fit
        labels["regions"], region_arrays = pack_regions(regions)
        arrays |= region_arrays
    evaluation: dict[str, Any] = {}
    if is_evaluated:
        power = describe_power(fit, baseline.populations, removed="site")
        evaluation, left_out = _evaluate(reference, power)
        arrays |= left_out
    west, east = span_of(spatial.field.longitudes)
    limits = [
        _("Places outside the range are taken as impossible. The range: {range}.").format(
            range=spatial.range.in_words()
        ),
        *filter(None, [exchange_in_words(genotypes)]),
        _(
            "The reference has animals of {count} sites, between {south:.1f} and {north:.1f} "
            "degrees of latitude and {west:.1f} and {east:.1f} degrees of longitude, and none "
            "from elsewhere."
        ).format(
            count=len(spatial.sites),
            south=spatial.field.latitudes.min(),
            north=spatial.field.latitudes.max(),
            west=west,
            east=east,
        ),
    ]
    return TrainedModel(
        labels=labels,
        arrays=arrays,
        parameters=parameters,
        limits=limits,
        evaluation=evaluation,
        calibrated_on=len(fit.z),
    )


def evaluate(reference: Reference) -> dict[str, Any]:
    """Return leave-one-out, leave-one-site-out, the reporting regions, and what the exclusion notices."""
    _check(reference.genotypes)
    return _evaluate(reference, evaluate_exclusion(reference.genotypes, sites=True))[0]


def _evaluate(
    reference: Reference, power: dict[str, Any]
) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """Return the figures of a map, and the posteriors of animals by models without their sites."""
    genotypes, collectors = reference.genotypes, {prior: LeftOutCollector() for prior in PRIORS}
    evaluations = evaluate_spatial(
        genotypes, seed=reference.options.seed, range_=reference.range_, progress=reference.progress,
        observe=lambda prior, *found: collectors[prior](*found),
    )  # fmt: skip
    result: dict[str, Any] = {
        {"site": "leave-one-site-out", "animal": "leave-one-out"}[scheme]: evaluation.to_dict()
        for scheme, evaluation in evaluations.items()
    }
    result["exclusion"] = power
    arrays: dict[str, np.ndarray] = {}
    for prior, collector in collectors.items():
        left_out = collector.collect()
        assert left_out is not None  # `evaluate_spatial` leaves sites out, or refuses
        arrays |= left_out.to_arrays(prior)
        if prior == DEFAULT_PRIOR:
            shown = left_out
    sites = sites_of_reference(genotypes, sites_of(genotypes))
    figures = [
        evaluate_regions(shown, known, sites)
        for known in (country_regions(), reference.regions)
        if known is not None
    ]
    if any(figures):
        result["reporting regions"] = {known.pop("regions"): known for known in figures if known}
    return result, arrays


def _check(genotypes: Genotypes) -> None:
    """Raise an `InputError` where there is no map of these animals, or too much of it to be made."""
    animals, loci = len(genotypes), len(genotypes.loci)
    if animals * loci > MAX_GENOTYPES:
        raise InputError(
            _(
                "{animals} animals x {loci} loci are too many genotypes for a map (maximum "
                "{most}). Choose some of the loci with --markers {number} (in Python: "
                "read_genotypes(…, markers={number}))"
            ).format(
                animals=animals, loci=loci, most=MAX_GENOTYPES,
                number=max(MIN_MARKERS, MAX_GENOTYPES // animals // 1000 * 1000),
            ),
            source=genotypes.source,
        )  # fmt: skip
    missing = int(without_place(genotypes).sum())
    if not missing:
        return
    raise InputError(
        _(
            "{count} of {all} animals have no latitude and longitude; a map needs them of all. "
            "Add them, leave these animals out, or train populations."
        ).format(count=missing, all=len(genotypes)),
        source=genotypes.source,
    )


def train_model(
    genotypes: Genotypes,
    *,
    seed: int,
    range_: Range | None = None,
) -> tuple[SpatialModel, Baseline, ExclusionFit]:
    """Return the map and the sites' exclusion of a reference with coordinates."""
    names = sites_of(genotypes)
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


def unpack_model(model: Model) -> tuple[SpatialModel, Baseline, ExclusionFit]:
    """Return what `pack_model` took apart.

    Raises
    ------
    ModelError
        If labels and arrays do not belong together.
    """
    with unpacking():
        spatial = spatial_from_arrays(model.arrays, model.labels["spatial"])
        sites = model.labels["sites"]
    arrays = arrays_below(model.arrays, _SITES)
    return spatial, *populations.unpack_reference(sites, arrays, model.card["parameters"])


def regions_of(
    model: Model, prior: str = DEFAULT_PRIOR
) -> tuple[RegionSet | None, LeftOutPosteriors | None]:
    """Return the reporting regions of a map, and what their posterior is calibrated on.

    Returns
    -------
    regions : RegionSet or None
        Those that it was trained with, else countries; None of a model that was not evaluated.
    left_out : LeftOutPosteriors or None
        None of a model that was not evaluated.

    Raises
    ------
    ModelError
        If they are damaged.
    """
    with unpacking():
        sites = len(model.labels["spatial"]["sites"])
        left_out = LeftOutPosteriors.from_arrays(model.arrays, prior, sites=sites)
        if "regions" in model.labels:
            return unpack_regions(model.labels["regions"], model.arrays), left_out
    return None if left_out is None else country_regions(), left_out


def doubts_of(labels: Mapping[str, Any]) -> tuple[Notice, ...]:
    """Return which sites of the reference of a map do not fit the others, by the labels of the model."""
    return describe_doubts(labels.get("doubts", ()))


def mask_range(
    spatial: SpatialModel, range_map: RangeMap | None, *, beyond_range: bool = False
) -> np.ndarray | None:
    """Return which cells of a map a range map allows; None without one."""
    if range_map is None:
        return None
    grid = allowed_grid(spatial, None, beyond_range=beyond_range)
    return np.asarray(range_map.mask(grid) & grid.inside)


def _reporter(
    spatial: SpatialModel, regions: RegionSet, left_out: LeftOutPosteriors | None, grid: Grid,
    confidence: float, stray: float = 0.0,
) -> RegionReporter:  # fmt: skip
    """Return what answers with regions; its posterior is calibrated where something was left out."""
    sites = spatial.known_sites
    calibration = None
    if left_out is not None:
        calibration = calibrate_regions(left_out, regions, sites, confidence=confidence)
    return RegionReporter(
        regions, grid, sites, confidence=confidence, calibration=calibration, stray=stray
    )


def report_together(
    spatial: SpatialModel, regions: RegionSet, left_out: LeftOutPosteriors | None, grid: Grid,
    confidence: float,
) -> Callable[[Surface, int], RegionAnswer]:  # fmt: skip
    """Return what answers with the regions of a place by so many samples of a seizure."""
    weights = prior_weights(spatial, grid, DEFAULT_PRIOR)
    joined = left_out and left_out.join_sites(spatial.calibration.shared)
    # Evidence of several animals is joined, and outweighs the stray share of one.
    alone, several = (
        _reporter(spatial, regions, posteriors, grid, confidence, stray)
        for posteriors, stray in (
            (left_out, spatial.calibrated(DEFAULT_PRIOR).stray),
            (joined, 0.0),
        )
    )
    return lambda surface, members: (several if members > 1 else alone).answer(surface, weights)


def assign_samples(
    model: Model,
    samples: Genotypes,
    options: AssignmentOptions,
    *,
    provenance: Provenance,
    limits: tuple[str, ...],
    range_map: RangeMap | None = None,
    listings: Sequence[Area] | Mapping[str, str] | None = None,
    regions: RegionSet | None = None,
) -> Origins:
    """Place samples by a model of places; its own regions hold where none are given."""
    spatial, baseline, fit = unpack_model(model)
    known, left_out = regions_of(model, options.prior or DEFAULT_PRIOR)
    with unpacking():
        doubts = doubts_of(model.labels)
    return assign_places(
        samples, spatial, baseline, fit, options, provenance=provenance, limits=limits,
        range_map=mask_range(spatial, range_map, beyond_range=options.beyond_range),
        listings=listings, regions=regions or known, left_out=left_out, doubts=doubts,
    )  # fmt: skip


def assign_places(
    genotypes: Genotypes,
    spatial: SpatialModel,
    baseline: Baseline,
    fit: ExclusionFit,
    options: AssignmentOptions,
    *,
    provenance: Provenance,
    limits: tuple[str, ...],
    range_map: np.ndarray | None,
    listings: Sequence[Area] | Mapping[str, str] | None,
    regions: RegionSet | None,
    left_out: LeftOutPosteriors | None,
    doubts: Sequence[Notice] = (),
) -> Origins:
    """Place animals on the map, and say which fit no reference site.

    Parameters
    ----------
    spatial, baseline, fit
        Of `unpack_model` or `train_model`.
    options : AssignmentOptions
        The result is shown under the other prior, too.
    limits : tuple of str
        Of the model's card.
    range_map : numpy.ndarray of bool, shape of the grid, or None
        Cells outside it are impossible.
    listings : sequence of Area, or mapping of str to str, optional
        Listed populations: areas (`listing_files.read_listings`), or the listing of each
        country by its name or numeric code. The listings that remain possible are a set.
    regions : RegionSet, optional
        Reporting regions. Where their posterior is calibrated, the one that reaches the confidence is
        named, in place of a country. It is calibrated within the range.
    left_out : LeftOutPosteriors, optional
        What the posterior of the regions is calibrated on, under the same prior.
    doubts : sequence of Notice
        Of `doubts_of`: where there are any, no place is stated.
    """
    prior = options.prior or DEFAULT_PRIOR
    if options.beyond_range:
        # What was left out was placed within the range: elsewhere its figures say nothing.
        # Countries are named by the map alone then, as by models without evaluation.
        left_out = None
        regions = None if regions is None or regions.kind == "countries" else regions
    reporter: RegionReporter | None = None
    tested = exclude(genotypes, baseline, fit, level=options.exclusion_level, simulations=0)
    unfit = check_samples(genotypes, baseline, fit, tested, sites=True)[1]
    blocking = (*doubts, *([unfit] if unfit else ()))
    results = []
    locations = locate(
        spatial, genotypes, prior=prior, range_map=range_map, beyond_range=options.beyond_range
    )
    at_place = {} if blocking else _fit_places(spatial, genotypes, locations, tested)
    for row, location in enumerate(locations):
        p_place = at_place.get(row)
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
                tested, row, location.loci / len(spatial.loci), sites=True, p_place=p_place
            ),
            notices=(*location.notices, *populations.describe_cross(tested, row, sites=True)),
            model_limits=limits,
            provenance=provenance,
        )
        if location.surface is None or location.loci < MIN_LOCI:
            result = replace(result, status="unusable")
            results.append(result)
            continue
        if blocking:
            result = replace(result, notices=(*blocking, *result.notices))
        if tested.excluded[row] and p_place is None:
            # A best place on the map would be read as an origin, so none is drawn.
            result = replace(result, status="none_of_the_reference")
        elif blocking:
            result = replace(result, status="no_fit")
        else:
            if p_place is not None:
                unsampled = notices.UNSAMPLED_SITE(count=len(baseline.populations), p=p_place)
                result = replace(result, notices=(unsampled, *result.notices))
            result = _with_map(result, location, spatial, listings, options.confidence)
            if regions is not None and result.surface is not None:
                if reporter is None:  # all samples have one grid
                    grid = result.surface.grid
                    stray = spatial.calibrated(prior).stray
                    reporter = _reporter(
                        spatial, regions, left_out, grid, options.confidence, stray
                    )
                    weights = prior_weights(spatial, grid, prior)
                result = _with_regions(result, reporter, weights)
            if result.reporting is None or result.reporting.measured is None:
                result = result.unless_known(location.before, options.confidence)
        results.append(result)
    return Origins(results)


def _fit_places(
    spatial: SpatialModel, genotypes: Genotypes, locations: Sequence[Location], tested: Exclusion
) -> dict[int, float]:
    """Return, of the animals that are excluded from all sites but fit their place, the p-value of the place.

    Nor is a cross of animals of two sites placed: its alleles are those of a place between them.
    """
    rows = [
        row
        for row, location in enumerate(locations)
        if tested.excluded[row] and tested.cross_new_p[row] > PLACE_LEVEL and location.surface
    ]
    modes = [surface.mode() for row in rows if (surface := locations[row].surface) is not None]
    found = place_p_values(spatial, genotypes.take(rows), modes)
    return {row: float(p) for row, p in zip(rows, found) if p > PLACE_LEVEL}


def _with_map(
    result: PlaceOrigin,
    location: Location,
    spatial: SpatialModel,
    listings: Sequence[Area] | Mapping[str, str] | None,
    confidence: float,
) -> PlaceOrigin:
    """Return a result with the map of its location, and the country that may be named."""
    surface, second, allowed = location.surface, location.second, spatial.range
    assert surface is not None and second is not None  # where there is a surface there are two
    result = replace(
        result,
        **vars(summarise_surface(surface)),
        surface=surface,
        range=RangeShare(
            allowed.kind, allowed.distance_km, allowed.land, allowed.source, location.outside_range
        ),
        territories=location.territories,
        listings=None if listings is None else _share_listings(location, spatial, listings),
        second=SecondPrior(**vars(summarise_surface(second)), prior=location.second_prior),
    )
    state = find_state(location.territories, confidence)
    if state is None:
        return result
    return replace(
        result, status="assigned", rank="state", origin=state.name, probability=state.probability
    )


def _with_regions(
    result: PlaceOrigin, reporter: RegionReporter, weights: np.ndarray
) -> PlaceOrigin:
    """Return a result with its reporting regions, and the one that may be named."""
    assert result.surface is not None
    answer = reporter.answer(result.surface, weights)
    known = filter(None, [answer.notice()])
    result = replace(result, reporting=answer, notices=(*result.notices, *known))
    if answer.measured is None:  # a country is named by the map alone
        return result
    single = answer.single
    if single is None:
        return replace(result, status="inconclusive", rank=None, origin=None, probability=None)
    return replace(
        result, status="assigned", rank=reporter.rank, origin=single.name,
        probability=single.probability,
    ).unless_known({single.name: single.prior}, reporter.confidence)  # fmt: skip


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
