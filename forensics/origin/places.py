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
from forensics.origin.assignment import MIN_LOCI
from forensics.origin.baseline import Baseline
from forensics.origin.exclusion import LEVEL, Fit, exclude, fit_in_words
from forensics.origin.results import Origin, Origins
from forensics.origin.spatial import SpatialModel, fit_spatial, locate, sites_of
from forensics.origin.spatial_storage import spatial_arrays, spatial_from_arrays
from forensics.origin.surfaces import CONFIDENCE, state_of, surface_details, surface_lines
from forensics.origin.territories import Area, listings_by_state, listings_of

__all__ = ["assign_places", "packed", "trained", "unpacked"]

_SITES = "sites_"  # before the names of the second part's arrays


def trained(
    genotypes: Genotypes, *, seed: int, sites: Sequence[str] | None = None, land: bool = True
) -> tuple[SpatialModel, Baseline, Fit]:
    """Return the map and the sites' exclusion of a reference with coordinates."""
    names = sites_of(genotypes) if sites is None else tuple(sites)
    spatial = fit_spatial(genotypes, seed=seed, sites=names, land=land)
    baseline, fit = populations.trained(
        replace(genotypes, populations=names, units=None), method="rannala_mountain"
    )
    return spatial, baseline, fit


def packed(spatial: SpatialModel, baseline: Baseline, fit: Fit) -> tuple[dict, dict, dict]:
    """Return labels, arrays and parameters, as `forensics.origin.models` stores them."""
    arrays, values = spatial_arrays(spatial)
    labels, more, parameters = populations.packed(baseline, fit)
    return (
        {"spatial": values, "sites": labels},
        {**arrays, **{_SITES + name: array for name, array in more.items()}},
        parameters,
    )


def unpacked(
    labels: Mapping, arrays: Mapping[str, np.ndarray], parameters: Mapping
) -> tuple[SpatialModel, Baseline, Fit]:
    """Return what `packed` took apart.

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
    return spatial, *populations.unpacked(sites, own, parameters)


def assign_places(
    genotypes: Genotypes,
    spatial: SpatialModel,
    baseline: Baseline,
    fit: Fit,
    *,
    provenance: Provenance,
    limits: tuple[str, ...] = (),
    prior: str = "area",
    confidence: float = CONFIDENCE,
    level: float = LEVEL,
    range_map: np.ndarray | Sequence[np.ndarray] | None = None,
    listings: Sequence[Area] | Mapping[str, str] | None = None,
    seed: int = 1,
) -> Origins:
    """Place animals on the map, and say which fit no reference site.

    Parameters
    ----------
    genotypes : Genotypes
    spatial, baseline, fit
        Of `unpacked` or `trained`.
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
    listings : sequence of Area, or mapping of str to str, optional
        Listed populations: areas (`territories.areas_from_geojson`), or the listing of each
        country by its name or numeric code. The listings that remain possible are a set.
    seed : int
        Of the exclusion's simulated genotypes.
    """
    tested = exclude(genotypes, baseline, fit, level=level, seed=seed)
    results = []
    for row, found in enumerate(locate(spatial, genotypes, prior=prior, range_map=range_map)):
        p = float(tested.p_any[row])
        fits = fit_in_words(p, level, len(baseline.populations), sites=True)
        details: dict[str, Any] = {
            "prior": found.prior,
            "exclusion": {"level": level, "excluded": bool(tested.excluded[row]), "p_any": p},
        }
        status = "inconclusive"
        rank: str | None = None
        origin: str | None = None
        probability: float | None = None
        lines = [(_("Fits"), fits)]
        if found.surface is None or found.loci < MIN_LOCI:
            status = "unusable"
            lines = [
                (
                    _("Loci"),
                    _("{used} typed of {loci}; at least {least} are needed").format(
                        used=found.loci, loci=len(spatial.loci), least=MIN_LOCI
                    ),
                )
            ]
        elif tested.excluded[row]:
            # A best place on the map would be read as an origin, so none is drawn.
            status = "none_of_the_reference"
        else:
            assert found.second is not None  # where there is a surface there are two
            details |= surface_details(found.surface)
            details["territories"] = [vars(one) for one in found.territories]
            if listings is not None:
                shares, remaining = _listed(found, spatial, listings)
                details["listings"] = {
                    "possible": list(remaining),
                    "shares": [vars(one) for one in shares],
                }
            details["second"] = {"prior": found.second_prior, **surface_details(found.second)}
            named = state_of(found.territories, confidence)
            if named:
                status, rank, origin, probability = (
                    "assigned",
                    "state",
                    named.name,
                    named.probability,
                )
            lines += surface_lines(details, found.territories)
            if listings is not None:
                lines.append((_("Listings"), _possible(details["listings"]["possible"])))
            second = details["second"]
            lines.append(
                (
                    _("Prior"),
                    _(
                        "'{prior}'; under '{second}' the middle lies at about {latitude:.1f}, "
                        "{longitude:.1f}"
                    ).format(prior=found.prior, second=found.second_prior, **second["median"]),
                )
            )
            lines.append(
                (_("Loci"), _("{used} of {loci}").format(used=found.loci, loci=len(spatial.loci)))
            )
        shown = found.surface if "mode" in details else None
        results.append(
            Origin(
                found.animal, row + 1, "places", status, rank, origin, probability, found.loci,
                tuple(lines), details, found.warnings, limits, provenance, shown,
            )
        )  # fmt: skip
    return Origins(results)


def _listed(found, spatial: SpatialModel, listings):
    """Return the posterior of each listing and those that remain possible."""
    if isinstance(listings, Mapping):
        return listings_by_state(found.territories, listings)
    return listings_of(
        found.surface,
        listings,
        spatial.field.latitudes,
        spatial.field.longitudes,
        spatial.animals,
        second=found.second,
    )


def _possible(names: Sequence[str]) -> str:
    shown = [name or _("no listing found") for name in names]
    if len(shown) == 1:
        return _("{name} alone").format(name=shown[0])
    return _("not settled; possible: {names}").format(names=", ".join(shown) or "-")
