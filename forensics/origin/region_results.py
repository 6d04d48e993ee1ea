"""What a result says of reporting regions: stored, and in words."""

import math
from dataclasses import dataclass

from forensics.messages import _, numeral
from forensics.origin.outlines import country_in_words

# Regions shown to people; JSON has all.
_MAX_SHOWN = 6
# A posterior is never shown as 1, nor as 0.
_MOST = 0.9999
_LEAST = 0.01


@dataclass(frozen=True, slots=True)
class RegionShare:
    """The posterior of a reporting region.

    Attributes
    ----------
    name : str
        "" for places outside every region.
    probability : float or None
        Posterior, calibrated where the answer is; None where the reference cannot assess the region.
    mass : float
        The same, assessable or not.
    prior : float
        Beforehand.
    named : bool
        Whether it is in the smallest set that reaches the confidence.
    animals, sites : int
        Reference animals and sites in it.
    assessable : bool
        Whether there are reference animals in it or near it.
    """

    name: str
    probability: float | None
    mass: float
    prior: float
    named: bool
    animals: int
    sites: int
    assessable: bool


@dataclass(frozen=True, slots=True)
class MeasuredRegions:
    """How regions did on animals of sites that were left out, calibrated without those sites.

    Attributes
    ----------
    animals, sites : int
        That were left out.
    named : float
        Share of the animals for which a single region reached the confidence.
    right : float or None
        Share of these for which it was the right one; None where there are none.
    right_low, right_high : float
        Limits of the 95 % interval; animals of a site cluster.
    holds : float
        Share of all animals whose set has the right region.
    """

    animals: int
    sites: int
    named: float
    right: float | None
    right_low: float
    right_high: float
    holds: float

    def in_words(self) -> str:
        """Return the figures in a sentence."""
        if self.right is None:
            return _(
                "of {animals} animals of {sites} left-out sites none got a single region; {holds} had "
                "the right one in their set"
            ).format(animals=self.animals, sites=self.sites, holds=numeral(self.holds, ".0%"))
        return _(
            "of {animals} animals of {sites} left-out sites {named} got a single region, {right} of these "
            "the right one ({low} to {high}); {holds} had the right one in their set"
        ).format(
            animals=self.animals,
            sites=self.sites,
            named=numeral(self.named, ".0%"),
            right=numeral(self.right, ".0%"),
            low=numeral(self.right_low, ".0%"),
            high=numeral(self.right_high, ".0%"),
            holds=numeral(self.holds, ".0%"),
        )


@dataclass(frozen=True, slots=True)
class RegionAnswer:
    """The posterior of the reporting regions, and the smallest set that reaches the confidence.

    Attributes
    ----------
    regions : str
        Name of the set of regions: ``countries``, or the file that defines them.
    probability : float
        Of the named set.
    shares : tuple of RegionShare
        The most probable first.
    measured : MeasuredRegions or None
        None where the posterior was not calibrated: nothing was left out.
    """

    regions: str
    confidence: float
    probability: float
    shares: tuple[RegionShare, ...]
    measured: MeasuredRegions | None

    @property
    def named(self) -> tuple[RegionShare, ...]:
        """The smallest set of regions that reaches the confidence."""
        return tuple(share for share in self.shares if share.named)

    @property
    def single(self) -> RegionShare | None:
        """The region that reaches the confidence alone and can be assessed; None where there is none.

        Of a posterior that was not calibrated none is named.
        """
        if self.measured is None or len(self.named) != 1:
            return None
        (region,) = self.named
        return region if region.assessable and region.name else None

    def title_of(self, name: str) -> str:
        """Return the name of a region for people, in their language where the regions are countries."""
        if not name:
            return _("outside every region")
        return country_in_words(name) if self.regions == "countries" else name

    def possible(self) -> dict[str, float]:
        """Return the named regions with their posteriors; empty where these are not calibrated."""
        if self.measured is None:
            return {}
        return {self.title_of(share.name): share.mass for share in self.named}

    def lines(self, *, measured: bool = True) -> list[tuple[str, str]]:
        """Return label and text for people.

        Parameters
        ----------
        measured : bool
            With the figures of animals that were left out.
        """
        shown = self.shares[: max(_MAX_SHOWN, len(self.named))]
        text = "; ".join(_share_in_words(share, self.title_of(share.name)) for share in shown)
        lines = [(_("Reporting regions"), text)]
        names = ", ".join(self.title_of(share.name) for share in self.named)
        if self.measured is None:
            lines.append(
                (
                    _("Named"),
                    _("none: the posterior of these regions is not calibrated for this model"),
                )
            )
            return lines
        lines.append(
            (
                _("Named"),
                _("{names}: {probability} (confidence {confidence})").format(
                    names=names,
                    probability=_posterior(self.probability),
                    confidence=numeral(self.confidence, "g"),
                ),
            )
        )
        if measured:
            lines.append((_("Measured"), self.measured.in_words()))
        return lines


def _share_in_words(share: RegionShare, name: str) -> str:
    if share.assessable:
        return _("{name} {probability}").format(name=name, probability=_posterior(share.mass))
    return _("{name} not assessable (no reference animals)").format(name=name)


def _posterior(value: float) -> str:
    """Return a posterior with two decimals, near 1 with four and rounded down; never as 0 or 1."""
    if value > _MOST:
        return f"> {numeral(_MOST, '.4f')}"
    if value < _LEAST:
        return f"< {numeral(_LEAST, '.2f')}"
    if value < 0.99:
        return numeral(value, ".2f")
    return numeral(math.floor(value * 1e4) / 1e4, ".4f")
