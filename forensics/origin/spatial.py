"""Continuous assignment: where on the map a genotype fits, from animals of known places, and how far it is off.

`fit_spatial` learns how allele frequencies change over space and calibrates itself by leaving
out sites; `locate` gives for each animal a posterior over the cells of a grid.

`evaluate_spatial` says how far places are off, and whether regions hold the truth. Whole sites are left out, as the
place of a seizure usually is not a place of the reference; the powers of the experts and the calibration are chosen
without the site as well (nested). Leaving out single animals is reported too: it is the easier task and flatters.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from dataclasses import field as stored_field
from typing import Any

import numpy as np

from forensics.core.notice import Notice
from forensics.core.stored import not_stored, to_stored
from forensics.errors import InputError, LibraryError, UsageError
from forensics.genetics.genotypes import Genotypes
from forensics.learning.arrays import array, model_part, pack_arrays, unpack
from forensics.messages import N_, _, ngettext
from forensics.notices import origin as notices
from forensics.origin.areas import MapAreas, Sites, Territory, country_regions, share_territories
from forensics.origin.fields import (
    Doses,
    PlaceRidge,
    count_sites,
    doses_of,
    kriged_logs,
    left_out_places,
    logs_without_animal,
    site_weights,
)
from forensics.origin.geography import (
    CELLS,
    LEVELS,
    Grid,
    Surface,
    centres_of,
    check_places,
    geometric_medians,
    great_circle,
    shortest_arc,
    spherical_mean,
    surface_from_log,
    unit_vectors,
    wrap_longitude,
)
from forensics.origin.outlines import COAST_KM, countries_of
from forensics.origin.place_fit import PlaceFit, fit_places
from forensics.origin.ranges import Range, lay_grid, range_of_sites
from forensics.origin.tuning import (
    ENGINE,
    KRIGED_WIDTHS,
    KnownAnimals,
    PooledField,
    SpatialCalibration,
    fit_field,
    groups_of,
    left_out_fields,
    log_gains,
    point_weights,
    pool,
    posteriors,
    priors_of_sites,
    regression_logs,
    sampling_density,
    site_distances,
)
from forensics.stats import Rate, clustered_rate, greatest, reaches, wilson

# Animals without a population belong to one site if they are within this distance of each other
# in a chain; below it a grid of a State does not tell places apart.
SITE_KM = 1.0

# Spatial priors. Where an animal was taken is not known beforehand, and no prior is neutral;
# so the result is shown under both.
PRIORS = {
    "area": N_("every km2 of the allowed area is equally likely a priori"),
    "sampling": N_("places near many reference animals are likelier a priori"),
}
# Below this number of animals a baseline is too small for its figures to be trusted
# (Guinand et al. 2004, Journal of Fish Biology 65, supplement A: 50 to 100 are wanted).
MIN_ANIMALS = 50
# The calibration leaves out one site at a time; with fewer sites there is nothing to learn from.
MIN_SITES = 5
# Cells along the side of the coarse grid that the tuning uses.
TUNING_CELLS = 35
# Fewer typed loci than this share of the model's: the calibration is of complete genotypes.
FEW_LOCI = 0.5
SCHEMES = ("site", "animal")
Progress = Callable[[int, int], object]
"""Called with the sites that were left out so far, and with how many will be."""
# Groups of sites for which the field is tuned without them.
OUTER_FOLDS = 5
# Cells along the side of the grid that animals are placed in.
EVALUATION_CELLS = 50
# Logarithms that the scheme "animal" takes; of larger references some animals are placed.
_MAX_WORK = 3e9


def coordinates_of(genotypes: Genotypes) -> tuple[np.ndarray, np.ndarray]:
    """Return latitude and longitude of each animal, degrees; float64, shape (n,) each.

    Raises
    ------
    InputError
        If there are no coordinates.
    """
    if genotypes.latitudes is None or genotypes.longitudes is None:
        raise InputError(
            _(
                "the reference has no coordinates. Expected: columns latitude and longitude in "
                "decimal degrees (WGS 84)"
            ),
            source=genotypes.source,
        )
    return genotypes.latitudes, genotypes.longitudes


def without_place(genotypes: Genotypes) -> np.ndarray:
    """Return which animals lack a coordinate; bool, shape (n,)."""
    if genotypes.latitudes is None or genotypes.longitudes is None:
        return np.ones(len(genotypes), dtype=bool)
    return np.asarray(~np.isfinite(genotypes.latitudes + genotypes.longitudes))


def sites_of(genotypes: Genotypes, *, within_km: float = SITE_KM) -> tuple[str, ...]:
    """Return the site of each animal.

    That of the column of sites where there is one; else the population where every animal has one; else
    places within `within_km` of each other, in a chain, are one site, named by its mean latitude and
    longitude.

    Raises
    ------
    InputError
        If there are no coordinates or an animal has none, or none in the column of sites.
    """
    latitudes, longitudes = coordinates_of(genotypes)
    for row in np.flatnonzero(without_place(genotypes)):
        raise InputError(
            _(
                "animal {animal} has no coordinates; each reference animal needs latitude and "
                "longitude. Leave it out or fill them in"
            ).format(animal=genotypes.animals[row]),
            source=genotypes.source,
        )
    check_places(latitudes, longitudes)
    if (sites := genotypes.fields.get("site")) is not None:
        if "" in sites:
            raise InputError(
                _(
                    "animal {animal} has no site, and there is a column of sites. Fill it in, leave the animal "
                    "out, or name another column with the option site"
                ).format(animal=genotypes.animals[sites.index("")]),
                source=genotypes.source,
            )
        return sites
    if genotypes.populations is not None and all(genotypes.populations):
        return genotypes.populations
    places, which = np.unique(np.column_stack([latitudes, longitudes]), axis=0, return_inverse=True)
    group = np.full(len(places), -1)
    for first in range(len(places)):
        if group[first] >= 0:
            continue
        group[first], edge = first, [first]
        while edge:
            current = edge.pop()
            free = np.flatnonzero(group < 0)
            near = free[great_circle(*places[current], *places[free].T) <= within_km]
            group[near] = first
            edge.extend(near.tolist())
    names = {}
    for number in np.unique(group):
        latitude, longitude = spherical_mean(*places[group == number].T)
        names[number] = f"{latitude:.4f} {longitude:.4f}"
    return tuple(names[group[number]] for number in which.ravel())


def span_of(longitudes: np.ndarray) -> tuple[float, float]:
    """Return the westernmost and the easternmost of longitudes, degrees.

    The widest gap between them is left out, so that places on both sides of the antimeridian do not
    span the globe: the western bound is then the greater number, as in RFC 7946.
    """
    west, east = shortest_arc(longitudes)
    return west, float(wrap_longitude(east))


def exchange_in_words(genotypes: Genotypes) -> str:
    """Return a warning where latitudes and longitudes seem to be exchanged; "" where they do not.

    They do where places lie at sea that would all be on land if the two columns were exchanged.
    """
    if genotypes.latitudes is None or genotypes.longitudes is None:
        return ""
    places = np.column_stack([genotypes.latitudes, genotypes.longitudes])
    places = np.unique(places[np.isfinite(places).all(axis=1)], axis=0)
    if not len(places) or (np.abs(places) > 90).any():
        return ""
    at_sea = int((countries_of(*places.T, near_km=COAST_KM)[0] < 0).sum())
    if not at_sea or (countries_of(*places[:, ::-1].T, near_km=COAST_KM)[0] < 0).any():
        return ""
    return ngettext(
        "{count} of {all} places is more than {km:g} km from land; with latitude and longitude "
        "exchanged, all would be on land. Are the two columns exchanged?",
        "{count} of {all} places are more than {km:g} km from land; with latitude and longitude "
        "exchanged, all would be on land. Are the two columns exchanged?",
        at_sea,
    ).format(count=at_sea, all=len(places), km=COAST_KM)


@model_part
class SpatialModel:
    """Allele counts at places, and how frequencies vary between them."""

    sites: tuple[str, ...]  # S
    animals: np.ndarray = array("S", np.int64, least=1)  # reference animals of each site
    loci: tuple[str, ...]  # L
    alleles: tuple[tuple[str, ...], ...]
    haploid: np.ndarray = array("L", bool)
    # Counts at the sites, and what they show of other places.
    field: PooledField = stored_field(metadata=not_stored())
    grid: Grid = stored_field(metadata=not_stored())  # cells that an animal is placed in
    # How regions and points were made true on left-out sites, under each of `PRIORS`.
    calibration: SpatialCalibration = stored_field(metadata=not_stored())
    sampling: SpatialCalibration = stored_field(metadata=not_stored())
    seed: int
    range: Range  # how the allowed cells of the grid came about
    wide: np.ndarray = array(
        "R, C", bool, key="grid_wide"
    )  # cells that a prior without the range allows
    # Whether an animal of no reference site may be of one that was not sampled; None of too few sites.
    place: PlaceFit | None = stored_field(default=None, metadata=not_stored())

    def is_sound(self) -> bool:
        """Return whether the parts belong together, as they do not in a model that was damaged."""
        sizes = [len(names) + 1 for names in self.alleles]
        return (
            np.array_equal(self.field.offsets, np.cumsum([0, *sizes]))
            and len(self.field.latitudes) == len(self.animals) == len(self.sites)
            and len(self.haploid) == len(self.loci) == len(self.alleles)
            and self.wide.shape == self.grid.inside.shape
            and not (self.grid.inside & ~self.wide).any()
            and self.range.is_sound()
        )

    @property
    def known_sites(self) -> Sites:
        """The reference sites."""
        return Sites(self.sites, self.field.latitudes, self.field.longitudes, self.animals)

    def calibrated(self, prior: str) -> SpatialCalibration:
        """Return the calibration of a prior, of `PRIORS`."""
        return self.calibration if prior == "area" else self.sampling

    @property
    def notices(self) -> tuple[Notice, ...]:
        """What must be known of any result by the model."""
        result, animals = [], int(self.animals.sum())
        if animals < MIN_ANIMALS:
            result.append(notices.FEW_REFERENCE_ANIMALS(count=animals, least=MIN_ANIMALS))
        # Animals of a site resemble each other: the sites are what the share was measured on.
        if wilson(self.calibration.coverage, len(self.sites))[1] < 0.9:
            result.append(notices.REGIONS_TOO_SMALL(share=self.calibration.coverage))
        if not self.calibration.score > 0:
            result.append(notices.NO_SPATIAL_SIGNAL())
        return tuple(result)


def spatial_arrays(model: SpatialModel) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """Return a model as arrays (for NPZ) and plain values (for JSON)."""
    pool, place = model.field, model.place
    arrays = (
        pack_arrays(model) | pack_arrays(pool) | pack_arrays(pool.ridge)
        | pack_arrays(model.grid, "grid_") | ({} if place is None else pack_arrays(place))
    )  # fmt: skip
    values = (
        {"engine": ENGINE, "width_km": pool.width_km}
        | to_stored(pool.ridge) | to_stored(model.calibration) | to_stored(model)
        | {"sampling": to_stored(model.sampling)}
    )  # fmt: skip
    return arrays, values | ({} if place is None else {"place": to_stored(place)})


def spatial_from_arrays(
    arrays: Mapping[str, np.ndarray], values: Mapping[str, Any]
) -> SpatialModel:
    """Return the model of `spatial_arrays`.

    Raises
    ------
    KeyError, TypeError, ValueError, InputError, UsageError
        If something is missing, has the wrong shape or is not finite.
    LibraryError
        If the model was made by an estimator that this version does not know.
    """
    if (engine := values.get("engine")) != ENGINE:
        raise LibraryError(
            _("the spatial model was made by the estimator {engine!r}; this version knows {known!r}")
            .format(engine=engine, known=ENGINE)
        )  # fmt: skip
    ridge = unpack(PlaceRidge, values, arrays)
    place = unpack(PlaceFit, values["place"], arrays) if "place" in values else None
    return unpack(
        SpatialModel, values, arrays,
        field=unpack(PooledField, {}, arrays, ridge=ridge),
        grid=unpack(Grid, {}, arrays, "grid_"),
        calibration=unpack(SpatialCalibration, values, arrays),
        sampling=unpack(SpatialCalibration, values["sampling"], arrays),
        place=place,
    )  # fmt: skip


@dataclass(frozen=True, eq=False)
class Location:
    """Where one animal fits.

    Attributes
    ----------
    surface : Surface or None
        Posterior under the first prior; None where no locus was typed.
    second : Surface or None
        Posterior under the second prior.
    prior, second_prior : str
        Keys of `PRIORS`.
    loci : int
        Loci that the result rests on.
    territories : tuple of Territory
        Posterior of each State, most probable first, with the sampling behind it.
    outside_range : float or None
        Share of the posterior that a prior without the range would put outside it; None where
        places outside it were asked for.
    before : mapping of str to float
        Of each State what the first prior gives it.
    """

    animal: str
    surface: Surface | None
    second: Surface | None
    prior: str
    second_prior: str
    loci: int
    territories: tuple[Territory, ...]
    notices: tuple[Notice, ...]
    outside_range: float | None = None
    before: Mapping[str, float] = field(default_factory=dict)


def fit_spatial(
    genotypes: Genotypes,
    *,
    seed: int,
    sites: Sequence[str] | None = None,
    cells: int = CELLS,
    range_: Range | None = None,
) -> SpatialModel:
    """Learn where alleles are common from animals of known places.

    Parameters
    ----------
    genotypes : Genotypes
        Reference animals, each with latitude and longitude.
    seed : int
        Kept with the model; nothing in the fit is drawn.
    sites : sequence of str, optional
        Site of each animal; by default `sites_of`. Whole sites are left out in the tuning.
    cells : int
        Of the grid, see `ranges.lay_grid`.
    range_ : Range, optional
        Where animals may come from, in tuning and in use; by default the land within a distance
        of the sites that is derived from them (`ranges.derive_distance`).

    Raises
    ------
    InputError
        If animals have no coordinates, no locus varies, there are fewer than `MIN_SITES` sites,
        or all are one place.
    """
    known, site_names = known_animals(genotypes, sites)
    if len(site_names) < MIN_SITES:
        raise InputError(
            ngettext(
                "the reference has {count} site; at least {least} are needed to learn how "
                "frequencies change over space. Assign to populations instead",
                "the reference has {count} sites; at least {least} are needed to learn how "
                "frequencies change over space. Assign to populations instead",
                len(site_names),
            ).format(count=len(site_names), least=MIN_SITES),
            source=genotypes.source,
        )
    centres = known.site_latitudes, known.site_longitudes
    if great_circle(centres[0][0], centres[1][0], *centres).max() < 1e-3:
        raise InputError(
            _(
                "all sites of the reference are at one place, so differences over space cannot be "
                "learnt"
            ),
            source=genotypes.source,
        )
    if not any(len(alleles) > 1 for alleles in genotypes.alleles):
        raise InputError(
            _("no locus of the reference has two alleles, so places cannot be distinguished"),
            source=genotypes.source,
        )
    range_ = (range_ or range_of_sites()).of_sites(*centres)
    animals = known.latitudes, known.longitudes
    grid, wide = lay_grid(range_, animals, centres, cells=cells)
    coarse, _wide = lay_grid(range_, animals, centres, cells=TUNING_CELLS)
    field, calibrations, left_out = fit_field(known, coarse, range_)
    place = fit_places(
        field.counted(known.doses.alleles.dtype),
        centres,
        known.doses,
        known.site_of,
        left_out,
        field.widths_km,
    )
    return SpatialModel(
        site_names,
        np.bincount(known.site_of, minlength=len(site_names)).astype(np.int64),
        genotypes.loci,
        genotypes.alleles,
        genotypes.haploid,
        field,
        grid,
        calibrations["area"],
        calibrations["sampling"],
        seed,
        range_,
        wide,
        place,
    )


def known_animals(
    genotypes: Genotypes, sites: Sequence[str] | None = None
) -> tuple[KnownAnimals, tuple[str, ...]]:
    """Return animals of known places as they are fitted, and the names of their sites.

    Parameters
    ----------
    sites : sequence of str, optional
        Site of each animal; by default `sites.sites_of`.

    Raises
    ------
    InputError
        If there are no coordinates or an animal has none.
    """
    latitudes, longitudes = coordinates_of(genotypes)
    names = sites_of(genotypes) if sites is None else tuple(sites)
    site_names = tuple(sorted(set(names)))
    number = {name: place for place, name in enumerate(site_names)}
    site_of = np.array([number[name] for name in names])
    sizes = np.array([len(alleles) for alleles in genotypes.alleles])
    centres = centres_of(latitudes, longitudes, site_of)
    known = KnownAnimals(doses_of(genotypes, sizes), site_of, latitudes, longitudes, *centres)
    return known, site_names


def prior_weights(model: SpatialModel, grid: Grid, prior: str) -> np.ndarray:
    """Return the prior of each allowed cell; float64, sums to 1.

    ``area`` is proportional to area; ``sampling`` to area times the sum over reference animals
    of ``exp(-distance / width)``, with the width of the field.
    """
    if prior not in PRIORS:
        raise UsageError(
            _("prior {prior}; one of {known} is expected").format(
                prior=prior, known=", ".join(PRIORS)
            )
        )
    weights = grid.areas()[grid.inside]
    if prior == "sampling":
        away = grid.distances(model.field.latitudes, model.field.longitudes)
        weights = weights * sampling_density(away, model.animals, model.field.width_km)
    return np.asarray(weights / weights.sum())


def allowed_grid(
    model: SpatialModel, mask: np.ndarray | None, *, beyond_range: bool = False
) -> Grid:
    """Return the model's grid: its range, cut to a mask of its cells.

    Parameters
    ----------
    beyond_range : bool
        Allow what the prior without the model's range allows.
    """
    grid = model.grid
    if beyond_range:
        grid = replace(grid, inside=model.wide)
    if mask is None:
        return grid
    if not (mask & grid.inside).any():
        raise UsageError(
            _(
                "the range map and the model's grid have no cell in common; is the range that "
                "of another species, or latitude and longitude exchanged?"
            )
        )
    return replace(grid, inside=grid.inside & mask)


def animal_log_likelihood(
    model: SpatialModel, genotypes: Genotypes, grid: Grid
) -> tuple[np.ndarray, np.ndarray, list[list[str]]]:
    """Return log-likelihoods (not tempered) of animals at the allowed cells of a grid.

    Returns
    -------
    logs : numpy.ndarray of float64, shape (n, cells)
    loci : numpy.ndarray of int, shape (n,)
        Typed loci of each animal.
    unseen : list of lists of str
        Of each animal its alleles that the reference does not have, as ``locus allele``.
    """
    coded, doses = code_doses(model, genotypes)
    sizes = np.array([len(alleles) for alleles in model.alleles])
    logs, typed = model.field.log_likelihood(doses, grid), (doses.typed > 0).sum(axis=1)
    unseen = [
        [
            f"{model.loci[locus]} {coded.alleles[locus][code]}"
            for locus in range(len(model.loci))
            for code in sorted(set(coded.codes[row, locus].tolist()))
            if code >= sizes[locus]
        ]
        for row in range(len(coded))
    ]
    return logs, typed.astype(int), unseen


def code_doses(model: SpatialModel, genotypes: Genotypes) -> tuple[Genotypes, Doses]:
    """Return animals in the codes of the model, and their copies of alleles.

    Raises
    ------
    InputError
        If no locus is common to both, or a locus has one copy in the model and two in the samples.
    """
    coded, _ignored = genotypes.coded_as(model.loci, model.alleles)
    two = (coded.codes[:, :, 1] >= 0).any(axis=0) & model.haploid
    if two.any():
        locus = model.loci[int(np.flatnonzero(two)[0])]
        raise InputError(
            _("locus {locus} has one copy in the reference and two in the samples").format(
                locus=locus
            ),
            source=genotypes.source,
        )
    return coded, doses_of(coded, np.array([len(alleles) for alleles in model.alleles]))


def place_p_values(
    model: SpatialModel, genotypes: Genotypes, places: Sequence[tuple[float, float]]
) -> np.ndarray:
    """Return whether animals fit the places where the map puts them: `PlaceFit.p_values`; float64, shape (n,).

    Parameters
    ----------
    places : sequence of (latitude, longitude)
        Of each animal.

    Returns
    -------
    numpy.ndarray
        0 where the reference has too few sites that others surround.
    """
    if model.place is None or not len(genotypes):
        return np.zeros(len(genotypes))
    _coded, doses = code_doses(model, genotypes)
    latitudes, longitudes = np.array(places, dtype=np.float64).T
    return model.place.p_values(
        model.field.counted(doses.alleles.dtype),
        (model.field.latitudes, model.field.longitudes), doses, (latitudes, longitudes),
    )  # fmt: skip


def surfaces_of(
    calibration: SpatialCalibration, grid: Grid, logs: np.ndarray, weights: np.ndarray
) -> list[Surface]:
    """Return calibrated posteriors from log-likelihoods of shape (n, cells) and a prior.

    ``(1 - stray) prior L^temper / sum + stray prior``. The point is the geometric median of
    ``prior L^sharpness / sum``.
    """
    gains = log_gains(logs, weights, calibration.temper, calibration.stray)
    result = []
    for gain, row in zip(gains, point_weights(logs, weights[None, :], calibration)):
        surface = surface_from_log(grid, gain + np.log(weights))
        result.append(replace(surface, point_weights=grid.spread(row)))
    return result


def locate(
    model: SpatialModel,
    genotypes: Genotypes,
    *,
    prior: str = "area",
    range_map: np.ndarray | None = None,
    beyond_range: bool = False,
) -> list[Location]:
    """Return where each animal fits.

    Parameters
    ----------
    prior : str
        Key of `PRIORS`; the result is given under the other one too.
    range_map : numpy.ndarray of bool, shape of the grid
        Cells outside it are impossible.
    beyond_range : bool
        Allow places outside the model's range.

    Raises
    ------
    InputError
        If no locus is common to model and samples.
    UsageError
        If the prior is not known or the range map allows no cell.
    """
    grid = allowed_grid(model, range_map, beyond_range=beyond_range)
    weights = prior_weights(model, grid, prior)
    second = next(name for name in PRIORS if name != prior)
    others = prior_weights(model, grid, second)
    # The likelihood is computed on all cells that a wider prior allows: what the range cuts off is
    # stated.
    everywhere = grid
    if not beyond_range:
        everywhere = replace(grid, inside=model.wide)
    every_log, loci, unseen = animal_log_likelihood(model, genotypes, everywhere)
    logs = every_log[:, grid.inside[everywhere.inside]]
    states = MapAreas(grid, country_regions(), model.known_sites)
    before = states.shares_of(grid.spread(weights))
    result = []
    for row, animal in enumerate(genotypes.animals):
        if not loci[row]:
            untyped = (*model.notices, notices.NO_LOCI("place"))
            result.append(Location(animal, None, None, prior, second, 0, (), untyped))
            continue
        own, every = logs[row : row + 1], every_log[row : row + 1]
        (surface,) = surfaces_of(model.calibrated(prior), grid, own, weights)
        (other,) = surfaces_of(model.calibrated(second), grid, own, others)
        known = _notices_of_location(model, surface, other, int(loci[row]), unseen[row])
        land = tuple(share_territories(states, surface, second=other))
        outside = None
        if everywhere is not grid:
            wider = prior_weights(model, everywhere, prior)
            (free,) = surfaces_of(model.calibrated(prior), everywhere, every, wider)
            outside = max(0.0, 1.0 - free.share(grid.inside))
        result.append(
            Location(
                animal, surface, other, prior, second, int(loci[row]), land, known, outside, before
            )
        )  # fmt: skip
    return result


def _notices_of_location(
    model: SpatialModel, surface: Surface, other: Surface, loci: int, unseen: Sequence[str]
) -> tuple[Notice, ...]:
    """Return what must be known of a location."""
    result = list(model.notices)
    if loci < FEW_LOCI * len(model.loci):
        result.append(notices.FEW_LOCI("place", loci=loci, all=len(model.loci)))
    if unseen:
        result.append(notices.UNSEEN_ALLELES("place", alleles=", ".join(unseen[:10])))
    place = surface.mode()
    away = float(great_circle(*place, model.field.latitudes, model.field.longitudes).min())
    if away > model.field.width_km:
        result.append(notices.FAR_FROM_REFERENCE(away=away))
    region = surface.region(0.95)
    turn = len(surface.grid.longitudes) * surface.grid.steps[1] > 360 * (1 - 1e-6)
    if region[[0, -1]].any() or (not turn and region[:, [0, -1]].any()):
        result.append(notices.REGION_AT_EDGE())
    if not surface.holds(0.5, *other.mode()):
        result.append(notices.PRIOR_MATTERS())
    return tuple(result)


# -- evaluation ------------------------------------------------------------------------


@dataclass(frozen=True)
class Placement:
    """One known animal, placed without its site (or without itself).

    Attributes
    ----------
    error_km : float
        From the true place to the median of the posterior under the prior ``area``.
    sampling_km : float
        The same under the prior ``sampling``.
    mode_km : float
        From the true place to the mode.
    rank : float
        Level of the region whose edge runs through the true place (`Surface.rank`).
    covered : tuple of bool
        Whether the regions of `geography.LEVELS` hold the true place.
    sampling_covered : tuple of bool
        The same under the prior ``sampling``.
    """

    animal: str
    site: str
    error_km: float
    sampling_km: float
    mode_km: float
    rank: float
    covered: tuple[bool, ...]
    sampling_covered: tuple[bool, ...]


@dataclass(frozen=True)
class SpatialEvaluation:
    """Figures of a spatial reference.

    Attributes
    ----------
    scheme : str
        ``site`` (whole sites left out) or ``animal``.
    floor_km : tuple of float
        Median and 80 % quantile of the error of always naming the mean of all other sites.
    cell_km : float
        Side of a cell of the grid: errors below it are rounding.
    range : dict
        Of the animals, as it is stored.
    """

    scheme: str
    placements: tuple[Placement, ...]
    floor_km: tuple[float, float]
    cell_km: float
    warnings: tuple[str, ...]
    range: dict[str, Any] = field(default_factory=dict)

    def quantiles(self, name: str) -> tuple[float, float]:
        """Return the median and the 80 % quantile of an error: a field of `Placement`."""
        values = [getattr(placement, name) for placement in self.placements]
        return float(np.median(values)), float(np.quantile(values, 0.8))

    def error_km(self) -> tuple[float, float]:
        """Return the median and the 80 % quantile of the error of the posterior's median."""
        return self.quantiles("error_km")

    def coverage(self, name: str = "covered") -> dict[float, Rate]:
        """Return by level how often regions hold the true place; animals of a site cluster.

        `name` is a field of `Placement`.
        """
        return {
            level: clustered_rate(
                [
                    getattr(placement, name)[place]
                    for placement in self.placements
                    if placement.site == site
                ]
                for site in dict.fromkeys(placement.site for placement in self.placements)
            )
            for place, level in enumerate(LEVELS)
        }

    def by_site(self) -> list[dict[str, Any]]:
        """Return a row a site: animals, median error and share held by the 90 % region."""
        rows = []
        for site in dict.fromkeys(placement.site for placement in self.placements):
            at_site = [placement for placement in self.placements if placement.site == site]
            rows.append(
                {
                    "site": site,
                    "animals": len(at_site),
                    "median_km": float(np.median([placement.error_km for placement in at_site])),
                    "held_90": float(
                        np.mean([placement.covered[LEVELS.index(0.90)] for placement in at_site])
                    ),
                }
            )
        return rows

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for a model's card."""
        return {
            "scheme": self.scheme,
            "animals": len(self.placements),
            "sites": len({placement.site for placement in self.placements}),
            "median_km": self.error_km()[0],
            "q80_km": self.error_km()[1],
            "sampling_median_km": self.quantiles("sampling_km")[0],
            "sampling_q80_km": self.quantiles("sampling_km")[1],
            "mode_median_km": self.quantiles("mode_km")[0],
            "mode_q80_km": self.quantiles("mode_km")[1],
            "floor_median_km": self.floor_km[0],
            "floor_q80_km": self.floor_km[1],
            "cell_km": self.cell_km,
            "coverage": {f"{level:g}": rate.to_dict() for level, rate in self.coverage().items()},
            "sampling_coverage": {
                f"{level:g}": rate.to_dict()
                for level, rate in self.coverage("sampling_covered").items()
            },
            "by_site": self.by_site(),
            "range": self.range,
            "warnings": list(self.warnings),
        }


def evaluate_spatial(
    genotypes: Genotypes,
    *,
    seed: int,
    schemes: Sequence[str] = SCHEMES,
    cells: int = EVALUATION_CELLS,
    range_: Range | None = None,
    observe: Callable[[str, int, int, Surface, np.ndarray], None] | None = None,
    progress: Progress | None = None,
) -> dict[str, SpatialEvaluation]:
    """Return the figures of a spatial reference by scheme.

    Parameters
    ----------
    genotypes : Genotypes
        Animals of known places.
    seed : int
        Of the groups of sites.
    schemes : sequence of str
        Of `SCHEMES`.
    cells, range_
        As for `spatial.fit_spatial`. A range that is given is known beforehand; one that is a
        distance around the sites is drawn without the site that is left out.
    observe : callable, optional
        Is given under each prior its name, and of each animal its number, the number of its site (in
        alphabetic order), the posterior by a model without that site, and the prior of the cells.
    progress : callable, optional
        Called with the sites that were left out so far, and with how many will be.

    Raises
    ------
    InputError
        If there are fewer than ``MIN_SITES + 1`` sites.
    """
    known, site_names = known_animals(genotypes)
    if len(site_names) <= MIN_SITES:
        raise InputError(
            _(
                "{count} sites; at least {least} are needed, so that one can be left out and a "
                "model fitted on the others"
            ).format(count=len(site_names), least=MIN_SITES + 1)
        )
    centres = known.site_latitudes, known.site_longitudes
    range_ = (range_ or range_of_sites()).of_sites(*centres)
    places = known.latitudes, known.longitudes
    grid, _wide = lay_grid(range_, places, centres, cells=cells)
    coarse, _wide = lay_grid(range_, places, centres, cells=TUNING_CELLS)
    groups = groups_of(known.sites, OUTER_FOLDS, seed)
    step = _steps(progress, known.sites, len(groups))
    widths = known.widths_km()
    tuned = []
    for group in groups:
        others = known.without(group)
        cells_of_others = _cells_of(coarse, others, range_)
        field_of_others, calibrations_of_others, _left_out = fit_field(
            others, cells_of_others, range_, widths_km=widths, progress=step, to_place=False
        )
        tuned.append((field_of_others, calibrations_of_others))
    distances = grid.distances(*centres)
    results = {}
    for scheme in schemes:
        left_out = _LeftOut(known, grid, distances, scheme, step)
        placements: dict[int, Placement] = {}
        for group, (fitted, calibrations) in zip(groups, tuned):
            rows, logs = left_out.logs(group, fitted)
            sites_of_rows = known.site_of[rows]
            priors = priors_of_sites(
                known, grid, range_, distances, fitted.width_km, without=scheme == "site"
            )
            if observe is not None and scheme == "site":
                for name, prior in priors.items():
                    found = posteriors(logs, prior[sites_of_rows], calibrations[name])
                    for row, site, posterior in zip(rows, sites_of_rows, found):
                        surface = Surface(grid, grid.spread(posterior))
                        observe(name, int(row), int(site), surface, prior[site])
            for row, placement in zip(
                rows, compare_places(
                    genotypes, known, site_names, grid, rows, logs, priors, calibrations
                ),
            ):  # fmt: skip
                placements[int(row)] = placement
        results[scheme] = SpatialEvaluation(
            scheme,
            tuple(placement for _row, placement in sorted(placements.items())),
            find_floor(places, known.site_of, centres),
            grid.cell_km(),
            warnings_of(len(genotypes), len(placements)),
            to_stored(range_),
        )
    return results


def _steps(progress: Progress | None, sites: int, folds: int) -> Callable[[], object] | None:
    """Return what counts the sites that were left out, of all that will be."""
    if progress is None:
        return None
    total, done = sites * (folds - 1) + sites, 0

    def step() -> None:
        nonlocal done
        done += 1
        progress(min(done, total), total)

    return step


def _cells_of(grid: Grid, known: KnownAnimals, range_: Range) -> Grid:
    """Return a grid with the range of other sites alone, where the range is drawn around sites."""
    if range_.kind != "sites":
        return grid
    inside = range_.mask(grid, known.site_latitudes, known.site_longitudes).copy()
    inside[grid.cell_of(known.latitudes, known.longitudes)] = True
    return replace(grid, inside=inside)


class _LeftOut:
    """Log-likelihoods of animals without their site, or without themselves."""

    def __init__(
        self,
        known: KnownAnimals,
        grid: Grid,
        distances: np.ndarray,
        scheme: str,
        step: Callable[[], object] | None,
    ) -> None:
        self.known, self.grid, self.scheme = known, grid, scheme
        self.widths_km = known.widths_km()
        weights = site_weights(known.site_of)
        places = unit_vectors(known.latitudes, known.longitudes)
        self.rows = np.arange(len(known.site_of))
        self.predicted: dict[float, np.ndarray] = {}
        self._places, self._weights = places, weights
        self._groups = known.site_of if scheme == "site" else self.rows
        self._step = step
        if scheme == "animal":
            self.fields = self._fields_without_animals(distances)

    def _fields_without_animals(self, distances: np.ndarray) -> np.ndarray:
        """Return what the fields say of animals without themselves; float, shape (K + J, n, p)."""
        known = self.known
        counts, dtype = known.counts(), known.doses.alleles.dtype
        counted = count_sites(counts, known.doses.offsets, dtype)
        work = len(distances) * float(known.doses.alleles.size) * len(KRIGED_WIDTHS)
        if work > _MAX_WORK:
            count = max(MIN_ANIMALS, int(len(self.rows) * _MAX_WORK / work))
            self.rows = self.rows[:: max(1, len(self.rows) // count)]
        by_width = np.exp(-distances[None] / self.widths_km[0][:, None, None]).astype(dtype)
        apart = site_distances(known.site_latitudes, known.site_longitudes)
        kernels, kriged = (len(widths) for widths in self.widths_km)
        fields = np.empty((kernels + kriged, len(known.site_of), len(distances)), dtype=dtype)
        for row in self.rows:
            site = int(known.site_of[row])
            fields[:kernels, row] = logs_without_animal(
                counted, known.doses, int(row), site, by_width
            )
            fewer = counts.copy()
            fewer[site] -= known.doses.alleles[row]
            others = count_sites(fewer, known.doses.offsets, dtype, counted.concentrations)
            fields[kernels:, [row]] = kriged_logs(
                others, known.doses.take(np.array([row])), distances, apart, self.widths_km[1]
            )
        return fields

    def logs(self, group: np.ndarray, field: PooledField) -> tuple[np.ndarray, np.ndarray]:
        """Return the animals of a group of sites, and their pooled log-likelihoods by a field."""
        rows = self.rows[np.isin(self.known.site_of[self.rows], group)]
        penalty = field.ridge.penalty
        if penalty not in self.predicted:
            (self.predicted[penalty],) = left_out_places(
                self.known.doses, self._places, self._weights, self._groups, (penalty,)
            )
        doses = self.known.doses.take(rows)
        regression = regression_logs(
            self.predicted[penalty][rows], field.middle(), field.ridge.sd_km,
            field.ridge.spread_km, doses, self.grid,
        )  # fmt: skip
        if self.scheme == "site":
            # The concentrations of the loci, too, are those of the other sites.
            fields = left_out_fields(
                self.known, self.grid, self.widths_km, group,
                concentrations=field.concentrations, progress=self._step,
            )[:, rows]  # fmt: skip
        else:
            fields = self.fields[:, rows]
        experts = [*fields, regression]
        return rows, pool(np.stack(experts), field.powers)


def compare_places(
    genotypes: Genotypes,
    known: KnownAnimals,
    site_names: tuple[str, ...],
    grid: Grid,
    rows: np.ndarray,
    logs: np.ndarray,
    priors: Mapping[str, np.ndarray],
    calibrations: Mapping[str, SpatialCalibration],
) -> list[Placement]:
    """Return how the posteriors of animals compare with where they were."""
    truth = grid.allowed_cell_of(known.latitudes[rows], known.longitudes[rows])
    errors: dict[Any, np.ndarray] = {}
    covered, ranks = {}, {}
    for name, of_site in priors.items():
        prior = of_site[known.site_of[rows]]
        posterior = posteriors(logs, prior, calibrations[name])
        medians = geometric_medians(
            grid, point_weights(logs, prior, calibrations[name]), inside=True
        )
        errors[name] = great_circle(known.latitudes[rows], known.longitudes[rows], *medians)
        density = posterior / grid.areas()[grid.inside]
        own = density[np.arange(len(rows)), truth]
        higher = ~reaches(own[:, None], density)
        equal = ~higher & reaches(density, own[:, None])
        above = (posterior * higher).sum(axis=1)
        outside = prior[np.arange(len(rows)), truth] <= 0
        ranks[name] = np.where(
            outside, 1.0, np.minimum(1.0, above + (posterior * equal).sum(axis=1) / 2)
        )
        covered[name] = np.array([~outside & ~reaches(above, level) for level in LEVELS]).T
        best = greatest(density, axis=1)
        latitudes, longitudes = (degrees[grid.inside][best] for degrees in grid.coordinates())
        errors[name, "mode"] = great_circle(
            known.latitudes[rows], known.longitudes[rows], latitudes, longitudes
        )
    return [
        Placement(
            genotypes.animals[row],
            site_names[known.site_of[row]],
            float(errors["area"][number]),
            float(errors["sampling"][number]),
            float(errors["area", "mode"][number]),
            float(ranks["area"][number]),
            tuple(covered["area"][number].tolist()),
            tuple(covered["sampling"][number].tolist()),
        )
        for number, row in enumerate(rows)
    ]


def warnings_of(animals: int, placed: int) -> tuple[str, ...]:
    """Return what must be known of the figures."""
    result = []
    if animals < MIN_ANIMALS:
        result.append(
            _(
                "{count} animals; below {least} a baseline's figures are themselves uncertain"
            ).format(count=animals, least=MIN_ANIMALS)
        )
    if placed < animals:
        result.append(
            _("{placed} of {animals} animals were placed, evenly taken from all").format(
                placed=placed, animals=animals
            )
        )
    return tuple(result)


def find_floor(
    places: tuple[np.ndarray, np.ndarray],
    site_of: np.ndarray,
    centres: tuple[np.ndarray, np.ndarray],
) -> tuple[float, float]:
    """Return median and 80 % quantile of the error of naming the mean of the other sites."""
    errors = np.empty(len(site_of))
    for site in range(len(centres[0])):
        rows = site_of == site
        other = spherical_mean(*(np.delete(degrees, site) for degrees in centres))
        errors[rows] = great_circle(places[0][rows], places[1][rows], *other)
    return float(np.median(errors)), float(np.quantile(errors, 0.8))
