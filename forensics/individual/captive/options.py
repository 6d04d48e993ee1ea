"""Options of wild or captive, with defaults and bounds; no NumPy is imported for them."""

from forensics.core.options import Group, Options, option, option_class
from forensics.messages import N_


@option_class
class CaptiveOptions(Options):
    """Of the classifier by a laboratory's own samples; confidence and level are those of populations."""

    class_prior: tuple[str, ...] = option(
        default=(),
        metavar="CLASS=P",
        help=N_("Prior probability of a class, such as wild=0.7; all of them or none (equal)."),
    )
    confidence: float = option(
        default=0.95,
        above=0.5,
        below=1,
        help=N_("Posterior that a supported class must reach."),
    )
    exclusion_level: float = option(
        default=0.01,
        above=0,
        below=1,
        help=N_("Share of samples of a class that may be excluded wrongly."),
    )
    without_suspects: bool = option(
        default=False,
        group=Group.DECIDE,
        help=N_(
            "Leave out reference samples whose label their own measurements contradict; results say so."
        ),
    )


DEFAULT = CaptiveOptions()
