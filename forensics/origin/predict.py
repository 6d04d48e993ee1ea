"""From a model of any kind to results: where samples come from.

``assign_with`` applies a model to samples, ``place_together`` places those of one seizure on a map,
``share_populations`` says which share of them comes from each population; `forensics.origin.training`
makes the models.
"""

import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from forensics.errors import LibraryError, ModelError, UsageError
from forensics.genetics.genotypes import Genotypes
from forensics.io.inputs import Budget
from forensics.io.tables import read_table
from forensics.messages import _
from forensics.origin import isotope_models, places, populations
from forensics.origin.models import (
    Model,
    fingerprint,
    identify_range,
    make_model_provenance,
    open_model,
)
from forensics.origin.options import CONFIDENCE, LEVEL
from forensics.origin.results import Origins

if TYPE_CHECKING:
    from forensics.origin.areas import RegionSet
    from forensics.origin.polygons import RangeMap
    from forensics.origin.regions import LeftOutPosteriors
    from forensics.origin.seizure_results import SeizureOrigin, SharesOfPopulations
    from forensics.origin.spatial import SpatialModel
    from forensics.origin.territories import Area

# Of what is drawn when a model is applied, as in the adapters of its kinds.
SEED = 1
# Kinds of model that have no map.
WITHOUT_MAP = ("populations", "classifier")
# Columns that name the samples of a table of isotopes, the likeliest first.
SAMPLE_COLUMNS = ("sample", "Sample_ID", "animal", "id")
_BUDGET = Budget(max_bytes=256 * 2**20)


def assign_with(
    model: Model | str | os.PathLike[str],
    samples: object,
    *,
    prior: str | Mapping[str, float] | None = None,
    confidence: float = CONFIDENCE,
    level: float = LEVEL,
    range_map: "RangeMap | None" = None,
    beyond_range: bool = False,
    listings: "Sequence[Area] | Mapping[str, str] | None" = None,
    regions: "RegionSet | None" = None,
    sample_column: str | None = None,
    seed: int = SEED,
) -> Origins:
    """Say where samples come from.

    Parameters
    ----------
    model : Model, path or name of a packaged model
    samples : Genotypes; of isotopes, path or pandas.DataFrame
        Anything else that `forensics.genetics.reading.read_genotypes` takes is read.
    prior : str or mapping, optional
        Of the kind of model; each has its stated default.
    confidence : float
        Posterior that an assignment must reach.
    level : float
        Of the exclusion.
    range_map : RangeMap, optional
        Of maps: cells outside it are impossible, beside those that the model's own range excludes.
    beyond_range : bool
        Of maps: allow places outside the model's own range.
    listings : optional
        Of maps: see `forensics.origin.places.assign_places`.
    regions : RegionSet, optional
        Of maps: reporting regions; by default those that the model was trained with, else countries.
    sample_column : str, optional
        Of isotopes: the column with the names of samples.
    seed : int

    Raises
    ------
    InputError, UsageError, ModelError
    """
    model = model if isinstance(model, Model) else open_model(model)
    limits = tuple(map(str, model.card.get("limits", ())))
    parameters: dict[str, Any] = {
        "confidence": confidence,
        "prior": prior or "default",
        "seed": seed,
    }
    if model.kind == "isotopes":
        given = (range_map, prior, listings, regions)
        if any(value is not None for value in given) or beyond_range:
            raise UsageError(
                _(
                    "The prior and the range map of an isotope model are set when it is trained, and it "
                    "knows no listings."
                )
            )
        frame, source, digest = read_isotope_table(samples)
        column = sample_column or next(
            (name for name in SAMPLE_COLUMNS if name in frame.columns), None
        )
        return isotope_models.assign_isotopes(
            frame,
            isotope_models.unpack_model(model.labels, model.arrays, model.card["parameters"]),
            provenance=make_model_provenance(
                model,
                {**parameters},
                source,
                digest,
                {"sample_column": sample_column} if sample_column else {},
            ),
            limits=limits,
            name=column,
            source=source,
            confidence=confidence,
        )
    genotypes = samples if isinstance(samples, Genotypes) else _read(samples)
    parameters["exclusion_level"] = level
    if range_map is not None:
        parameters["range_map"] = identify_range(range_map)
    if beyond_range:
        parameters["beyond_range"] = True
    if listings is not None:
        parameters["listings"] = {"sha256": fingerprint(listings)}
    if regions is not None:
        parameters["regions"] = {"name": regions.name, "sha256": regions.sha256}
    provenance = make_model_provenance(
        model, parameters, genotypes.source, genotypes.sha256, genotypes.read_with
    )
    options: dict[str, Any] = {
        "provenance": provenance,
        "limits": limits,
        "confidence": confidence,
        "level": level,
        "seed": seed,
    }
    if prior is not None:
        options["prior"] = prior
    if model.kind in WITHOUT_MAP:
        if any(value is not None for value in (range_map, listings, regions)) or beyond_range:
            raise UsageError(
                _(
                    "This model has populations and no map; a range map, listings or reporting regions "
                    "do not fit."
                )
            )
        if model.kind == "classifier":
            return _assign_classes(model, genotypes, options)
        baseline, fit = populations.unpack_model(
            model.labels, model.arrays, model.card["parameters"]
        )
        return populations.assign_populations(genotypes, baseline, fit, **options)
    spatial, baseline, fit = places.unpack_model(
        model.labels, model.arrays, model.card["parameters"]
    )
    known, left_out = regions_of(model)
    mask = mask_range(spatial, range_map, beyond_range=beyond_range)
    return places.assign_places(
        genotypes, spatial, baseline, fit, range_map=mask, beyond_range=beyond_range,
        listings=listings, regions=regions or known, left_out=left_out, **options,
    )  # fmt: skip


def regions_of(model: Model) -> "tuple[RegionSet | None, LeftOutPosteriors | None]":
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
    from forensics.origin.areas import country_regions
    from forensics.origin.regions import LeftOutPosteriors, unpack_regions

    try:
        left_out = LeftOutPosteriors.from_arrays(
            model.arrays, sites=len(model.labels["spatial"]["sites"])
        )
        if "regions" in model.labels:
            return unpack_regions(model.labels["regions"], model.arrays), left_out
    except (KeyError, TypeError, LibraryError) as error:
        raise ModelError(
            _("The labels and the arrays of the model do not belong together ({why}).").format(
                why=error
            )
        ) from error
    return None if left_out is None else country_regions(), left_out


def _assign_classes(model: Model, genotypes: Genotypes, options: dict[str, Any]) -> Origins:
    """Assign by a classifier of scikit-learn, which is imported for it alone."""
    from forensics.origin.classifiers import assign_classes, unpack_model

    if "prior" in options:
        raise UsageError(
            _(
                "A classifier has the prior of its reference, in which each population is as frequent "
                "as in the table that it was trained on."
            )
        )
    classifier = unpack_model(model.labels, model.arrays, model.card["parameters"], model.estimator)
    return assign_classes(genotypes, classifier, **options)


def place_together(
    model: Model | str | os.PathLike[str],
    samples: object,
    *,
    range_map: "RangeMap | None" = None,
    regions: "RegionSet | None" = None,
    confidence: float = CONFIDENCE,
    seed: int = SEED,
) -> "SeizureOrigin":
    """Place the samples of one seizure together.

    Parameters
    ----------
    model : Model, path or name
        Of kind ``places``.
    samples : Genotypes, or what `read_genotypes` takes
        At least two; parts of one animal are one sample (match them first).
    range_map : RangeMap, optional
    regions : RegionSet, optional
        Reporting regions; by default those of the model, see `regions_of`.
    confidence : float
        Posterior from which on a region is named.
    seed : int

    Raises
    ------
    UsageError
        If the model has no map.
    """
    from forensics.origin.joint import locate_together
    from forensics.origin.seizure_results import result_of_seizure

    model = model if isinstance(model, Model) else open_model(model)
    if model.kind != "places":
        raise UsageError(
            _(
                "{name} is a model of {kind}; samples are taken together by a map or by populations."
            ).format(name=model.name, kind=model.kind)
        )
    genotypes = samples if isinstance(samples, Genotypes) else _read(samples)
    spatial, _baseline, _fit = places.unpack_model(
        model.labels, model.arrays, model.card["parameters"]
    )
    parameters: dict[str, object] = {"seed": seed, "together": True}
    if regions is not None:
        parameters["regions"] = {"name": regions.name, "sha256": regions.sha256}
        parameters["confidence"] = confidence
    if range_map is not None:
        parameters["range_map"] = identify_range(range_map)
    mask = mask_range(spatial, range_map)
    provenance = make_model_provenance(
        model, parameters, genotypes.source, genotypes.sha256, genotypes.read_with
    )
    joint = locate_together(spatial, genotypes, seed=seed, range_map=mask)
    known, left_out = regions_of(model)
    if regions is None:
        regions = known
    if regions is None:
        return result_of_seizure(joint, provenance)
    from forensics.origin.regions import RegionReporter
    from forensics.origin.spatial import prior_weights

    grid, sites = joint.places[0].surface.grid, spatial.known_sites
    weights = prior_weights(spatial, grid, "area")
    alone, several = (
        RegionReporter(
            regions, grid, sites, confidence=confidence,
            calibration=places.calibrate(posteriors, regions, spatial, confidence),
        )
        for posteriors in (left_out, left_out and left_out.join_sites(spatial.calibration.shared))
    )  # fmt: skip
    return result_of_seizure(
        joint,
        provenance,
        report_regions=lambda surface, members: (several if members > 1 else alone).answer(
            surface, weights
        ),
    )


def share_populations(
    model: Model | str | os.PathLike[str], samples: object, *, seed: int = SEED
) -> "SharesOfPopulations":
    """Estimate which share of many samples comes from each reference population.

    Parameters
    ----------
    model : Model, path or name
        Of kind ``populations``.
    samples : Genotypes, or what `read_genotypes` takes
        They are taken as one mixture; every population is possible, none is outside.
    seed : int

    Raises
    ------
    UsageError
        If the model is of another kind.
    """
    from forensics.origin.mixture import estimate_mixture
    from forensics.origin.seizure_results import result_of_mixture

    model = model if isinstance(model, Model) else open_model(model)
    if model.kind != "populations":
        raise UsageError(
            _("{model} is a model of {kind}; a mixture needs one of populations.").format(
                model=model.name, kind=model.kind
            )
        )
    genotypes = samples if isinstance(samples, Genotypes) else _read(samples)
    baseline, _fit = populations.unpack_model(model.labels, model.arrays, model.card["parameters"])
    provenance = make_model_provenance(
        model, {"seed": seed}, genotypes.source, genotypes.sha256, genotypes.read_with
    )
    return result_of_mixture(estimate_mixture(genotypes, baseline, seed=seed), provenance)


def sites_on_map(model: Model) -> tuple[Sequence[float], Sequence[float]]:
    """Return latitudes and longitudes of the reference sites that a map shows."""
    if model.kind == "places":
        return model.arrays["site_latitudes"].tolist(), model.arrays["site_longitudes"].tolist()
    return (), ()


def read_isotope_table(samples: object) -> tuple[Any, ...]:
    """Return a table of isotope values (a DataFrame of text), the name of its file and its sha256.

    Parameters
    ----------
    samples : path or pandas.DataFrame

    Raises
    ------
    InputError
        If it cannot be read as a table, or is too large.
    """
    import pandas as pd

    if isinstance(samples, pd.DataFrame):
        return samples, "DataFrame", ""
    table = read_table(samples, budget=_BUDGET, blanks=True)
    frame = pd.DataFrame([row.cells for row in table.rows], columns=list(table.header))
    return frame, table.source or "", table.sha256


def mask_range(
    spatial: "SpatialModel", range_map: "RangeMap | None", *, beyond_range: bool = False
) -> np.ndarray | None:
    """Return which cells of a map a range map allows; None without one."""
    if range_map is None:
        return None
    from forensics.origin.spatial import allowed_grid

    grid = allowed_grid(spatial, None, beyond_range=beyond_range)
    return np.asarray(range_map.mask(grid) & grid.inside)


def _read(samples: object) -> Genotypes:
    from forensics.genetics.reading import read_genotypes

    return read_genotypes(samples)
