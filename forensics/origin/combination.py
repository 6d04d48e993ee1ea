"""Several kinds of evidence multiplied into one posterior on one map.

::

    p(cell | all) ~ prior(cell) gain_nuclear(cell)^w gain_haplotype(cell)^w gain_isotopes(cell)^w

A gain is posterior over prior by one kind of evidence alone, each calibrated by itself: the genotype on
left-out sites, the haplotype on left-out localities, the isotopes on known-origin samples. That they are
independent given the place is an assumption, which is stated with every result. Any of them may be absent,
in the run or of a sample; `forensics.origin.combination_maps` says which map is then taken.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from forensics.core.notice import Figure, Notice
from forensics.core.provenance import Provenance
from forensics.errors import UsageError
from forensics.messages import _, numeral
from forensics.notices import origin as notices
from forensics.origin import isotope_models, places
from forensics.origin.combination_maps import EvidenceMap, lay_map
from forensics.origin.combination_results import LAYER_NAMES, CombinedOrigin, EvidenceLayer
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
from forensics.origin.evidence_provenance import describe_evidence, make_evidence_provenance
from forensics.origin.evidence_tables import (
    GenotypeEvidence,
    HaplotypeEvidence,
    IsotopeEvidence,
    list_samples,
    read_genotype_evidence,
    read_haplotype_evidence,
    read_isotope_evidence,
    sample_key,
)
from forensics.origin.geography import Surface
from forensics.origin.isotopes import IsotopeAssignment
from forensics.origin.map_results import PlaceOrigin, summarise_surface
from forensics.origin.model_provenance import identify_range
from forensics.origin.models import Model
from forensics.origin.predict import SEED
from forensics.origin.reporting_regions import RegionReporter
from forensics.origin.results import Origins, Point
from forensics.origin.spatial import locate

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

# A layer that is ten times less likely where the others put the animal than anywhere disagrees; so does a range
# map in which ten times less of the posterior lies than of the prior. No standard sets this bound; the choice is
# ours.
MIN_AGREEMENT = 0.1
_REGION = 0.90


def combine_evidence(
    model: Model | str | os.PathLike[str] | None = None,
    genotypes: object = None,
    *,
    haplotypes: HaplotypeEvidence | None = None,
    isotopes: IsotopeEvidence | None = None,
    weights: Mapping[str, float] | None = None,
    range_map: "RangeMap | None" = None,
    regions: "RegionSet | None" = None,
    prior: str | None = None,
    confidence: float = CONFIDENCE,
    level: float = LEVEL,
    seed: int = SEED,
) -> Origins:
    """Say where samples come from by all evidence together.

    Samples are known by their names. Each sample of any table has a result, by the evidence that it has.

    Parameters
    ----------
    model : Model, path or name of a packaged model, optional
        Of kind ``places``: its map, its range and the nuclear genotypes.
    genotypes : Genotypes, optional
        Of the samples. Anything else that `forensics.genetics.reading.read_genotypes` takes is read.
    haplotypes : HaplotypeEvidence, optional
    isotopes : IsotopeEvidence, optional
    weights : mapping of str to float, optional
        Powers of layers, 0 to 1, by their names; by default 1, of the haplotype that of
        `evidence_layers.calibrate_haplotype_weight`.
    range_map : RangeMap, optional
        Cells outside it are impossible. Of haplotypes alone it is the map.
    regions : RegionSet, optional
        Reporting regions; their posterior is not calibrated for the combination.
    prior : str, optional
        A key of `forensics.origin.spatial.PRIORS`; by default ``area``, or without genotypes the prior of
        the isotope model.
    confidence : float
        Posterior from which on a country is named, if the whole 95 % region lies in it, the layers agree
        and the range alone does not name it.
    level : float
        Of the exclusion.
    seed : int

    Raises
    ------
    UsageError
        If the model has no map, a weight is out of range, or there is nothing to combine.
    InputError
        If a table shares no sample with the others.
    """
    if (model is None) != (genotypes is None):
        raise UsageError(_("a model of places and genotypes are given together"))
    if model is None and haplotypes is None and isotopes is None:
        raise UsageError(_("there is no evidence: give genotypes, haplotypes or isotopes"))
    powers = _weights_of(weights or {}, haplotypes)
    nuclear = None
    if model is not None:
        nuclear = read_genotype_evidence(model, genotypes)
    names = list_samples(nuclear, haplotypes, isotopes)
    evidence_map = lay_map(
        None if nuclear is None else nuclear.spatial,
        haplotypes,
        isotopes,
        range_map=range_map,
        prior=prior,
    )
    parameters: dict[str, Any] = {"confidence": confidence}
    if nuclear is not None:
        parameters |= {"prior": evidence_map.prior_name, "seed": seed, "exclusion_level": level}
    else:
        parameters["prior"] = prior or "default"
    parameters["combination"] = describe_evidence(nuclear, haplotypes, isotopes, powers)
    if regions is not None:
        parameters["regions"] = {"name": regions.name, "sha256": regions.sha256}
    if range_map is not None:
        parameters["range_map"] = identify_range(range_map)
    provenance = make_evidence_provenance(nuclear, haplotypes, isotopes, parameters)
    reporter = None
    if regions is not None:
        reporter = RegionReporter(
            regions, evidence_map.grid, evidence_map.sites, confidence=confidence
        )
    placed: dict[str, PlaceOrigin] = {}
    free: dict[str, Surface | None] = {}
    if nuclear is not None:
        placed, free = _place(nuclear, evidence_map, provenance, level, seed, confidence)
    run = _Run(
        evidence_map, haplotypes, isotopes, powers, nuclear, provenance, reporter, confidence
    )
    return Origins(
        run.combine(name, number, placed.get(key), free.get(key))
        for number, (key, name) in enumerate(names.items(), 1)
    )


def _place(
    nuclear: GenotypeEvidence,
    on: EvidenceMap,
    provenance: Provenance,
    level: float,
    seed: int,
    confidence: float,
) -> tuple[dict[str, PlaceOrigin], dict[str, Surface | None]]:
    """Return of each sample its result by the genotype, and its posterior without a range map."""
    mask = None if on.wide is None else on.grid.inside
    results = places.assign_places(
        nuclear.genotypes, nuclear.spatial, *nuclear.sites, provenance=provenance, prior=on.prior_name,
        level=level, seed=seed, confidence=confidence, range_map=mask, limits=nuclear.limits,
    )  # fmt: skip
    placed = {}
    for result in results:
        assert isinstance(result, PlaceOrigin)
        placed[sample_key(result.sample)] = result
    if on.wide is None:
        return placed, {}
    located = locate(nuclear.spatial, nuclear.genotypes, prior=on.prior_name)
    return placed, {sample_key(place.animal): place.surface for place in located}


@dataclass(frozen=True, eq=False)
class _Run:
    """All that the results of a run share."""

    map: EvidenceMap
    haplotypes: HaplotypeEvidence | None
    isotopes: IsotopeEvidence | None
    powers: Mapping[str, float]
    nuclear: GenotypeEvidence | None
    provenance: Provenance
    reporter: RegionReporter | None
    confidence: float

    def combine(
        self, sample: str, index: int, place: PlaceOrigin | None, free: Surface | None
    ) -> CombinedOrigin:
        """Return the result of a sample; `free` is its posterior by the genotype without a range map."""
        haplotype = None if self.haplotypes is None else self.haplotypes.find(sample)
        assignment = None if self.isotopes is None else self.isotopes.find(sample)
        missing = [
            name
            for name, given, own in (
                (NUCLEAR, self.nuclear, place),
                (HAPLOTYPE, self.haplotypes, haplotype),
                (ISOTOPES, self.isotopes, assignment),
            )
            if given is not None and own is None
        ]
        known: list[Notice] = [] if place is None else list(place.notices)
        observed = len(assignment.values) if assignment else 0
        result = CombinedOrigin(
            sample=sample, index=index, status="unusable" if place is None else place.status, rank=None,
            origin=None, probability=None, prior=self.map.prior_name, layers=(),
            used=observed + bool(haplotype) if place is None else place.used,
            domain=self.map.domain, exclusion=None if place is None else place.exclusion, notices=tuple(known),
            model_limits=self._limits(), provenance=self.provenance,
        )  # fmt: skip
        if missing:
            titles = ", ".join(_(LAYER_NAMES[name]) for name in missing)
            known.append(notices.LAYERS_MISSING(layers=titles))
        surface = None if place is None else place.surface
        if place is not None and surface is None:
            return replace(result, notices=tuple(known))
        if surface is None and not haplotype and assignment is None:
            return replace(result, notices=tuple(known))
        if self.haplotypes is not None and haplotype:
            if haplotype not in self.haplotypes.reference.haplotypes:
                known.append(notices.HAPLOTYPE_UNSEEN(name=haplotype))
        if assignment is not None:
            known += assignment.notices
            if any(notice.code == notices.NO_PLACE.code for notice in assignment.notices):
                # A best place by the other evidence would be read as an origin.
                return replace(result, status="none_of_the_reference", notices=tuple(known))
        layers, uncovered = self._layers(self.map, surface, haplotype, assignment, result.used)
        posterior = multiply_layers(layers, self.map.prior)
        described = tuple(
            self._describe_layer(layers, number, posterior, uncovered)
            for number in range(len(layers))
        )
        if len(layers) > 1:
            known.append(notices.LAYERS_INDEPENDENT())
        disagree = [
            notices.LAYERS_DISAGREE(layer=layer.title, factor=Figure(10**layer.agreement, ".2g"))
            for layer in described
            if layer.agreement is not None and 10**layer.agreement < MIN_AGREEMENT
        ]
        outside = None
        if self.map.wide is not None:
            outside, factor = self._compare_with_range(free, haplotype, assignment)
            if factor < MIN_AGREEMENT:
                disagree.append(notices.RANGE_DISAGREES(share=Figure(outside, ".1%")))
            if self.map.sites is not None and not self._has_site():
                known.append(notices.NO_SITE_IN_RANGE())
        whole = self.map.surface(posterior)
        result = replace(
            result,
            **summarise_surface(whole).fields(),
            surface=whole,
            status="inconclusive",
            domain=replace(self.map.domain, outside=outside),
            layers=described,
            countries=isotope_models.share_countries(whole),
            reporting=None
            if self.reporter is None
            else self.reporter.answer(whole, self.map.prior),
            alone={
                layer.name: self.map.surface(multiply_layers([layer], self.map.prior))
                for layer in layers
                if len(layers) > 1
            },
            notices=(*known, *disagree),
        )
        return result if disagree else self._name_country(result)

    def _layers(
        self, on: EvidenceMap, surface: Surface | None, haplotype: str | None,
        assignment: IsotopeAssignment | None, loci: int,
    ) -> tuple[list[Layer], float]:  # fmt: skip
        """Return the layers of a sample on a map, and the share of it that the isotopes do not cover."""
        layers, uncovered = [], 0.0
        if surface is not None:
            text = _("{used} loci").format(used=loci)
            gains = surface_gains(surface, on.prior)
            layers.append(Layer(NUCLEAR, gains, self.powers[NUCLEAR], text))
        if self.haplotypes is not None and haplotype:
            gains = haplotype_gains(self.haplotypes.reference, haplotype, on.grid, on.prior)
            layers.append(Layer(HAPLOTYPE, gains, self.powers[HAPLOTYPE], haplotype))
        if self.isotopes is not None and assignment is not None:
            gains, uncovered = isotope_gains(
                assignment.surface, self.isotopes.isotopes.prior, on.grid, on.prior
            )
            values = ", ".join(
                f"{name} {numeral(value, '.1f')} ‰" for name, value in assignment.values.items()
            )
            layers.append(Layer(ISOTOPES, gains, self.powers[ISOTOPES], values))
        return layers, uncovered

    def _compare_with_range(
        self, free: Surface | None, haplotype: str | None, assignment: IsotopeAssignment | None
    ) -> tuple[float, float]:
        """Return the posterior outside the range map, and by which factor its inside was made likelier."""
        wide = self.map.wide
        assert wide is not None
        layers, _uncovered = self._layers(wide, free, haplotype, assignment, 0)
        inside = float(multiply_layers(layers, wide.prior)[self.map.is_within].sum())
        return max(0.0, 1.0 - inside), inside / float(wide.prior[self.map.is_within].sum())

    def _has_site(self) -> bool:
        """Return whether a reference site lies in a cell of the map."""
        sites, grid = self.map.sites, self.map.grid
        assert sites is not None
        rows, columns = grid.cell_of(sites.latitudes, sites.longitudes)
        return bool((grid.inside[rows, columns] & (rows >= 0)).any())

    def _limits(self) -> tuple[str, ...]:
        if self.nuclear is not None:
            return self.nuclear.limits
        if self.isotopes is None:
            return ()
        return tuple(map(str, self.isotopes.model.card.get("limits", ())))

    def _source_of(self, layer: str) -> tuple[str, str]:
        """Return what a layer is compared with, and its SHA-256."""
        if layer == HAPLOTYPE:
            assert self.haplotypes is not None
            return self.haplotypes.reference_file
        if layer == NUCLEAR:
            assert self.nuclear is not None
            model = self.nuclear.model
        else:
            assert self.isotopes is not None
            model = self.isotopes.model
        return f"{model.name} {model.version}", model.sha256

    def _describe_layer(
        self, layers: list[Layer], number: int, posterior: np.ndarray, uncovered: float
    ) -> EvidenceLayer:
        """Return what a layer says alone and what it adds to the others."""
        layer, others = layers[number], [*layers[:number], *layers[number + 1 :]]
        without = multiply_layers(others, self.map.prior)
        alone = self.map.surface(multiply_layers([layer], self.map.prior))
        has = posterior > 0
        bits = float((posterior[has] * np.log2(posterior[has] / without[has])).sum())
        agreement = None
        if others:
            agreement = float(np.log10(without @ np.exp(layer.gains)))
        source, sha256 = self._source_of(layer.name)
        return EvidenceLayer(
            name=layer.name, observed=layer.observed, source=source, sha256=sha256,
            weight=layer.weight, bits=max(0.0, bits), agreement=agreement,
            uncovered=uncovered if layer.name == ISOTOPES else 0.0,
            point=Point(*alone.point()), region_km2=alone.region_area(_REGION),
        )  # fmt: skip

    def _name_country(self, result: CombinedOrigin) -> CombinedOrigin:
        """Return a result with the country that its whole 95 % region lies in, if the evidence chose it."""
        reached = [country for country in result.countries or () if country.in_region]
        if len(reached) != 1 or reached[0].probability < self.confidence:
            return result
        (country,) = reached
        before = isotope_models.share_countries(self.map.surface(self.map.prior))
        if any(
            each.name == country.name and each.probability >= self.confidence for each in before
        ):
            named = notices.RANGE_DECIDES(country=country.title)
            return replace(result, notices=(*result.notices, named))
        return replace(
            result, status="assigned", rank="state", origin=country.name,
            probability=country.probability,
        )  # fmt: skip


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
