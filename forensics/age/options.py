"""Options of dating and of clocks, with their defaults and bounds; no NumPy is imported for them."""

from forensics.core.options import Group, Options, option, option_class
from forensics.errors import UsageError
from forensics.messages import N_, _
from forensics.stats import LEVEL

# Where in the object the sample was taken. Only what formed last says anything about death.
POSITIONS = {
    "last_formed": N_("formed last: pulp-cavity surface, base of the horn, outermost ring"),
    "other": N_("formed earlier in life"),
    "unknown": N_("not recorded"),
}

# Transforms of age in the universal mammalian clocks (Lu et al. 2023, doi:10.1038/s43587-023-00462-6).
TRANSFORMS = ("none", "universal1", "universal2", "universal3")
# Transforms that a clock can be trained with; log(age + 2) is that of the first universal clock.
TRAINABLE = ("none", "universal1")

# Folds of the nested cross-validation by which a clock is trained.
OUTER_FOLDS, INNER_FOLDS = 10, 5
STEPS = OUTER_FOLDS + 1  # fits: one a fold, and that of the clock itself


@option_class
class DatingOptions(Options):
    """Of a date by radiocarbon."""

    seized: str = option(
        metavar="DATE",
        group=Group.EXAMINE,
        help=N_("Day of the seizure, such as 2016-03-01."),
    )
    since: float | None = option(
        default=None, help=N_("Earliest year possible; default: of the curve.")
    )
    position: str = option(
        default="unknown",
        choices=tuple(POSITIONS),
        help=N_(
            "Where in the object the sample was taken; last_formed: pulp-cavity surface, base of the "
            "horn, outermost ring. Of a series: of its distance 0."
        ),
    )
    after: tuple[str, ...] = option(
        default=(), metavar="DATE", help=N_("Day of a ban or listing; may be repeated.")
    )


@option_class
class GrowthOptions(Options):
    """How fast an object may have grown along which a series was sampled."""

    slowest: float = option(help=N_("Slowest growth possible, distance a year."))
    fastest: float = option(help=N_("Fastest growth possible, distance a year."))


@option_class
class ClockOptions(Options):
    """Of an age by a clock; None is what the clock itself says."""

    transform: str | None = option(
        default=None,
        choices=TRANSFORMS,
        help=N_("How the sum of a table of coefficients becomes years."),
    )
    level: float | None = option(
        default=None,
        above=0,
        below=1,
        shown_default=f"{LEVEL:g}",
        help=N_("Of the prediction interval of a trained clock."),
    )


@option_class
class LifeHistory(Options):
    """What universal clocks need to know of a species; years."""

    species: str = option(help=N_("Scientific name; universal clocks 2 and 3."))
    gestation: float = option(help=N_("Gestation, years."))
    maturity: float = option(help=N_("Mean age at sexual maturity, years."))
    lifespan: float = option(help=N_("Maximum lifespan on record, years."))

    def check(self) -> None:
        if not (self.gestation > 0 and self.maturity > 0 and self.lifespan > self.maturity):
            raise UsageError(
                _(
                    "{species}: gestation {gestation:g}, maturity {maturity:g}, lifespan {lifespan:g} "
                    "years; all must be above 0 and the lifespan beyond maturity. Are they in years?"
                ).format(**vars(self))
            )
