"""What the measurements of one sample support, how it was reached, and how the reference does on its own samples.

A sample is called one of three:

- ``neither``: every class is excluded: its p-value, the greater of that by the density and the
  calibrated one, is at most the level.
- ``supported``: one class has a posterior of at least the confidence, its likelihood ratio against
  the next one has a word of support on the verbal scale (a prior alone supports nothing), and the
  sample lies in its range: neither p-value is at most the level. Nor does it lie between the classes: more
  than `BETWEEN_LEVEL` of the groups of the class lie as far towards another one.
- ``inconclusive``: all else. Where the sample lies out of range and cannot be excluded, for want of
  reference samples or because samples of the reference lie as far out, it is said.
"""

import math
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

import numpy as np

from forensics.core.result import Result
from forensics.core.stored import reported, stored
from forensics.drawing import BARS, FAINT, draw_bars, open_axes
from forensics.fit import Fit
from forensics.individual.options import CAPTIVE_DEFAULTS, CaptiveOptions
from forensics.messages import _, name_some, numeral, shown_probability
from forensics.notices import captive as notices
from forensics.stats import Rate, by_value, descending, greatest, reaches
from forensics.verbal import verbal

# Share of right calls that may be lost so that animals of a place between the classes are called neither one nor
# the other. A stated choice; what 0.01 to 0.2 lose and gain is measured (benchmarks/README.md, wild or captive).
BETWEEN_LEVEL = 0.1

Status = Literal["supported", "inconclusive", "neither"]


@dataclass(frozen=True, slots=True)
class HusbandryCall:
    """What one sample is called.

    Attributes
    ----------
    status : str
        ``supported``, ``inconclusive`` or ``neither``.
    best : int
        Class with the greatest posterior.
    likeliest, next : int
        Classes with the greatest and the second likelihood.
    log10 : float or None
        Of their ratio, bounded; None where the sample is out of range of the likeliest: it would say
        which of two wrong classes is the nearer one.
    outside : bool
        Whether it is out of range of the class with the greatest posterior.
    between : bool
        Whether that class would be supported, if the sample did not lie between the classes.
    excluded : tuple of bool
        Of each class.
    """

    status: Status
    best: int
    likeliest: int
    next: int
    log10: float | None
    outside: bool
    between: bool
    excluded: tuple[bool, ...]


def call_samples(
    posterior: np.ndarray,
    ratios: np.ndarray,
    tails: np.ndarray,
    calibrated: np.ndarray,
    between: np.ndarray,
    options: CaptiveOptions = CAPTIVE_DEFAULTS,
) -> list[HusbandryCall]:
    """Return what each sample is called.

    Parameters
    ----------
    posterior, ratios : numpy.ndarray of float64, shape (n, K)
        Of `HusbandryClassifier.predict_proba` and `log_ratios`.
    tails, calibrated, between : numpy.ndarray of float64, shape (n, K)
        Of `HusbandryClassifier.p_values`.
    """
    level = options.exclusion_level
    excluded = np.maximum(tails, calibrated) <= level
    far = np.minimum(tails, calibrated) <= level
    calls = []
    status: Status
    for row, shares in enumerate(posterior):
        likeliest, second = descending(ratios[row], are_logs=True)[:2].tolist()
        best = int(greatest(shares))
        log10 = float(ratios[row, likeliest] - ratios[row, second]) / math.log(10)
        is_likely = (
            reaches(float(shares[best]), options.confidence)
            and best == likeliest
            and not far[row, best]
            and verbal(log10=log10).favours == "first"
        )
        is_between = bool(between[row, best] <= BETWEEN_LEVEL)
        if excluded[row].all():
            status = "neither"
        else:
            status = "supported" if is_likely and not is_between else "inconclusive"
        calls.append(
            HusbandryCall(
                status,
                best,
                likeliest,
                second,
                None if far[row, likeliest] else log10,
                bool(far[row, best]),
                is_likely and is_between,
                tuple(excluded[row].tolist()),
            )
        )
    return calls


_MAX_NAMES = 10  # in one line


@dataclass(frozen=True, slots=True)
class ClassPerformance:
    """What samples of one class were called, each without its group.

    Attributes
    ----------
    right, wrong, inconclusive, neither : Rate
        `wrong`: another class was supported; `neither`: excluded from all classes, wrongly.
    unknown : Rate
        Samples that all other classes exclude, as if this class were not in the reference.
    """

    samples: int
    groups: int
    right: Rate
    wrong: Rate
    inconclusive: Rate
    neither: Rate
    unknown: Rate


@dataclass(frozen=True, slots=True)
class CalibrationBin:
    """Samples whose greatest posterior lies in one range.

    Attributes
    ----------
    low, high : float
        Limits of the range.
    stated : float
        Mean of the greatest posteriors.
    right : Rate
        Samples whose own class had it.
    """

    low: float
    high: float
    stated: float
    right: Rate


@dataclass(frozen=True)
class Performance:
    """What samples of the reference were called, each without its group.

    Attributes
    ----------
    accuracy : Rate
        Samples whose own class had the greatest posterior.
    calibration : tuple of CalibrationBin
        With the shares of classes among the samples as prior, so that shares of samples are what the
        posterior should give.
    cllr : float
        Cost of the log likelihood ratios: 0 is perfect, 1 says nothing, more misleads. With more
        than two classes the logarithmic loss of posteriors under an equal prior, divided by that of
        the prior.
    temperature : float
        Of the whole reference.
    excluded_from_own : tuple of str
        Names of samples that were excluded from their own class.

    References
    ----------
    Brümmer & du Preez 2006, doi:10.1016/j.csl.2005.08.001 (cllr).
    """

    samples: int
    groups: int
    accuracy: Rate
    classes: dict[str, ClassPerformance]
    calibration: tuple[CalibrationBin, ...]
    cllr: float
    temperature: float
    excluded_from_own: tuple[str, ...]

    def lines(self) -> list[tuple[str, str]]:
        """Return label and text of everything a person should read, in order."""
        reference = _("{samples} samples in {groups} groups; each group was left out and tested")
        lines = [
            (_("Reference"), reference.format(samples=self.samples, groups=self.groups)),
            (_("Likeliest class right"), _rate_text(self.accuracy)),
            *((name, _class_text(figures)) for name, figures in self.classes.items()),
            (_("Calibration"), self._calibration_text()),
            (
                _("Cost of ratios"),
                _("Cllr {value:.3f} (0 is perfect, 1 is uninformative)").format(value=self.cllr),
            ),
        ]
        if names := self.excluded_from_own:
            lines.append((_("Out of their own class"), name_some(names, _MAX_NAMES)))
        return lines

    def _calibration_text(self) -> str:
        text = _("stated {stated:.1%}, right {right}")
        return _("with the shares of the reference as prior: {bins}").format(
            bins=_("; ").join(
                text.format(stated=part.stated, right=_rate_text(part.right))
                for part in self.calibration
            )
        )


def _class_text(figures: ClassPerformance) -> str:
    text = _(
        "of {samples} samples in {groups} groups: supported {right}; another class supported "
        "{wrong}; inconclusive {inconclusive}; wrongly neither {neither}. Were the class not "
        "in the reference, neither: {unknown}"
    )
    return text.format(
        samples=figures.samples,
        groups=figures.groups,
        **{
            name: _rate_text(getattr(figures, name))
            for name in ("right", "wrong", "inconclusive", "neither", "unknown")
        },
    )


def _rate_text(rate: Rate) -> str:
    return _("{share:.1%} ({low:.1%}-{high:.1%})").format(
        share=rate.share, low=rate.low, high=rate.high
    )


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
        That the label is wrong, see `forensics.individual.captive.classifier`.
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
        ``supported``, ``inconclusive`` or ``neither``.
    supported : str or None
        The class that is supported; None unless the status is ``supported``.
    fit : Fit
        Whether any class describes the sample.
    beyond : tuple of str
        Classes that the sample lies farther out of than every sample of the reference of its own:
        their p-values are those of the density.
    suspects : tuple of SuspectLabel
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
    NOTICE_KINDS: ClassVar = notices

    status: Status
    supported: str | None
    fit: Fit
    beyond: tuple[str, ...] = field(metadata=stored("beyond_reference"))
    suspects: tuple[SuspectLabel, ...] = field(metadata=stored("suspect_labels"))
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
                "{prior:g})"
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
                "one of its classes. Isotopes do not show who bred the animal (see parentage)."
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
            return text + _("; capped, because the reference supports no greater one")
        return text + _("; the reference supports at most {bound:.3g}").format(
            bound=10**self.log10_bound
        )

    def _posterior_text(self) -> str:
        posteriors = self._stated_posteriors()
        if not posteriors:
            return _("none is given: the sample is out of range of the classes")
        return _("{shares}, if it is of one of them").format(
            shares=_("; ").join(
                _("{name} {p} (prior {prior:g})").format(
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
        inside = _("{share:.2%} of samples of {name} are at least as far out")
        out = _("{share:.2%} of samples of {name} are at least as far out: excluded")
        beyond = _(
            "of {name} {share:.2g} by the density; none of the {groups} groups of the reference "
            "is as far out of its own class"
        )
        beyond_out = _(
            "of {name} {share:.2g} by the density; none of the {groups} groups of the reference "
            "is as far out of its own class: excluded"
        )
        texts = {(False, False): inside, (False, True): out, (True, False): beyond,
                 (True, True): beyond_out}  # fmt: skip
        return _("; ").join(
            texts[name in self.beyond, name in self.excluded].format(
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
