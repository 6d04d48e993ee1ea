"""What the measurements of one sample support, with how it was reached."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass

from forensics.core.notice import Notice
from forensics.core.provenance import Provenance
from forensics.fit import Fit
from forensics.individual.captive.evaluation import Performance
from forensics.messages import _, numeral
from forensics.result import Result, shown_probability
from forensics.verbal import verbal

__all__ = ["Husbandry", "SuspectLabel", "with_prior"]

# Priors under which the posterior is shown beside the stated one: little, even, much.
_OTHER_PRIORS = (0.1, 0.5, 0.9)


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
    sample : str
    group : str or None
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


@dataclass(frozen=True)
class Husbandry(Result):
    """What the measurements of one sample support.

    Attributes
    ----------
    sample : str
    status : str
        ``supported``, ``inconclusive`` or ``neither``, see `forensics.individual.captive.answers`.
    supported : str or None
        The class that is supported; None unless the status is ``supported``.
    values : dict of str to float
        Measurements that were used.
    units : dict of str to str
    posteriors : dict of str to float or None
        Of each class, under `prior`; None where the sample is out of range of the likeliest class:
        they would say which of two wrong classes is the nearer one.
    prior : dict of str to float
    p_values : dict of str to float
        Share of samples of each class that lie as far out, or farther.
    log10_lr : float or None
        Of the likeliest class against the next one; bounded, see `at_bound`; None where the sample
        is out of range of the likeliest.
    likeliest, next : str
    log10_bound : float
        Greatest such ratio that the reference supports.
    excluded : tuple of str
        Classes that are excluded at the level.
    level : float
    warnings : tuple of Notice
    performance : Performance
        Of the reference, with these measurements.
    provenance : Provenance
        ``library`` names the reference.
    beyond : tuple of str
        Classes that the sample lies farther out of than every sample of the reference of its own:
        their p-values are those of the density.
    groups : int
        Independent groups of the reference.
    fit : Fit or None
        Whether any class describes the sample; None of a finding of an older version.
    suspects : tuple of SuspectLabel, or None
        Of the reference.
    """

    sample: str
    status: str
    supported: str | None
    values: Mapping[str, float]
    units: Mapping[str, str]
    posteriors: Mapping[str, float | None]
    prior: Mapping[str, float]
    p_values: Mapping[str, float]
    log10_lr: float | None
    likeliest: str
    next: str
    log10_bound: float
    excluded: tuple[str, ...]
    level: float
    warnings: tuple[Notice, ...]
    performance: Performance
    provenance: Provenance
    beyond: tuple[str, ...] = ()
    groups: int = 0
    fit: Fit | None = None
    suspects: tuple[SuspectLabel, ...] | None = None

    @property
    def at_bound(self) -> bool:
        """Whether the ratio was cut off at what the reference supports."""
        return self.log10_lr is not None and self.log10_lr >= self.log10_bound - 1e-9

    def under_other_priors(self) -> dict[float, float]:
        """Return the posterior of the class with the greatest one, by its prior.

        The other classes keep their shares of the rest. Empty where there are no posteriors.
        """
        posteriors = self._stated_posteriors()
        if not posteriors:
            return {}
        best = max(posteriors, key=posteriors.__getitem__)
        p, prior = posteriors[best], self.prior[best]
        return {other: with_prior(p, prior, other) for other in _OTHER_PRIORS}

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

    def lines(self) -> list[tuple[str, str]]:
        """Return label and text of everything a person should read, in order."""
        measured = (
            f"{name} {numeral(value, 'g')} {self.units[name]}"
            for name, value in self.values.items()
        )
        return [
            (_("Result"), self.headline()),
            (_("Measured"), ", ".join(one.strip() for one in measured)),
            (_("Likelihood ratio"), self._ratio_text()),
            *self._posterior_lines(),
            (_("As far out"), self._tail_text()),
            *((_("Note"), warning.message) for warning in self.warnings),
            (
                _("Limits"),
                _(
                    "This compares diet and water, as isotopes show them, with the samples of the "
                    "reference. A kind of keeping or a place that the reference lacks may look like "
                    "one of its classes. Who bred the animal is another question (parentage)."
                ),
            ),
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

    def _posterior_lines(self) -> list[tuple[str, str]]:
        posteriors, others = self._stated_posteriors(), self.under_other_priors()
        if not posteriors:
            return [(_("Posterior"), _("none is given: the sample is out of range of the classes"))]
        shares = _("{shares}, if it is of one of them").format(
            shares=_("; ").join(
                _("{name} {p} (prior {prior:.2f})").format(
                    name=name, p=shown_probability(p), prior=self.prior[name]
                )
                for name, p in posteriors.items()
            )
        )
        under = _("; ").join(
            _("{p} with a prior of {prior:g}").format(p=shown_probability(p), prior=prior)
            for prior, p in others.items()
        )
        best = max(posteriors, key=posteriors.__getitem__)
        return [(_("Posterior"), shares), (_("Other priors"), f"{best}: {under}")]

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
            texts[name in self.beyond, name in self.excluded].format(
                name=name, share=share, groups=self.groups
            )
            for name, share in self.p_values.items()
        )

    def to_dict(self) -> dict:
        """Return plain values, in the order of the documentation."""
        return {
            "sample": self.sample,
            "status": self.status,
            "supported": self.supported,
            "result": self.headline(),
            **self._checked(),
            "values": dict(self.values),
            "units": dict(self.units),
            "posteriors": dict(self.posteriors),
            "prior": dict(self.prior),
            "under_other_priors": [
                {"prior": prior, "posterior": p} for prior, p in self.under_other_priors().items()
            ],
            "p_values": dict(self.p_values),
            "excluded": list(self.excluded),
            "level": self.level,
            "likelihood_ratio": {
                "log10": self.log10_lr,
                "of": self.likeliest,
                "against": self.next,
                "log10_bound": self.log10_bound,
                "at_bound": self.at_bound,
            },
            "explanation": self.explanation(),
            "warnings": [notice.to_dict() for notice in self.warnings],
            "performance": self.performance.to_dict(),
            "provenance": self.provenance.to_dict(),
        }

    def _checked(self) -> dict:
        """Return what findings of older versions do not have."""
        if self.fit is None:
            return {}
        return {
            "fit": self.fit.to_dict(),
            "beyond_reference": list(self.beyond),
            "suspect_labels": [asdict(one) for one in self.suspects or ()],
        }

    def to_row(self) -> dict:
        """Return the values of one line of CSV."""
        made = self.provenance
        return {
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
            "warnings": " ".join(warning.code for warning in self.warnings),
            "input_file": made.files[0]["file"],
            "input_sha256": made.files[0]["sha256"],
            "reference": made.library["name"],
            "reference_sha256": made.library["sha256"],
            "version": made.version,
            "time": made.time,
        }

    def __repr__(self) -> str:
        return f"<Husbandry {self.sample}: {self.headline()}>"
