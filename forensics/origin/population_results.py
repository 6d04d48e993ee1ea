"""The result of an assignment to reference populations, and the test of exclusion that is part of it."""

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import ClassVar

from forensics.core.stored import not_stored, stored
from forensics.messages import _, ngettext, numeral
from forensics.origin.assignment import MIN_LOCI
from forensics.origin.results import FIRST_KEYS, LAST_KEYS, Origin
from forensics.result import shown_probability
from forensics.stats.choice import by_value, ranked
from forensics.stats.intervals import Rate

__all__ = ["MIN_POWER", "ClassifiedOrigin", "ExclusionPower", "ExclusionTest", "PopulationOrigin"]

# A sample "fits" only where the test would have noticed an animal from elsewhere in four cases of five:
# the power that studies are planned for by convention (Cohen 1988, Statistical Power Analysis, ISBN
# 0-8058-0283-5, section 2.4). The lower end of the interval must reach it, since it is measured on few
# populations. Where it does not, "not excluded" is all that may be said.
MIN_POWER = 0.8

# Populations shown to people; JSON has them all.
_MAX_SHOWN = 5


@dataclass(frozen=True, slots=True)
class ExclusionPower:
    """What an exclusion is worth, measured on animals of groups that were taken out of the reference.

    Attributes
    ----------
    removed : str
        What was taken out, one at a time: "population", "unit" or "site".
    groups : int
        So many were.
    noticed : Rate
        Animals of them that the test excludes, at its level.
    falsely : Rate
        Animals of the reference, each left out, that the test excludes.
    """

    removed: str
    groups: int
    noticed: Rate
    falsely: Rate = field(metadata=stored("falsely_excluded"))

    @property
    def suffices(self) -> bool:
        """Whether what is not excluded may be said to fit: see `MIN_POWER`."""
        return self.noticed.low >= MIN_POWER


@dataclass(frozen=True, slots=True)
class ExclusionTest:
    """Whether one animal comes from none of the reference populations, or sites.

    Attributes
    ----------
    level : float
        Of animals of the reference at most this share is excluded.
    excluded : bool
    p_any : float
        Greatest p-value of any population; NaN where none could be computed.
    p_values : dict of str to float, or None
        Of each population; None where the reference is of sites.
    power : ExclusionPower or None
        None where it is not known: of samples with fewer loci than the animals on which it was measured.
    """

    level: float
    excluded: bool
    p_any: float = field(metadata=stored(null=math.nan))
    p_values: dict[str, float] | None = field(
        default=None, metadata=stored(omit_none=True, null=math.nan)
    )
    power: ExclusionPower | None = field(default=None, metadata=stored(omit_none=True))

    def label(self) -> str:
        """Return what the test says of the sample: that it fits, only where it would have noticed."""
        if self.p_any <= self.level:
            return _("Excluded")
        return _("Fits") if self.power is not None and self.power.suffices else _("Not excluded")

    def worth(self) -> str:
        """Return in a sentence what the test would have noticed."""
        if self.power is None:
            return _("How many animals from elsewhere this test notices is not known.")
        return _(
            "This test notices {share} of animals from elsewhere ({low} to {high}) and wrongly excludes "
            "{falsely} of the reference's own."
        ).format(
            share=_percent(self.power.noticed.share),
            low=_percent(self.power.noticed.low),
            high=_percent(self.power.noticed.high),
            falsely=_percent(self.power.falsely.share),
        )

    def in_words(self, count: int, *, sites: bool = False) -> str:
        """Return the test in words.

        A p-value is the share of the reference's own animals that fit no better, and no probability of
        an origin; the words must not let it be read as one.

        Parameters
        ----------
        count : int
            Populations, or sites, of the reference.
        sites : bool
            Whether they are sites.
        """
        is_unlike = self.p_any <= self.level
        if is_unlike and sites:
            text = _("unlike the animals of all {count} reference sites (p = {p}, at most {level})")
        elif is_unlike:
            text = _(
                "unlike the animals of all {count} reference populations (p = {p}, at most {level})"
            )
        elif sites:
            text = _(
                "not unlike the animals of at least one of {count} reference sites (p = {p}, above "
                "{level}; p is no probability of an origin)"
            )
        else:
            text = _(
                "not unlike the animals of at least one of {count} reference populations (p = {p}, above "
                "{level}; p is no probability of an origin)"
            )
        text = text.format(
            count=count, p=numeral(self.p_any, ".3g"), level=numeral(self.level, "g")
        )
        return text if is_unlike else f"{text}. {self.worth()}"


@dataclass(frozen=True, kw_only=True, repr=False)
class PopulationOrigin(Origin):
    """Which reference population, or reporting unit, one sample comes from.

    Attributes
    ----------
    probabilities, units : dict of str to float
        Posterior of each population and of each reporting unit, the most probable first.
    together : tuple of str
        The populations that reach the confidence together.
    prior : str
        As of `forensics.origin.assignment.prior_of`.
    log_likelihoods : dict of str to float
        Natural logarithms, of each population.
    exclusion : ExclusionTest
    loci : int or None
        Loci of the model. They are not stored: None in a result that was read back.
    """

    KIND: ClassVar = "populations"
    KEYS: ClassVar = (
        *FIRST_KEYS, "probabilities", "units", "together", "prior", "log_likelihoods", "exclusion",
        *LAST_KEYS,
    )  # fmt: skip

    probabilities: dict[str, float]
    units: dict[str, float]
    together: tuple[str, ...]
    prior: str
    log_likelihoods: dict[str, float] = field(metadata=stored(null=-math.inf))
    exclusion: ExclusionTest
    loci: int | None = field(default=None, compare=False, metadata=not_stored())

    def details(self) -> list[tuple[str, str]]:
        """Return label and text of what a person should read after the headline."""
        if self.status == "unusable":
            return self._too_few_loci()
        p_values = self.exclusion.p_values or {}
        fits = (self.exclusion.label(), self.exclusion.in_words(len(p_values)))
        populations = by_value(self.probabilities)
        if self.status == "none_of_the_reference":
            nearest = ranked((name for name, _p in populations), p_values.__getitem__)[0]
            text = _("{name}, p = {p:.3g}; this is no assignment").format(
                name=nearest, p=p_values[nearest]
            )
            return [fits, (_("Nearest"), text)]
        lines = [fits]
        if self.status == "assigned" and self.probability is not None:
            text = _(
                "posterior {probability}, under the prior '{prior}' and if it comes from one of the "
                "reference populations"
            ).format(probability=shown_probability(self.probability), prior=self.prior)
            lines.append((_("How sure"), text))
        lines.append((_("Populations"), _list_probabilities(populations)))
        if self.status == "inconclusive":
            text = _("the confidence is reached by: {names}").format(names=", ".join(self.together))
            lines.append((_("Together"), text))
        if self.rank == "unit" or (self.units and self.status == "inconclusive"):
            lines.append((_("Units"), _list_probabilities(by_value(self.units))))
        if self.loci is not None:
            lines.append((_("Loci"), _("{used} of {loci}").format(used=self.used, loci=self.loci)))
        return lines

    def likeliest_origins(self) -> dict[str, float]:
        """Return the populations that reach the confidence together, the most probable first."""
        return {name: self.probabilities[name] for name in self.together}

    def _too_few_loci(self) -> list[tuple[str, str]]:
        if self.loci is None:
            return []
        text = ngettext(
            "{used} of the {loci} loci is typed; at least {least} are needed",
            "{used} of the {loci} loci are typed; at least {least} are needed",
            self.used,
        ).format(used=self.used, loci=self.loci, least=MIN_LOCI)
        return [(_("Loci"), text)]


@dataclass(frozen=True, kw_only=True, repr=False)
class ClassifiedOrigin(PopulationOrigin):
    """Which reference population one sample comes from, by a classifier of scikit-learn.

    The posteriors are the classifier's, calibrated; a classifier has no likelihoods.

    Attributes
    ----------
    estimator : str
        Name of its class.
    """

    KIND: ClassVar = "classifier"
    KEYS: ClassVar = (
        *FIRST_KEYS, "estimator", "probabilities", "units", "together", "prior", "exclusion",
        *LAST_KEYS,
    )  # fmt: skip

    estimator: str
    log_likelihoods: dict[str, float] = field(
        default_factory=dict, compare=False, metadata=not_stored()
    )


def _percent(share: float | None) -> str:
    return numeral(share or 0.0, ".1%")


def _list_probabilities(probabilities: Iterable[tuple[str, float]]) -> str:
    shown = list(probabilities)[:_MAX_SHOWN]
    return ", ".join(f"{name} {shown_probability(value)}" for name, value in shown)
