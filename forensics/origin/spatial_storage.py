"""A spatial model as arrays and plain values, and back; what is read is checked."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from forensics.errors import LibraryError, UsageError
from forensics.messages import _
from forensics.origin.fields import PlaceRidge
from forensics.origin.geography import Grid, check_places
from forensics.origin.ranges import Range
from forensics.origin.spatial import SpatialModel
from forensics.origin.tuning import ENGINE, PooledField, SpatialCalibration

_CALIBRATION = ("temper", "stray", "score", "coverage", "shared", "joint_coverage")


def spatial_arrays(model: SpatialModel) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """Return a model as arrays (for NPZ) and plain values (for JSON)."""
    field, calibration = model.field, model.calibration
    arrays = {
        "animals": model.animals,
        "haploid": model.haploid,
        "offsets": field.offsets,
        "counts": field.counts,
        "site_latitudes": field.latitudes,
        "site_longitudes": field.longitudes,
        "grid_latitudes": model.grid.latitudes,
        "grid_longitudes": model.grid.longitudes,
        "grid_inside": model.grid.inside,
        "grid_wide": model.wide,
        "concentrations": field.concentrations,
        "widths_km": field.widths_km,
        "kriged_widths_km": field.kriged_widths_km,
        "powers": field.powers,
        "ridge_means": field.ridge.means,
        "ridge_slopes": field.ridge.slopes,
        "ridge_intercept": field.ridge.intercept,
    }
    values: dict[str, Any] = {
        "sites": list(model.sites),
        "loci": list(model.loci),
        "alleles": [list(names) for names in model.alleles],
        "engine": ENGINE,
        "width_km": field.width_km,
        "ridge_sd_km": field.ridge.sd_km,
        "ridge_spread_km": field.ridge.spread_km,
        "ridge_penalty": field.ridge.penalty,
        "sharpness": calibration.sharpness,
    }
    values |= {name: getattr(calibration, name) for name in _CALIBRATION}
    values |= {"seed": model.seed, "range": model.range.to_dict()}
    return arrays, values


def spatial_from_arrays(
    arrays: Mapping[str, np.ndarray], values: Mapping[str, Any]
) -> SpatialModel:
    """Return the model of `spatial_arrays`.

    Raises
    ------
    LibraryError
        If something is missing, has the wrong shape or is not finite, or the model was made by an
        estimator that this version does not know.
    """
    engine = values.get("engine")
    if engine != ENGINE:
        raise LibraryError(
            _("the spatial model was made by the estimator {engine!r}; this version knows {known!r}")
            .format(engine=engine, known=ENGINE)
        )  # fmt: skip
    try:
        sites, loci = tuple(map(str, values["sites"])), tuple(map(str, values["loci"]))
        alleles = tuple(tuple(map(str, names)) for names in values["alleles"])
        field = _pooled_field(arrays, values)
        grid = Grid(
            arrays["grid_latitudes"].astype(np.float64),
            arrays["grid_longitudes"].astype(np.float64),
            arrays["grid_inside"].astype(bool),
        )
        calibration = SpatialCalibration(
            **{name: float(values[name]) for name in _CALIBRATION},
            sharpness=float(values["sharpness"]),
        )
        animals, haploid = arrays["animals"].astype(np.int64), arrays["haploid"].astype(bool)
        sizes = np.array([len(names) + 1 for names in alleles])
        check_places(field.latitudes, field.longitudes)
        seed = int(values["seed"])
        range_, wide = Range.from_dict(values["range"]), arrays["grid_wide"].astype(bool)
        sound = (
            np.array_equal(field.offsets, np.concatenate(([0], np.cumsum(sizes))))
            and field.counts.shape == (len(sites), int(sizes.sum()))
            and field.latitudes.shape == animals.shape == (len(sites),)
            and haploid.shape == (len(loci),) == (len(alleles),)
            and np.isfinite(field.counts).all()
            and (field.counts >= 0).all()
            and (animals > 0).all()
            and 0 < calibration.temper <= 2
            and 0 <= calibration.stray < 1
            and 0 <= calibration.shared <= 1
            and 0 < calibration.sharpness < np.inf
            and wide.shape == grid.inside.shape
            and not (grid.inside & ~wide).any()
            and _sound_pool(field)
        )
    except (KeyError, TypeError, ValueError, UsageError) as error:
        raise LibraryError(
            _("the spatial model is damaged: {found}").format(found=error)
        ) from error
    if not sound:
        raise LibraryError(_("the spatial model is damaged: its arrays do not fit together"))
    return SpatialModel(
        sites, animals, loci, alleles, haploid, field, grid, calibration, seed, range_, wide
    )


def _pooled_field(arrays: Mapping[str, np.ndarray], values: Mapping[str, Any]) -> PooledField:
    """Return the field, unchecked."""
    return PooledField(
        arrays["offsets"].astype(np.intp),
        arrays["counts"].astype(np.float64),
        arrays["site_latitudes"].astype(np.float64),
        arrays["site_longitudes"].astype(np.float64),
        arrays["concentrations"].astype(np.float64),
        arrays["widths_km"].astype(np.float64),
        arrays["kriged_widths_km"].astype(np.float64),
        arrays["powers"].astype(np.float64),
        PlaceRidge(
            arrays["ridge_means"].astype(np.float64),
            arrays["ridge_slopes"].astype(np.float64),
            arrays["ridge_intercept"].astype(np.float64),
            float(values["ridge_sd_km"]),
            float(values["ridge_spread_km"]),
            float(values["ridge_penalty"]),
        ),
    )


def _sound_pool(field: PooledField) -> bool:
    """Return whether the arrays of a pooled field fit together."""
    ridge, columns = field.ridge, field.counts.shape[1]
    numbers = (
        field.concentrations, field.widths_km, field.kriged_widths_km, field.powers, ridge.means, ridge.slopes,
        ridge.intercept,
    )  # fmt: skip
    return bool(
        field.widths_km.ndim == field.kriged_widths_km.ndim == 1
        and field.powers.shape == (len(field.widths_km) + len(field.kriged_widths_km) + 1,)
        and field.concentrations.shape == (len(field.offsets) - 1,)
        and (field.concentrations > 0).all()
        and ridge.means.shape == (columns,)
        and ridge.slopes.shape == (columns, 3)
        and ridge.intercept.shape == (3,)
        and all(np.isfinite(array).all() for array in numbers)
        and (field.widths_km > 0).all()
        and (field.kriged_widths_km > 0).all()
        and (field.powers >= 0).all()
        and 0 < ridge.sd_km <= ridge.spread_km < np.inf
    )
