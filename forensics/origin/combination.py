"""Several kinds of evidence multiplied into one posterior on one map.

::

    p(cell | all) ~ prior(cell) gain_nuclear(cell)^w gain_haplotype(cell)^w gain_isotopes(cell)^w

A gain is posterior over prior by one kind of evidence alone, each calibrated by itself: the genotype on
left-out sites, the haplotype on left-out localities, the isotopes on known-origin samples. That they are
independent given the place is an assumption, which is stated with every result.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from forensics.core.notice import Figure, Notice
from forensics.errors import InputError, UsageError
from forensics.genetics.genotypes import Genotypes
from forensics.messages import _, numeral
from forensics.notices import origin as notices
from forensics.origin import isotope_models, places
from forensics.origin.combination_results import CombinedOrigin, EvidenceLayer
from forensics.origin.defaults import CONFIDENCE, LEVEL
from forensics.origin.evidence_layers import (
    HAPLOTYPE,
    ISOTOPES,
    NUCLEAR,
    Layer,
    calibrate_haplotype_weight,
    haplotype_gains,
    isotope_gains,
    multiply_layers,
    surface_gains,
)
from forensics.origin.geography import Surface
from forensics.origin.haplotype_files import read_haplotype_reference, read_sample_haplotypes
from forensics.origin.haplotypes import HaplotypeReference
from forensics.origin.isotopes import IsotopeAssignment, IsotopeModel
from forensics.origin.map_results import PlaceOrigin, summarise_surface
from forensics.origin.models import Model, open_model
from forensics.origin.predict import (
    SAMPLE_COLUMNS,
    SEED,
    identify_range,
    make_model_provenance,
    mask_range,
    read_isotope_table,
)
from forensics.origin.reporting_regions import RegionReporter
from forensics.origin.results import Origins, Point
from forensics.origin.spatial import prior_weights

if TYPE_CHECKING:
    from forensics.origin.range_map import RangeMap
    from forensics.origin.reporting_regions import RegionSet

__all__ = [
    "HaplotypeEvidence",
    "IsotopeEvidence",
    "combine_evidence",
    "read_haplotype_evidence",
    "read_isotope_evidence",
]

# A layer that is ten times less likely where the others put the animal than anywhere disagrees. No standard sets
# this bound; the choice is ours.
MIN_AGREEMENT = 0.1
_REGION = 0.90


@dataclass(frozen=True, eq=False)
class HaplotypeEvidence:
    """Haplotypes of samples, and the reference that says where these are common.

    Attributes
    ----------
    reference : HaplotypeReference
    of_sample : mapping of str to str
        Haplotype of each sample.
    reference_file, sample_file : tuple of (str, str)
        Name and SHA-256 of the tables.
    """

    reference: HaplotypeReference
    of_sample: Mapping[str, str]
    reference_file: tuple[str, str]
    sample_file: tuple[str, str]


@dataclass(frozen=True, eq=False)
class IsotopeEvidence:
    """Isotopes of samples, and the model that says where these are to be expected.

    Attributes
    ----------
    model : Model
        Of kind ``isotopes``.
    assignments : mapping of str to IsotopeAssignment
        Of each sample.
    sample_file : tuple of (str, str)
        Name and SHA-256 of the table.
    """

    model: Model
    assignments: Mapping[str, IsotopeAssignment]
    sample_file: tuple[str, str]


def combine_evidence(
    model: Model | str | os.PathLike[str],
    genotypes: Genotypes,
    *,
    haplotypes: HaplotypeEvidence | None = None,
    isotopes: IsotopeEvidence | None = None,
    weights: Mapping[str, float] | None = None,
    range_map: "RangeMap | None" = None,
    regions: "RegionSet | None" = None,
    prior: str = "area",
    confidence: float = CONFIDENCE,
    level: float = LEVEL,
    seed: int = SEED,
) -> Origins:
    """Say where samples come from by all evidence together.

    Parameters
    ----------
    model : Model, path or name of a packaged model
        Of kind ``places``: its grid, its range and the nuclear genotypes.
    genotypes : Genotypes
        Of the samples; the other evidence is found by their names.
    haplotypes : HaplotypeEvidence, optional
    isotopes : IsotopeEvidence, optional
    weights : mapping of str to float, optional
        Powers of layers, 0 to 1, by their names; by default 1, of the haplotype that of
        `evidence_layers.calibrate_haplotype_weight`.
    range_map : RangeMap, optional
        Cells outside it are impossible.
    regions : RegionSet, optional
        Reporting regions; their posterior is not calibrated for the combination.
    prior : str
        A key of `forensics.origin.spatial.PRIORS`.
    confidence : float
        Posterior from which on a country is named, if the whole 95 % region lies in it.
    level : float
        Of the exclusion.
    seed : int

    Raises
    ------
    UsageError
        If the model has no map, a weight is out of range, or there is nothing to combine.
    InputError
        If no sample has evidence of a kind that was given.
    """
    model = model if isinstance(model, Model) else open_model(model)
    if model.kind != "places":
        raise UsageError(
            _("{name} is a model of {kind}; evidence is combined on the map of a model of places.").format(
                name=model.name, kind=model.kind
            )
        )  # fmt: skip
    if haplotypes is None and isotopes is None:
        raise UsageError(_("there is nothing to combine: give haplotypes, isotopes or both"))
    powers = _weights_of(weights or {}, haplotypes)
    _check_names(genotypes, haplotypes, isotopes)
    spatial, baseline, fit = places.unpack_model(
        model.labels, model.arrays, model.card["parameters"], model.estimator
    )
    parameters: dict[str, Any] = {
        "confidence": confidence,
        "prior": prior,
        "seed": seed,
        "exclusion_level": level,
        "combination": _describe(haplotypes, isotopes, powers),
    }
    if regions is not None:
        parameters["regions"] = {"name": regions.name, "sha256": regions.sha256}
    if range_map is not None:
        parameters["range_map"] = identify_range(range_map)
    mask = mask_range(spatial, range_map)
    provenance = make_model_provenance(
        model, parameters, genotypes.source, genotypes.sha256, genotypes.read_with
    )
    placed = places.assign_places(
        genotypes, spatial, baseline, fit, provenance=provenance, prior=prior, level=level, seed=seed,
        confidence=confidence, range_map=mask, limits=tuple(map(str, model.card.get("limits", ()))),
    )  # fmt: skip
    isotope_model = None
    if isotopes is not None:
        isotope_model = isotope_models.unpack_model(
            isotopes.model.labels, isotopes.model.arrays, isotopes.model.card["parameters"]
        )
    results = []
    reporter: RegionReporter | None = None
    for place in placed:
        assert isinstance(place, PlaceOrigin)
        result = _start(place)
        if place.surface is not None:
            grid = place.surface.grid
            cells = prior_weights(spatial, grid, prior)
            if regions is not None and reporter is None:
                reporter = RegionReporter(
                    regions, grid, places.known_sites(spatial), confidence=confidence
                )
            result = _combine(
                result, place.surface, cells, haplotypes, isotopes, isotope_model, powers,
                model, reporter, confidence,
            )  # fmt: skip
        results.append(result)
    return Origins(results)


def read_haplotype_evidence(
    reference: str | os.PathLike[str], samples: str | os.PathLike[str]
) -> HaplotypeEvidence:
    """Return the evidence of two tables; see `forensics.origin.haplotype_files`.

    Raises
    ------
    InputError
        If one of them cannot be read.
    """
    counted, reference_sum = read_haplotype_reference(reference)
    of_sample, sample_sum = read_sample_haplotypes(samples)
    return HaplotypeEvidence(
        counted,
        of_sample,
        (Path(reference).name, reference_sum),
        (Path(samples).name, sample_sum),
    )


def read_isotope_evidence(
    model: Model | str | os.PathLike[str], samples: str | os.PathLike[str]
) -> IsotopeEvidence:
    """Return the evidence of a table of isotope values by a model of isotopes.

    Raises
    ------
    UsageError
        If the model is of another kind.
    InputError
        If the table cannot be read.
    """
    model = model if isinstance(model, Model) else open_model(model)
    if model.kind != "isotopes":
        raise UsageError(
            _("{name} is a model of {kind}; a model of isotopes is expected").format(
                name=model.name, kind=model.kind
            )
        )
    frame, source, digest = read_isotope_table(samples)
    column = next((name for name in SAMPLE_COLUMNS if name in frame.columns), None)
    unpacked = isotope_models.unpack_model(model.labels, model.arrays, model.card["parameters"])
    assignments = unpacked.assign_table(frame, name=column, source=source)
    return IsotopeEvidence(
        model,
        {assignment.name: assignment for assignment in assignments},
        (Path(source).name, digest),
    )


def _weights_of(
    weights: Mapping[str, float], haplotypes: HaplotypeEvidence | None
) -> dict[str, float]:
    known = (NUCLEAR, HAPLOTYPE, ISOTOPES)
    for name, weight in weights.items():
        if name not in known or not 0 <= weight <= 1:
            raise UsageError(
                _("weight {name}={value}; one of {known} with 0 to 1 is expected").format(
                    name=name, value=weight, known=", ".join(known)
                )
            )
    result = {name: 1.0 for name in known} | dict(weights)
    if haplotypes is not None and HAPLOTYPE not in weights:
        result[HAPLOTYPE], _score = calibrate_haplotype_weight(haplotypes.reference)
    return result


def _check_names(
    genotypes: Genotypes, haplotypes: HaplotypeEvidence | None, isotopes: IsotopeEvidence | None
) -> None:
    """Refuse a table of which no sample is among those with genotypes: the names are others."""
    for evidence, names in (
        (haplotypes, haplotypes and haplotypes.of_sample),
        (isotopes, isotopes and isotopes.assignments),
    ):
        if evidence is not None and not set(names or ()) & set(genotypes.animals):
            raise InputError(
                _("none of its samples has a genotype; samples are known by their names: {names}").format(
                    names=", ".join(list(names or ())[:5]) or "-"
                ),
                source=evidence.sample_file[0],
            )  # fmt: skip


def _describe(
    haplotypes: HaplotypeEvidence | None,
    isotopes: IsotopeEvidence | None,
    powers: Mapping[str, float],
) -> dict[str, Any]:
    """Return the evidence as the parameters of a provenance name it."""

    def file(named: tuple[str, str]) -> dict[str, str]:
        return {"file": named[0], "sha256": named[1]}

    return {
        "weights": dict(powers),
        "haplotypes": None
        if haplotypes is None
        else {
            "reference": file(haplotypes.reference_file),
            "samples": file(haplotypes.sample_file),
        },
        "isotopes": None
        if isotopes is None
        else {"model": isotopes.model.identity(), "samples": file(isotopes.sample_file)},
    }


def _start(place: PlaceOrigin) -> CombinedOrigin:
    """Return the combined result of a sample before any map."""
    return CombinedOrigin(
        sample=place.sample, index=place.index, status=place.status, rank=None, origin=None,
        probability=None, used=place.used, prior=place.prior, layers=(), exclusion=place.exclusion,
        notices=place.notices, model_limits=place.model_limits, provenance=place.provenance,
    )  # fmt: skip


def _combine(
    result: CombinedOrigin,
    nuclear: Surface,
    prior: np.ndarray,
    haplotypes: HaplotypeEvidence | None,
    isotopes: IsotopeEvidence | None,
    isotope_model: IsotopeModel | None,
    powers: Mapping[str, float],
    model: Model,
    reporter: RegionReporter | None,
    confidence: float,
) -> CombinedOrigin:
    grid, sample = nuclear.grid, result.sample
    known: list[Notice] = []
    loci = _("{used} loci").format(used=result.used)
    layers = [Layer(NUCLEAR, surface_gains(nuclear, prior), powers[NUCLEAR], loci)]
    sources = [(f"{model.name} {model.version}", model.sha256, 0.0)]
    haplotype = haplotypes and haplotypes.of_sample.get(sample)
    if haplotypes is not None and haplotype:
        reference = haplotypes.reference
        gains = haplotype_gains(reference, haplotype, grid, prior)
        layers.append(Layer(HAPLOTYPE, gains, powers[HAPLOTYPE], haplotype))
        sources.append((*haplotypes.reference_file, 0.0))
        if haplotype not in reference.haplotypes:
            known.append(notices.HAPLOTYPE_UNSEEN(name=haplotype))
    assignment = isotopes and isotopes.assignments.get(sample)
    if isotopes is not None and assignment and isotope_model is not None:
        known += assignment.notices
        if any(notice.code == notices.NO_PLACE.code for notice in assignment.notices):
            # A best place by the other evidence would be read as an origin.
            return replace(
                result, status="none_of_the_reference", notices=(*result.notices, *known)
            )
        gains, uncovered = isotope_gains(assignment.surface, isotope_model.prior, grid, prior)
        values = ", ".join(
            f"{name} {numeral(value, '.1f')} ‰" for name, value in assignment.values.items()
        )
        layers.append(Layer(ISOTOPES, gains, powers[ISOTOPES], values))
        name = f"{isotopes.model.name} {isotopes.model.version}"
        sources.append((name, isotopes.model.sha256, uncovered))
    posterior = multiply_layers(layers, prior)
    surface = _surface_of(nuclear, posterior)
    described = tuple(
        _describe_layer(layers, place, posterior, prior, nuclear, source)
        for place, source in enumerate(sources)
    )
    if len(layers) > 1:
        known.append(notices.LAYERS_INDEPENDENT())
    known += [
        notices.LAYERS_DISAGREE(layer=layer.title, factor=Figure(10**layer.agreement, ".2g"))
        for layer in described
        if layer.agreement is not None and 10**layer.agreement < MIN_AGREEMENT
    ]
    countries = isotope_models.share_countries(surface)
    result = replace(
        result,
        **summarise_surface(surface).fields(),
        surface=surface,
        status="inconclusive",
        layers=described,
        countries=countries,
        reporting=None if reporter is None else reporter.answer(surface, prior),
        notices=(*result.notices, *known),
    )
    reached = [country for country in countries if country.in_region]
    if len(reached) != 1 or reached[0].probability < confidence:
        return result
    (country,) = reached
    return replace(
        result, status="assigned", rank="state", origin=country.name,
        probability=country.probability,
    )  # fmt: skip


def _surface_of(like: Surface, posterior: np.ndarray) -> Surface:
    probabilities = np.zeros(like.grid.inside.shape)
    probabilities[like.grid.inside] = posterior
    return Surface(like.grid, probabilities)


def _describe_layer(
    layers: list[Layer],
    place: int,
    posterior: np.ndarray,
    prior: np.ndarray,
    like: Surface,
    source: tuple[str, str, float],
) -> EvidenceLayer:
    """Return what a layer says alone and what it adds to the others."""
    layer, others = layers[place], [*layers[:place], *layers[place + 1 :]]
    without = multiply_layers(others, prior)
    alone = _surface_of(like, multiply_layers([layer], prior))
    has = posterior > 0
    bits = float((posterior[has] * np.log2(posterior[has] / without[has])).sum())
    agreement = None
    if others:
        agreement = float(np.log10(without @ np.exp(layer.gains)))
    return EvidenceLayer(
        name=layer.name, observed=layer.observed, source=source[0], sha256=source[1],
        weight=layer.weight, bits=max(0.0, bits), agreement=agreement, uncovered=source[2],
        point=Point(*alone.point()), region_km2=alone.region_area(_REGION),
    )  # fmt: skip
