"""The result of one kind of evidence or several on one map."""

import math
from dataclasses import dataclass, field
from typing import ClassVar

from forensics.core.stored import not_stored, stored
from forensics.messages import N_, _, numeral
from forensics.origin.geography import Surface
from forensics.origin.map_results import CountryShare, MappedOrigin, MapSummary, place_in_words
from forensics.origin.population_results import ExclusionTest
from forensics.origin.ranges import Range
from forensics.origin.region_results import RegionAnswer
from forensics.origin.results import FIRST_KEYS, LAST_KEYS, Point
from forensics.result import thousands

__all__ = ["LAYER_NAMES", "CombinedOrigin", "Domain", "EvidenceLayer"]

LAYER_NAMES = {
    "nuclear": N_("nuclear genotype"),
    "haplotype": N_("haplotype"),
    "isotopes": N_("isotopes"),
}
"""Names of the layers for people."""

_MAX_SHOWN = 6


@dataclass(frozen=True, slots=True)
class EvidenceLayer:
    """What one kind of evidence says, and what it adds to the others.

    Attributes
    ----------
    name : str
        A key of `LAYER_NAMES`.
    observed : str
        What was observed.
    source, sha256 : str
        Model or table of reference, and its SHA-256.
    weight : float
        Power of its evidence; 1 counts it whole, 0 not at all.
    bits : float
        Information that it adds: divergence of the posterior from that without it (Kullback-Leibler).
    agreement : float or None
        Log10 of how much likelier the observation is where the other layers put the animal than
        anywhere; None where there is no other layer.
    uncovered : float
        Share of the map, by its prior, of which the layer knows nothing.
    point : Point
        Of the layer alone.
    region_km2 : float
        Area of the 90 % region of the layer alone.
    """

    name: str
    observed: str
    source: str
    sha256: str
    weight: float
    bits: float
    agreement: float | None
    uncovered: float
    point: Point
    region_km2: float

    @property
    def title(self) -> str:
        """Its name for people."""
        return _(LAYER_NAMES[self.name])

    def caption(self) -> str:
        """Return what stands above the map of it alone."""
        return _("{name}: weight {weight}, adds {bits} bits").format(
            name=self.title, weight=numeral(self.weight, "g"), bits=numeral(self.bits, ".2f")
        )

    def in_words(self) -> str:
        """Return what it says alone, and what it adds."""
        text = _("{observed}; weight {weight}; alone its 90% region has {area} km²; it adds {bits} bits").format(
            observed=self.observed, weight=numeral(self.weight, "g"), area=thousands(self.region_km2),
            bits=numeral(self.bits, ".2f"),
        )  # fmt: skip
        if self.agreement is None:
            return text
        return _("{text}; it would be observed {factor} times as often where the other evidence points as anywhere").format(
            text=text, factor=numeral(10**self.agreement, ".2g")
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Domain:
    """Where a sample may come from: the cells of the map, and what a range map cuts off.

    Attributes
    ----------
    kind : str
        One of `forensics.origin.ranges.KINDS`; ``grid`` is every cell of the isoscape.
    distance_km : float or None
        Of kind ``sites``: how far from a reference site or locality a place may lie.
    land : bool
        Of kind ``sites``: whether only land is in it.
    source : str
        File of the range, or the isotopes of the isoscapes.
    range_map : str or None
        File of a range map that cuts it further.
    outside : float or None
        Share of the posterior that the same evidence would put outside the range map; None where none
        was given.
    """

    kind: str
    distance_km: float | None
    land: bool
    source: str
    range_map: str | None = None
    outside: float | None = None

    def in_words(self) -> str:
        """Return what the range is, and what it cuts off."""
        words = Range(self.kind, self.distance_km, self.land, self.source).in_words()
        if self.kind == "grid" and self.source:
            words = _("the cells of the isoscape ({isotopes})").format(isotopes=self.source)
        if self.range_map is not None:
            words = _("{range}, cut to {file}").format(range=words, file=self.range_map)
        if self.outside is None:
            return words
        return _("{range}; without it {share} of the posterior would lie outside").format(
            range=words, share=numeral(self.outside, ".1%")
        )


@dataclass(frozen=True, kw_only=True, repr=False)
class CombinedOrigin(MappedOrigin):
    """Where on a map one sample comes from, by one kind of evidence or several together.

    Attributes
    ----------
    prior : str
        A key of `forensics.origin.spatial.PRIORS`, or the prior in words.
    layers : tuple of EvidenceLayer
        Those that the sample has.
    domain : Domain or None
        None in results of versions that placed samples with genotypes alone.
    exclusion : ExclusionTest or None
        Of the genotype against the reference sites; None without one.
    reporting : RegionAnswer or None
        Posterior of reporting regions that were given; not calibrated.
    countries : tuple of CountryShare, or None
        The most probable first.
    alone : dict of str to Surface
        Posterior by each layer alone, by its name, where there are several. They are not stored.
    """

    KIND: ClassVar = "combined"
    KEYS: ClassVar = (
        *FIRST_KEYS, "prior", "domain", "layers", "exclusion", "mode", "mean", "median", "regions", "cell_km",
        "reporting", "countries", *LAST_KEYS,
    )  # fmt: skip

    layers: tuple[EvidenceLayer, ...]
    domain: Domain | None = field(default=None, metadata=stored(omit_none=True))
    exclusion: ExclusionTest | None = field(default=None, metadata=stored(omit_none=True))
    reporting: RegionAnswer | None = field(default=None, metadata=stored(omit_none=True))
    countries: tuple[CountryShare, ...] | None = field(
        default=None, metadata=stored(omit_none=True)
    )
    alone: dict[str, Surface] = field(default_factory=dict, compare=False, metadata=not_stored())

    def details(self) -> list[tuple[str, str]]:
        """Return label and text of what a person should read after the headline."""
        lines = []
        if self.exclusion is not None and not math.isnan(self.exclusion.p_any):
            text = _("genotype: p = {p} against the nearest reference site (level {level})")
            lines.append(
                (
                    _("Fits"),
                    text.format(
                        p=numeral(self.exclusion.p_any, ".3g"),
                        level=numeral(self.exclusion.level, "g"),
                    ),
                )
            )
        lines += [(layer.title, layer.in_words()) for layer in self.layers]
        summary: MapSummary | None = self.summary
        if summary is None:
            return lines
        lines += place_in_words(summary)
        if self.domain is not None:
            lines.append((_("Range"), self.domain.in_words()))
        if self.reporting is not None:
            lines += self.reporting.lines()
        reached = [country for country in self.countries or () if country.in_region][:_MAX_SHOWN]
        names = (f"{country.title} {numeral(country.probability, '.1%')}" for country in reached)
        return [*lines, (_("Countries"), ", ".join(names)), (_("Prior"), f"'{self.prior}'")]
