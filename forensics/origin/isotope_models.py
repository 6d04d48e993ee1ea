"""The kind of model that places animals by isotopes: stored and applied."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from forensics.core.provenance import Provenance
from forensics.errors import LibraryError, ModelError
from forensics.messages import _, numeral
from forensics.origin.geography import Surface
from forensics.origin.isotopes import IsotopeModel
from forensics.origin.outlines import countries, countries_of
from forensics.origin.results import Origin, Origins, OriginWarning
from forensics.origin.surfaces import CONFIDENCE, surface_details, surface_lines
from forensics.origin.territories import LEAST_SHARE

__all__ = ["assign_isotopes", "packed", "unpacked"]


def packed(model: IsotopeModel) -> tuple[dict, dict, dict]:
    """Return labels, arrays and parameters, as `forensics.origin.models` stores them."""
    arrays, values = model.to_arrays()
    return dict(values), dict(arrays), {"density": model.density}


def unpacked(
    labels: Mapping, arrays: Mapping[str, np.ndarray], parameters: Mapping
) -> IsotopeModel:
    """Return what `packed` took apart.

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
    frame,
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
    results = []
    for row, found in enumerate(model.assign_table(frame, name=name, source=source)):
        warnings = tuple(OriginWarning(*warning) for warning in found.warnings)
        details: dict[str, Any] = {"prior": model.prior_name, "values": dict(found.values)}
        lines = [
            (
                _("Values"),
                ", ".join(
                    f"{isotope} {numeral(value, '.1f')} ‰"
                    for isotope, value in found.values.items()
                ),
            ),
            (
                _("Fits"),
                _("the best place lies {distance:.1f} standard deviations from the values").format(
                    distance=found.nearest
                ),
            ),
        ]
        status = "inconclusive"
        rank: str | None = None
        origin: str | None = None
        probability: float | None = None
        shown: Surface | None = None
        if any(warning.code == "NO_PLACE" for warning in warnings):
            status = "none_of_the_reference"
        else:
            shown = found.surface
            details |= surface_details(shown)
            details["countries"] = _countries(shown)
            lines += surface_lines(details, ())
            reached = [one for one in details["countries"] if one["in_region"]]
            lines.append(
                (
                    _("Countries"),
                    ", ".join(
                        f"{one['name']} {numeral(one['probability'], '.1%')}" for one in reached[:6]
                    ),
                )
            )
            if len(reached) == 1 and reached[0]["probability"] >= confidence:
                status, rank = "assigned", "state"
                origin, probability = reached[0]["name"], reached[0]["probability"]
            lines.append((_("Prior"), model.prior_name))
        results.append(
            Origin(
                found.name, row + 1, "isotopes", status, rank, origin, probability,
                len(found.values), tuple(lines), details, warnings, limits, provenance, shown,
            )
        )  # fmt: skip
    return Origins(results)


def _countries(surface: Surface) -> list[dict]:
    """Return what the posterior gives each country; isotopes have no reference animals there."""
    labels, _away = countries_of(*surface.grid.coordinates())
    names, region = countries(), surface.region(0.95)
    found = []
    for label in np.unique(labels[surface.grid.inside]):
        cells = surface.grid.inside & (labels == label)
        share, reached = surface.share(cells), bool((region & cells).any())
        if share >= LEAST_SHARE or reached:
            found.append(
                {
                    "name": names[label].name if label >= 0 else _("outside every territory"),
                    "probability": share,
                    "in_region": reached,
                }
            )
    return sorted(found, key=lambda one: -one["probability"])
