"""A spatial model as arrays and plain values, and back; what is read is checked.

Models from before the pooled estimator hold a kriged field (`forensics.origin.fields`) and name no
engine; they are read and give what they gave.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from forensics.errors import LibraryError, ModelError, UsageError
from forensics.messages import _
from forensics.origin.fields import FrequencyField
from forensics.origin.geography import Grid
from forensics.origin.globe import check_places
from forensics.origin.pooled_field import ENGINE, PooledField
from forensics.origin.ranges import Range
from forensics.origin.regressed_field import (
    REGRESSOR_ENGINE,
    RadialDensity,
    RegressedField,
    predict_places,
)
from forensics.origin.ridge import PlaceRidge
from forensics.origin.spatial import SpatialModel
from forensics.origin.tuning import SpatialCalibration

__all__ = [
    "spatial_arrays",
    "spatial_from_arrays",
]

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
    }
    if model.wide is not None:
        arrays["grid_wide"] = model.wide
    values: dict[str, Any] = {
        "sites": list(model.sites),
        "loci": list(model.loci),
        "alleles": [list(names) for names in model.alleles],
    }
    if isinstance(field, PooledField):
        arrays |= {
            "concentrations": field.concentrations,
            "widths_km": field.widths_km,
            "kriged_widths_km": field.kriged_widths_km,
            "powers": field.powers,
            "ridge_means": field.ridge.means,
            "ridge_slopes": field.ridge.slopes,
            "ridge_intercept": field.ridge.intercept,
        }
        values |= {
            "engine": ENGINE,
            "width_km": field.width_km,
            "ridge_sd_km": field.ridge.sd_km,
            "ridge_spread_km": field.ridge.spread_km,
            "ridge_penalty": field.ridge.penalty,
            "sharpness": calibration.sharpness,
        }
    elif isinstance(field, RegressedField):
        arrays |= {
            "density_widths_km": field.density.widths_km,
            "density_weights": field.density.weights,
            "probes": field.probes,
            "probe_places": field.probe_places,
        }
        values |= {
            "engine": REGRESSOR_ENGINE,
            "estimator": field.name,
            "width_km": field.width_km,
            "sharpness": calibration.sharpness,
        }
    else:
        values |= {
            "width_km": field.width_km,
            "variance": field.variance,
            "nugget": field.nugget,
        }
    values |= {name: getattr(calibration, name) for name in _CALIBRATION}
    values |= {"seed": model.seed, "range": model.range.to_dict()}
    return arrays, values


def spatial_from_arrays(
    arrays: Mapping[str, np.ndarray], values: Mapping[str, Any], estimator: bytes = b""
) -> SpatialModel:
    """Return the model of `spatial_arrays`.

    Parameters
    ----------
    arrays, values
        Of `spatial_arrays`.
    estimator : bytes
        The file of a regressor of scikit-learn; empty of models without one.

    Raises
    ------
    LibraryError
        If something is missing, has the wrong shape or is not finite, or the model was made by an
        estimator that this version does not know.
    """
    engine = values.get("engine")
    if engine not in (None, ENGINE, REGRESSOR_ENGINE):
        raise LibraryError(
            _("the spatial model was made by the estimator {engine!r}; this version knows {known!r}")
            .format(engine=engine, known=ENGINE)
        )  # fmt: skip
    try:
        sites, loci = tuple(map(str, values["sites"])), tuple(map(str, values["loci"]))
        alleles = tuple(tuple(map(str, names)) for names in values["alleles"])
        field = _field_of(engine, arrays, values, estimator)
        grid = Grid(
            arrays["grid_latitudes"].astype(np.float64),
            arrays["grid_longitudes"].astype(np.float64),
            arrays["grid_inside"].astype(bool),
        )
        calibration = SpatialCalibration(
            **{name: float(values[name]) for name in _CALIBRATION},
            sharpness=float(values["sharpness"]) if engine else None,
        )
        animals, haploid = arrays["animals"].astype(np.int64), arrays["haploid"].astype(bool)
        sizes = np.array([len(names) + 1 for names in alleles])
        check_places(field.latitudes, field.longitudes)
        seed = int(values["seed"])
        # Models before ranges have the whole map, and nothing beyond it.
        range_ = Range.from_dict(values["range"]) if "range" in values else Range("grid")
        wide = arrays["grid_wide"].astype(bool) if "grid_wide" in arrays else None
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
            and (wide is None or wide.shape == grid.inside.shape)
            and (wide is None or not (grid.inside & ~wide).any())
            and _is_sound(field, calibration)
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


def _field_of(
    engine: str | None,
    arrays: Mapping[str, np.ndarray],
    values: Mapping[str, Any],
    estimator: bytes,
) -> FrequencyField | PooledField | RegressedField:
    """Return the field that an estimator of this name left."""
    if engine == REGRESSOR_ENGINE:
        return _regressed_field(arrays, values, estimator)
    return _pooled_field(arrays, values) if engine else _kriged_field(arrays, values)


def _is_sound(
    field: FrequencyField | PooledField | RegressedField, calibration: SpatialCalibration
) -> bool:
    """Return whether the numbers of a field are what they can be."""
    if isinstance(field, FrequencyField):
        return _sound_kriging(field)
    if calibration.sharpness is None or not 0 < calibration.sharpness < np.inf:
        return False
    return _sound_pool(field) if isinstance(field, PooledField) else _sound_density(field)


def _regressed_field(
    arrays: Mapping[str, np.ndarray], values: Mapping[str, Any], estimator: bytes
) -> RegressedField:
    """Return the field of a regressor of scikit-learn, whose file is not trusted.

    Raises
    ------
    ModelError
        If the file is damaged, has a type that is not trusted, or gives other places than when it was
        trained.
    """
    from forensics.learning.estimator_files import estimator_from_bytes

    if not estimator:
        raise ValueError("estimator")
    pipeline, probes, expected = (
        estimator_from_bytes(estimator),
        arrays["probes"],
        arrays["probe_places"],
    )
    try:
        places = predict_places(pipeline, probes.astype(np.float64))
        same = places.shape == expected.shape and np.allclose(places, expected, atol=1e-6)
    except Exception as error:  # a made-up estimator may do anything but run code
        raise ModelError(
            _("The stored estimator is damaged: {why}").format(
                why=f"{type(error).__name__}: {error}"
            )
        ) from error
    if not same:
        raise ModelError(
            _(
                "The stored regressor does not give the places that it gave when it was trained: the version of "
                "scikit-learn is another one. Train the model again, or use the version that its card names."
            )
        )
    return RegressedField(
        arrays["offsets"].astype(np.intp),
        arrays["counts"].astype(np.float64),
        arrays["site_latitudes"].astype(np.float64),
        arrays["site_longitudes"].astype(np.float64),
        float(values["width_km"]),
        pipeline,
        str(values["estimator"]),
        RadialDensity(
            arrays["density_widths_km"].astype(np.float64),
            arrays["density_weights"].astype(np.float64),
        ),
        probes.astype(np.float64),
        expected.astype(np.float64),
    )


def _sound_density(field: RegressedField) -> bool:
    """Return whether the density around a regressor's points is one."""
    widths, weights = field.density.widths_km, field.density.weights
    return bool(
        widths.ndim == 1
        and len(widths) > 0
        and weights.shape == widths.shape
        and np.isfinite(widths).all()
        and (widths > 0).all()
        and (weights >= 0).all()
        and abs(weights.sum() - 1) < 1e-6
        and 0 < field.width_km < np.inf
    )


def _kriged_field(arrays: Mapping[str, np.ndarray], values: Mapping[str, Any]) -> FrequencyField:
    """Return the field of a model before the pooled estimator."""
    return FrequencyField(
        arrays["offsets"].astype(np.intp),
        arrays["counts"].astype(np.float64),
        arrays["site_latitudes"].astype(np.float64),
        arrays["site_longitudes"].astype(np.float64),
        *(float(values[name]) for name in ("width_km", "variance", "nugget")),
    )


def _pooled_field(arrays: Mapping[str, np.ndarray], values: Mapping[str, Any]) -> PooledField:
    """Return the field of a model of the pooled estimator."""
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


def _sound_kriging(field: FrequencyField) -> bool:
    """Return whether the numbers of a kriged field are what they can be."""
    return 0 < field.width_km < np.inf and 0 < field.variance < 1 and 0 <= field.nugget <= 1


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
