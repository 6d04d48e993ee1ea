"""What the measurements of one sample support, with how it was reached."""

from dataclasses import dataclass, field
from typing import Any, ClassVar

from forensics.core.result import Result
from forensics.core.stored import reported, stored
from forensics.drawing import BARS, FAINT, draw_bars, open_axes
from forensics.fit import Fit
from forensics.individual.captive.calls import Status
from forensics.individual.captive.performance import Performance
from forensics.messages import _, numeral
from forensics.notices import captive as notices
from forensics.result import shown_probability
from forensics.stats.choice import by_value
from forensics.verbal import verbal

# Priors under which the posterior is shown beside the stated one: little, even, much.
_OTHER_PRIORS = (0.1, 0.5, 0.9)
_MIN_P = 1e-6  # drawn so where a p-value is smaller


def with_prior(posterior: float, prior: float, other: float) -> float:
    """Return the posterior of a class under another prior, the rest of which is shared as before.

    Examples
    --------
    >>> round(with_prior(0.9, 0.5, 0.1), 6)
    0.5
    """
    against = (1 - posterior) / posterior * prior / (1 - prior)  # of all others to this class
    return other / (other + (1 - other) * against)


@dataclass(frozen=True, slots=True)
class SuspectLabel:
    """A reference sample whose label its own measurements contradict.

    Attributes
    ----------
    label, likelier : str
        Its class by the label, and by its measurements.
    probability : float
        That the label is wrong, see `forensics.individual.captive.suspects`.
    """

    sample: str
    group: str | None
    label: str
    likelier: str
    probability: float


@dataclass(frozen=True, slots=True)
class OtherPrior:
    """The posterior that a class would have under another prior."""

    prior: float
    posterior: float


@dataclass(frozen=True, kw_only=True)
class Husbandry(Result):
    """What the measurements of one sample support.

    Attributes
    ----------
    sample : str
    status : str
        ``supported``, ``inconclusive`` or ``neither``, see `forensics.individual.captive.calls`.
    supported : str or None
        The class that is supported; None unless the status is ``supported``.
    fit : Fit or None
        Whether any class describes the sample; None in a finding of an older version, as `beyond`
        and `suspects`.
    beyond : tuple of str, or None
        Classes that the sample lies farther out of than every sample of the reference of its own:
        their p-values are those of the density.
    suspects : tuple of SuspectLabel, or None
        Of the reference.
    values : dict of str to float
        Measurements that were used.
    posteriors : dict of str to float or None
        Of each class, under `prior`; None where the sample is out of range of the likeliest class:
        they would say which of two wrong classes is the nearer one.
    p_values : dict of str to float
        Share of samples of each class that lie as far out, or farther.
    excluded : tuple of str
        Classes that are excluded at the level.
    log10_lr : float or None
        Of the likeliest class against the next one; bounded, see `at_bound`; None where the sample
        is out of range of the likeliest.
    log10_bound : float
        Greatest such ratio that the reference supports.
    performance : Performance
        Of the reference, with these measurements.
    provenance : Provenance
        ``library`` names the reference.
    """

    KEYS: ClassVar = (
        "sample", "status", "supported", "result", "fit", "beyond_reference", "suspect_labels",
        "values", "units", "posteriors", "prior", "under_other_priors", "p_values", "excluded",
        "level", "likelihood_ratio.log10", "likelihood_ratio.of", "likelihood_ratio.against",
        "likelihood_ratio.log10_bound", "likelihood_ratio.at_bound", "explanation", "warnings",
        "performance", "provenance",
    )  # fmt: skip
    NOTICE_KINDS: ClassVar = notices.KINDS

    status: Status
    supported: str | None
    fit: Fit | None = field(default=None, metadata=stored(omit_none=True))
    beyond: tuple[str, ...] | None = field(
        default=None, metadata=stored("beyond_reference", omit_none=True)
    )
    suspects: tuple[SuspectLabel, ...] | None = field(
        default=None, metadata=stored("suspect_labels", omit_none=True)
    )
    values: dict[str, float]
    units: dict[str, str]
    posteriors: dict[str, float | None]
    prior: dict[str, float]
    p_values: dict[str, float]
    excluded: tuple[str, ...]
    level: float
    log10_lr: float | None = field(metadata=stored("likelihood_ratio.log10"))
    likeliest: str = field(metadata=stored("likelihood_ratio.of"))
    next: str = field(metadata=stored("likelihood_ratio.against"))
    log10_bound: float = field(metadata=stored("likelihood_ratio.log10_bound"))
    performance: Performance

    @property
    @reported("likelihood_ratio.at_bound")
    def at_bound(self) -> bool:
        """Whether the ratio was cut off at what the reference supports."""
        return self.log10_lr is not None and self.log10_lr >= self.log10_bound - 1e-9

    @property
    def groups(self) -> int:
        """Independent groups of the reference; one with samples of two classes counts in both."""
        return sum(figures.groups for figures in self.performance.classes.values())

    def under_other_priors(self) -> dict[float, float]:
        """Return the posterior of the class with the greatest one, by its prior.

        The other classes keep their shares of the rest. Empty where there are no posteriors.
        """
        posteriors = self._stated_posteriors()
        if not posteriors:
            return {}
        best = by_value(posteriors)[0][0]
        p, prior = posteriors[best], self.prior[best]
        return {other: with_prior(p, prior, other) for other in _OTHER_PRIORS}

    @reported("under_other_priors")
    def list_other_priors(self) -> tuple[OtherPrior, ...]:
        """Return `under_other_priors` in the form that is stored."""
        return tuple(OtherPrior(prior, p) for prior, p in self.under_other_priors().items())

    def _stated_posteriors(self) -> dict[str, float]:
        """Return the posterior of each class; empty where the sample is out of range."""
        stated = {name: p for name, p in self.posteriors.items() if p is not None}
        return stated if len(stated) == len(self.posteriors) else {}

    def headline(self) -> str:
        """Return the result in one sentence."""
        if self.status == "supported":
            assert self.supported is not None
            p = self.posteriors[self.supported]
            assert p is not None  # a class that is supported has a posterior
            return _(
                "the measurements support {name} rather than {other} (posterior {p}, prior "
                "{prior:.2f})"
            ).format(
                name=self.supported,
                other=self.next,
                p=shown_probability(p),
                prior=self.prior[self.supported],
            )
        if self.status == "neither":
            return _(
                "this reference does not describe this sample: the measurements fit none of its "
                "classes: {names}"
            ).format(names=", ".join(self.posteriors))
        return _("inconclusive: the measurements settle none of the classes")

    def details(self) -> list[tuple[str, str]]:
        """Return label and text of what a person should read after the headline."""
        measured = (
            f"{name} {numeral(value, 'g')} {self.units[name]}"
            for name, value in self.values.items()
        )
        return [
            (_("Measured"), ", ".join(text.strip() for text in measured)),
            *self.evidence(),
            *self._other_priors(),
            (_("As far out"), self._tail_text()),
        ]

    def limits(self) -> list[str]:
        """Return what isotopes cannot say."""
        return [
            _(
                "This compares diet and water, as isotopes show them, with the samples of the "
                "reference. A kind of keeping or a place that the reference lacks may look like "
                "one of its classes. Who bred the animal is another question (parentage)."
            ),
        ]

    def evidence(self) -> list[tuple[str, str]]:
        """Return label and text of the likelihood ratio and of the posterior."""
        return [
            (_("Likelihood ratio"), self._ratio_text()),
            (_("Posterior"), self._posterior_text()),
        ]

    def _ratio_text(self) -> str:
        if self.log10_lr is None:
            return _("none is given: the sample is out of the range of {name}").format(
                name=self.likeliest
            )
        words = verbal(log10=self.log10_lr)
        if words.favours == "neither":
            text = _("{words} (ratio {ratio:.3g} of {name} against {other}, scale {scale})")
        else:
            text = _("{words} for {name} rather than {other} (ratio {ratio:.3g}, scale {scale})")
        text = text.format(
            words=words.text,
            name=self.likeliest,
            other=self.next,
            ratio=10**self.log10_lr,
            scale=words.scale,
        )
        if self.at_bound:
            return text + _("; cut off: the reference supports no greater one")
        return text + _("; the reference supports at most {bound:.3g}").format(
            bound=10**self.log10_bound
        )

    def _posterior_text(self) -> str:
        posteriors = self._stated_posteriors()
        if not posteriors:
            return _("none is given: the sample is out of range of the classes")
        return _("{shares}, if it is of one of them").format(
            shares=_("; ").join(
                _("{name} {p} (prior {prior:.2f})").format(
                    name=name, p=shown_probability(p), prior=self.prior[name]
                )
                for name, p in posteriors.items()
            )
        )

    def _other_priors(self) -> list[tuple[str, str]]:
        posteriors = self._stated_posteriors()
        if not posteriors:
            return []
        best = by_value(posteriors)[0][0]
        under = _("; ").join(
            _("{p} with a prior of {prior:g}").format(p=shown_probability(p), prior=prior)
            for prior, p in self.under_other_priors().items()
        )
        return [(_("Other priors"), f"{best}: {under}")]

    def _tail_text(self) -> str:
        inside = _("{share:.2%} of samples of {name} lie so far out or farther")
        out = _("{share:.2%} of samples of {name} lie so far out or farther: excluded")
        beyond = _(
            "of {name} {share:.2g} by the density; none of the {groups} groups of the reference lies "
            "so far out of its own class"
        )
        beyond_out = _(
            "of {name} {share:.2g} by the density; none of the {groups} groups of the reference lies "
            "so far out of its own class: excluded"
        )
        texts = {(False, False): inside, (False, True): out, (True, False): beyond,
                 (True, True): beyond_out}  # fmt: skip
        return _("; ").join(
            texts[name in (self.beyond or ()), name in self.excluded].format(
                name=name, share=share, groups=self.groups
            )
            for name, share in self.p_values.items()
        )

    def plot(self, axes: Any = None) -> Any:
        """Draw the p-value of each class, beside its posterior.

        Parameters
        ----------
        axes : matplotlib.axes.Axes, optional
            Default: those of a new figure.

        Returns
        -------
        matplotlib.axes.Axes

        Raises
        ------
        ForensicsError
            If matplotlib is not installed.
        """
        names = [name for name, _p in by_value(self.p_values)]
        axes = open_axes(axes, rows=len(names))
        labels = []
        for name in names:
            posterior = self.posteriors[name]
            labels.append(
                name
                if posterior is None
                else _("{name}, posterior {p}").format(name=name, p=shown_probability(posterior))
            )
        draw_bars(
            axes,
            labels,
            [max(self.p_values[name], _MIN_P) for name in names],
            [FAINT if name in self.excluded else BARS for name in names],
            title=f"{self.sample}: {self.headline()}",
        )
        axes.set_xscale("log")
        axes.set_xlim(_MIN_P, 1.0)
        axes.axvline(self.level, color="#000000", linestyle="--", linewidth=1.0)
        axes.set_xlabel(_("p-value of the class (dashed: at most this excludes it)"))
        return axes

    def rows(self) -> list[dict[str, Any]]:
        """Return a row: the ratio, posteriors and p-values of the classes, and the inputs."""
        provenance = self.provenance
        file = provenance.files[0]
        return [
            {
                "sample": self.sample,
                "status": self.status,
                "supported": self.supported,
                "log10_lr": self.log10_lr,
                "lr_of": self.likeliest,
                "lr_against": self.next,
                "log10_bound": self.log10_bound,
                **{f"posterior {name}": value for name, value in self.posteriors.items()},
                **{f"p {name}": value for name, value in self.p_values.items()},
                "used": " ".join(self.values),
                "warnings": " ".join(notice.code for notice in self.notices),
                "input_file": file["file"],
                "input_sha256": file["sha256"],
                "reference": provenance.library["name"],
                "reference_sha256": provenance.library["sha256"],
                "version": provenance.version,
                "time": provenance.time,
            }
        ]

    def __repr__(self) -> str:
        return f"<Husbandry {self.sample}: {self.headline()}>"
