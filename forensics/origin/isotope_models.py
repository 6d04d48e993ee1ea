"""The kind of model that places animals by isotopes: stored and applied."""

from collections.abc import Mapping
from dataclasses import replace
from operator import attrgetter
from typing import TYPE_CHECKING, Any

import numpy as np

from forensics.core.provenance import Provenance
from forensics.errors import LibraryError, ModelError
from forensics.notices import origin as notices
from forensics.origin.areas import MIN_SHARE, NO_SITES, MapAreas, country_regions
from forensics.origin.country_names import OUTSIDE
from forensics.origin.defaults import CONFIDENCE
from forensics.origin.geography import Surface
from forensics.origin.isotopes import IsotopeModel
from forensics.origin.map_results import CountryShare, IsotopeOrigin, summarise_surface
from forensics.origin.results import Origins
from forensics.stats.choice import ranked

if TYPE_CHECKING:
    import pandas

__all__ = ["assign_isotopes", "pack_model", "unpack_model"]


def pack_model(model: IsotopeModel) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    """Return labels, arrays and parameters, as `forensics.origin.models` stores them."""
    arrays, values = model.to_arrays()
    return dict(values), dict(arrays), {"density": model.density}


def unpack_model(
    labels: Mapping[str, Any], arrays: Mapping[str, np.ndarray], parameters: Mapping[str, Any]
) -> IsotopeModel:
    """Return what `pack_model` took apart.

    Raises
    ------
    ModelError
        If labels and arrays do not belong together.
    """
    try:
        return IsotopeModel.from_arrays(arrays, labels)
    except LibraryError as error:
        raise ModelError(str(error)) from error


def assign_isotopes(
    frame: "pandas.DataFrame",
    model: IsotopeModel,
    *,
    provenance: Provenance,
    limits: tuple[str, ...] = (),
    name: str | None = None,
    source: str = "table",
    confidence: float = CONFIDENCE,
) -> Origins:
    """Place each sample of a table by its isotopes.

    Parameters
    ----------
    frame : pandas.DataFrame
        A column for each isotope; see `IsotopeModel.assign_table`.
    model : IsotopeModel
    provenance : Provenance
    limits : tuple of str
    name : str, optional
        Column with names of samples.
    source : str
        File, for messages.
    confidence : float
        Posterior from which on a country is named, if the 95 % region lies in it.
    """
    states = MapAreas(model.grid, country_regions(), NO_SITES)
    results = []
    for row, assignment in enumerate(model.assign_table(frame, name=name, source=source)):
        result = IsotopeOrigin(
            sample=assignment.name,
            index=row + 1,
            status="inconclusive",
            rank=None,
            origin=None,
            probability=None,
            used=len(assignment.values),
            prior=model.prior_name,
            values=dict(assignment.values),
            nearest=assignment.nearest,
            notices=assignment.notices,
            model_limits=limits,
            provenance=provenance,
        )
        if notices.NO_PLACE.code in result.codes:
            result = replace(result, status="none_of_the_reference")
        else:
            result = _with_map(result, assignment.surface, states, confidence)
        results.append(result)
    return Origins(results)


def _with_map(
    result: IsotopeOrigin, surface: Surface, states: MapAreas, confidence: float
) -> IsotopeOrigin:
    """Return a result with its map, and the country that may be named."""
    masses, reached = states.share(surface).tolist(), states.reached(surface.region(0.95))
    shares = [
        CountryShare(states.regions.names[label] if label >= 0 else OUTSIDE, mass, is_reached)
        for label, mass, is_reached in zip(states.labels, masses, reached)
        if mass >= MIN_SHARE or is_reached
    ]
    countries = tuple(ranked(shares, attrgetter("probability")))
    result = replace(
        result, **summarise_surface(surface).fields(), surface=surface, countries=countries
    )
    inside = [country for country in countries if country.in_region]
    if len(inside) != 1 or inside[0].probability < confidence:
        return result
    (country,) = inside
    return replace(
        result,
        status="assigned",
        rank="state",
        origin=country.name,
        probability=country.probability,
    )
