"""A spatial model as arrays and plain values, and back; what is read is checked."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from forensics.errors import LibraryError, UsageError
from forensics.messages import _
from forensics.origin.fields import FrequencyField
from forensics.origin.geography import Grid
from forensics.origin.globe import check_places
from forensics.origin.ranges import Range
from forensics.origin.spatial import SpatialModel
from forensics.origin.tuning import SpatialCalibration

__all__ = [
    "spatial_arrays",
    "spatial_from_arrays",
]


def spatial_arrays(model: SpatialModel) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """Return a model as arrays (for NPZ) and plain values (for JSON)."""
    field = model.field
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
    values = {
        "sites": list(model.sites),
        "loci": list(model.loci),
        "alleles": [list(names) for names in model.alleles],
        "width_km": field.width_km,
        "variance": field.variance,
        "nugget": field.nugget,
        "temper": model.calibration.temper,
        "stray": model.calibration.stray,
        "score": model.calibration.score,
        "coverage": model.calibration.coverage,
        "shared": model.calibration.shared,
        "joint_coverage": model.calibration.joint_coverage,
        "seed": model.seed,
        "range": model.range.to_dict(),
    }
    return arrays, values


def spatial_from_arrays(
    arrays: Mapping[str, np.ndarray], values: Mapping[str, Any]
) -> SpatialModel:
    """Return the model of `spatial_arrays`.

    Raises
    ------
    LibraryError
        If something is missing, has the wrong shape or is not finite.
    """
    try:
        sites, loci = tuple(map(str, values["sites"])), tuple(map(str, values["loci"]))
        alleles = tuple(tuple(map(str, names)) for names in values["alleles"])
        field = FrequencyField(
            arrays["offsets"].astype(np.intp),
            arrays["counts"].astype(np.float64),
            arrays["site_latitudes"].astype(np.float64),
            arrays["site_longitudes"].astype(np.float64),
            *(float(values[name]) for name in ("width_km", "variance", "nugget")),
        )
        grid = Grid(
            arrays["grid_latitudes"].astype(np.float64),
            arrays["grid_longitudes"].astype(np.float64),
            arrays["grid_inside"].astype(bool),
        )
        calibration = SpatialCalibration(
            *(
                float(values[name])
                for name in ("temper", "stray", "score", "coverage", "shared", "joint_coverage")
            )
        )
        animals, haploid = arrays["animals"].astype(np.int64), arrays["haploid"].astype(bool)
        sizes = np.array([len(names) + 1 for names in alleles])
        check_places(field.latitudes, field.longitudes)
        sound = (
            np.array_equal(field.offsets, np.concatenate(([0], np.cumsum(sizes))))
            and field.counts.shape == (len(sites), int(sizes.sum()))
            and field.latitudes.shape == animals.shape == (len(sites),)
            and haploid.shape == (len(loci),) == (len(alleles),)
            and np.isfinite(field.counts).all()
            and (field.counts >= 0).all()
            and (animals > 0).all()
            and 0 < field.width_km < np.inf
            and 0 < field.variance < 1
            and 0 <= field.nugget <= 1
            and 0 < calibration.temper <= 1
            and 0 <= calibration.stray < 1
            and 0 <= calibration.shared <= 1
        )
        seed = int(values["seed"])
        # Models before ranges have the whole map, and nothing beyond it.
        range_ = Range.from_dict(values["range"]) if "range" in values else Range("grid")
        wide = arrays["grid_wide"].astype(bool) if "grid_wide" in arrays else None
        sound = sound and (
            wide is None or (wide.shape == grid.inside.shape and not (grid.inside & ~wide).any())
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
