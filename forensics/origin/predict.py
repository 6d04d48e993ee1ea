"""From a model of any kind to results: where samples come from.

``assign_with`` applies a model to samples, ``place_together`` places those of one seizure on a map,
``share_populations`` says which share of them comes from each population; `forensics.origin.training`
makes the models.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from forensics.core.notice import Notice
from forensics.errors import InputError, UsageError
from forensics.genetics.genotypes import Genotypes
from forensics.io.files import AnyPath
from forensics.messages import _
from forensics.origin import places, populations
from forensics.origin.assignment import Baseline
from forensics.origin.exclusion import ExclusionFit, exclude
from forensics.origin.geography import Coordinates
from forensics.origin.isotopes import read_isotope_table
from forensics.origin.models import (
    Model,
    adapter_of,
    describe_files,
    make_model_provenance,
    open_model,
)
from forensics.origin.options import KINDS, LEVEL, AssignmentOptions, SeizureOptions, refuse_unused
from forensics.origin.results import Origins
from forensics.origin.sample_fit import check_samples

if TYPE_CHECKING:
    from forensics.origin.areas import Area, RegionSet
    from forensics.origin.polygons import RangeMap
    from forensics.origin.seizure import SeizureOrigin, SharesOfPopulations


def assign_with(
    model: Model | AnyPath,
    samples: object,
    *,
    options: AssignmentOptions | None = None,
    range_map: "RangeMap | None" = None,
    listings: "Sequence[Area] | Mapping[str, str] | None" = None,
    regions: "RegionSet | None" = None,
    sample_column: str | None = None,
    **fields: Any,
) -> Origins:
    """Say where samples come from.

    Parameters
    ----------
    samples : Genotypes; of isotopes, path or pandas.DataFrame
        Anything else that `forensics.genetics.reading.read_genotypes` takes is read.
    options : AssignmentOptions, optional
    range_map : RangeMap, optional
        Of maps: cells outside it are impossible, beside those that the model's own range excludes.
    listings : optional
        Of maps: see `forensics.origin.places.assign_places`.
    regions : RegionSet, optional
        Of maps: reporting regions; by default those that the model was trained with, else countries.
    sample_column : str, optional
        Of isotopes: the column with the names of samples.
    **fields
        Fields of `forensics.origin.options.AssignmentOptions`, in the place of `options`: ``prior``,
        ``confidence``, ``exclusion_level``, ``beyond_range``, ``seed``.

    Raises
    ------
    InputError, UsageError, ModelError
    """
    model = _opened(model)
    options = options or AssignmentOptions(**fields)
    files: dict[str, Any] = {
        name: value
        for name, value in (("range_map", range_map), ("listings", listings), ("regions", regions))
        if value is not None
    }
    changed = [
        name for name, spec in options.specs().items() if getattr(options, name) != spec.default
    ]
    refuse_unused(model.kind, {name: name for name in (*files, *changed)}, options.USED_BY)
    table = read_samples(model, samples, sample_column)
    return adapter_of(model.kind).assign_samples(
        model,
        table,
        options,
        provenance=make_model_provenance(
            model, options.recorded(model.kind) | describe_files(**files), table
        ),
        limits=tuple(map(str, model.card.get("limits", ()))),
        **files,
    )


def read_samples(model: Model, samples: object, sample_column: str | None = None) -> Any:
    """Return samples as the kind of model takes them: `Genotypes`, or an `IsotopeTable`."""
    if KINDS[model.kind].by == "isotopes":
        return read_isotope_table(samples, sample_column=sample_column)
    if isinstance(samples, Genotypes):
        return samples
    from forensics.genetics.reading import read_genotypes

    return read_genotypes(samples)


def _opened(model: Model | AnyPath) -> Model:
    return model if isinstance(model, Model) else open_model(model)


def place_together(
    model: Model | AnyPath,
    samples: object,
    *,
    options: SeizureOptions | None = None,
    range_map: "RangeMap | None" = None,
    regions: "RegionSet | None" = None,
    **fields: Any,
) -> "SeizureOrigin":
    """Place the samples of one seizure together.

    Parameters
    ----------
    model : Model, path or name
        Of kind ``places``.
    samples : Genotypes, or what `read_genotypes` takes
        At least two; parts of one animal are one sample (match them first).
    options : SeizureOptions, optional
    range_map : RangeMap, optional
    regions : RegionSet, optional
        Reporting regions; by default those of the model.
    **fields
        Fields of `forensics.origin.options.SeizureOptions`, in the place of `options`.

    Raises
    ------
    InputError
        If the samples, or a site of the reference, do not fit (`forensics.origin.sample_fit`).
    UsageError
        If the model has no map.
    """
    from forensics.origin.seizure import locate_together
    from forensics.origin.spatial import allowed_grid

    model, options = _opened(model), options or SeizureOptions(**fields)
    if model.kind != "places":
        raise UsageError(
            _(
                "{name} is a model of {kind}; samples are taken together by a map or by populations."
            ).format(name=model.name, kind=model.kind)
        )
    genotypes = read_samples(model, samples)
    spatial, baseline, fit = places.unpack_model(model)
    _refuse_unfit(genotypes, baseline, fit, places.doubts_of(model.labels), sites=True)
    parameters: dict[str, Any] = {"seed": options.seed, "together": True}
    parameters |= describe_files(range_map=range_map, regions=regions)
    if regions is not None:
        parameters["confidence"] = options.confidence
    mask = places.mask_range(spatial, range_map)
    seizure = locate_together(
        spatial, genotypes, make_model_provenance(model, parameters, genotypes), seed=options.seed,
        range_map=mask,
    )  # fmt: skip
    known, left_out = places.regions_of(model)
    if (regions := regions or known) is None:
        return seizure
    grid = allowed_grid(spatial, mask)
    return seizure.report_regions(
        places.report_together(spatial, regions, left_out, grid, options.confidence)
    )


def share_populations(
    model: Model | AnyPath, samples: object, *, seed: int = 1
) -> "SharesOfPopulations":
    """Estimate which share of many samples comes from each reference population.

    Parameters
    ----------
    model : Model, path or name
        Of kind ``populations``.
    samples : Genotypes, or what `read_genotypes` takes
        They are taken as one mixture; every population is possible, none is outside.

    Raises
    ------
    InputError
        If the samples do not fit the reference (`forensics.origin.sample_fit`).
    UsageError
        If the model is of another kind.
    """
    from forensics.origin.seizure import estimate_mixture

    model = _opened(model)
    if model.kind != "populations":
        raise UsageError(
            _("{model} is a model of {kind}; a mixture needs one of populations.").format(
                model=model.name, kind=model.kind
            )
        )
    genotypes = read_samples(model, samples)
    baseline, fit = populations.unpack_model(model)
    _refuse_unfit(genotypes, baseline, fit)
    provenance = make_model_provenance(model, {"seed": seed}, genotypes)
    return estimate_mixture(genotypes, baseline, provenance, seed=seed)


def _refuse_unfit(
    genotypes: Genotypes, baseline: Baseline, fit: ExclusionFit,
    doubts: Sequence[Notice] = (), *, sites: bool = False,
) -> None:  # fmt: skip
    """Refuse samples that do not fit the reference: nothing may be stated of all together."""
    level = max(
        LEVEL, 1.0 / len(fit.z)
    )  # of small references no p-value is as small as the usual level
    tested = exclude(genotypes, baseline, fit, level=level, simulations=0)
    _fit, unfit = check_samples(genotypes, baseline, fit, tested, sites=sites)
    for notice in (*doubts, *([unfit] if unfit else ())):
        text = " ".join((notice.message, notice.advice))
        raise InputError(text, source=genotypes.source)


def sites_on_map(model: Model) -> Coordinates:
    """Return latitudes and longitudes of the reference sites that a map shows."""
    if model.kind == "places":
        return model.arrays["site_latitudes"].tolist(), model.arrays["site_longitudes"].tolist()
    return (), ()
