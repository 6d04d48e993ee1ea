"""How a reference does on its own samples, as it is recorded and shown beside a result."""

from dataclasses import dataclass

from forensics.messages import _
from forensics.stats.intervals import Rate

__all__ = ["CalibrationBin", "ClassPerformance", "Performance"]

_MAX_NAMES = 10  # in one line


@dataclass(frozen=True, slots=True)
class ClassPerformance:
    """What samples of one class were called, each without its group.

    Attributes
    ----------
    right, wrong, inconclusive, neither : Rate
        `wrong`: another class was supported; `neither`: excluded from all classes, wrongly.
    unknown : Rate or None
        Samples that all other classes exclude, as if this class were not in the reference; None where
        the others have too few groups to exclude anything at the level.
    """

    samples: int
    groups: int
    right: Rate
    wrong: Rate
    inconclusive: Rate
    neither: Rate
    unknown: Rate | None


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
        reference = _(
            "{samples} samples in {groups} groups; each group was left out and asked about"
        )
        lines = [
            (_("Reference"), reference.format(samples=self.samples, groups=self.groups)),
            (_("Likeliest class right"), _rate_text(self.accuracy)),
            *((name, _class_text(figures)) for name, figures in self.classes.items()),
            (_("Calibration"), self._calibration_text()),
            (
                _("Cost of ratios"),
                _("Cllr {value:.3f} (0 is perfect, 1 says nothing)").format(value=self.cllr),
            ),
        ]
        if names := self.excluded_from_own:
            shown = ", ".join(names[:_MAX_NAMES]) + (" …" if len(names) > _MAX_NAMES else "")
            lines.append((_("Out of their own class"), shown))
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
        right=_rate_text(figures.right),
        wrong=_rate_text(figures.wrong),
        inconclusive=_rate_text(figures.inconclusive),
        neither=_rate_text(figures.neither),
        unknown=_("cannot be found, with so few groups of the others")
        if figures.unknown is None
        else _rate_text(figures.unknown),
    )


def _rate_text(rate: Rate) -> str:
    return _("{share:.1%} ({low:.1%}-{high:.1%})").format(
        share=rate.share, low=rate.low, high=rate.high
    )
